#define _GNU_SOURCE
#include "CLinux.h"

#include <malloc.h>

void tk_name_thread(const char *name) {
    char cut[16] = {0};
    strncpy(cut, name, sizeof cut - 1);
    pthread_setname_np(pthread_self(), cut);
}

int tk_accept(int listener, tk_address *peer) {
    struct sockaddr_storage s;
    socklen_t length = sizeof s;
    int fd = accept4(listener, (struct sockaddr *)&s, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return -errno;
    *peer = tk_from_sockaddr((struct sockaddr *)&s);
    tk_tune(fd);
    return fd;
}

const char *tk_error_text(int code, char *text) { return strerror_r(code, text, 128); }

void tk_return_large_blocks(void) {
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

void tk_trim(void) { malloc_trim(0); }
