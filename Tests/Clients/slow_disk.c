// Loaded before the program's own libraries: a disk that takes a minute to have what it was given while
// the file SLOW_DISK exists, and a share that takes as long to give out a policy while SLOW_SHARE does.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int wait_while(const char *name) {
    const char *sign = getenv(name);
    for (int tenth = 0; tenth < 600 && sign && access(sign, F_OK) == 0; tenth++) usleep(100000);
    return 0;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (strstr(path, ".yaml")) wait_while("SLOW_SHARE");
    int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    return next(path, flags, mode);
}

int fsync(int fd) {
    (void)fd;
    return wait_while("SLOW_DISK");
}

int fdatasync(int fd) {
    (void)fd;
    return wait_while("SLOW_DISK");
}
