// Loaded before the program's own libraries: a disk that takes a minute to have what it was given,
// for as long as the file SLOW_DISK exists.
#include <stdlib.h>
#include <unistd.h>

static int wait_for_disk(void) {
    const char *sign = getenv("SLOW_DISK");
    for (int tenth = 0; tenth < 600 && sign && access(sign, F_OK) == 0; tenth++) usleep(100000);
    return 0;
}

int fsync(int fd) {
    (void)fd;
    return wait_for_disk();
}

int fdatasync(int fd) {
    (void)fd;
    return wait_for_disk();
}
