#define _GNU_SOURCE
#include "CLinux.h"

#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/un.h>

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

int tk_silence(int fd) {
    char byte;
    ssize_t count = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count > 0) return 0;
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) ||
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
        return INT_MAX;
    uint32_t silence = info.tcpi_last_data_recv < info.tcpi_last_ack_recv
        ? info.tcpi_last_data_recv : info.tcpi_last_ack_recv;
    return silence < 1 ? 1 : silence < INT_MAX ? (int)silence : INT_MAX;
}

int tk_is_quiet(int fd) {
    char byte;
    return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

int tk_unacknowledged(int fd) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    // Behind the last acknowledgement something was sent, for the first time or again. That tells a
    // host that is gone from one that has no room: it acknowledges what it drops, and between two
    // probes of its window, which may be minutes apart, nothing is under way.
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) || info.tcpi_unacked == 0 ||
        info.tcpi_last_data_sent >= info.tcpi_last_ack_recv)
        return 0;
    return info.tcpi_last_ack_recv < INT_MAX ? (int)info.tcpi_last_ack_recv : INT_MAX;
}

int tk_notify(const char *name, const char *text) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    if (length == 0 || length >= sizeof address.sun_path) return -EINVAL;
    memcpy(address.sun_path, name, length);
    if (name[0] == '@') address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    int failure = sent < 0 ? -errno : 0;
    close(fd);
    return failure;
}

// Replaces `hypotf`, which the Swift library refers to and nothing here calls: its newest version
// needs glibc 2.35. In double, the squares of floats neither overflow nor lose precision.
float __wrap_hypotf(float a, float b) { return (float)sqrt((double)a * a + (double)b * b); }

const char *tk_error_text(int code, char *text) { return strerror_r(code, text, 128); }

void tk_return_large_blocks(void) {
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

void tk_trim(void) { malloc_trim(0); }

long tk_allocated_bytes(void) {
    struct mallinfo2 given = mallinfo2();
    return given.uordblks + given.hblkhd;
}

int tk_open_memory_figures(void) { return open("/proc/self/statm", O_RDONLY | O_CLOEXEC); }

int tk_start_thread(pthread_t *thread, void *(*body)(void *), void *argument) {
    pthread_attr_t attributes;
    int failure = pthread_attr_init(&attributes);
    if (failure) return failure;
    pthread_attr_setstacksize(&attributes, TK_STACK);
    failure = pthread_create(thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return failure;
}

void tk_mapped_bytes(int figures, long *all, long *data) {
    char text[128];
    *all = *data = 0;
    ssize_t size = pread(figures, text, sizeof text - 1, 0);
    if (size <= 0) return;
    text[size] = 0;
    // Pages: all; in memory, shared, of code, of nothing; of data.
    if (sscanf(text, "%ld %*d %*d %*d %*d %ld", all, data) != 2) *all = *data = 0;
    *all *= sysconf(_SC_PAGESIZE);
    *data *= sysconf(_SC_PAGESIZE);
}

void tk_mapping_limits(long *all, long *data) {
    struct rlimit limit;
    *all = getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur > LONG_MAX ? LONG_MAX
                                                                    : (long)limit.rlim_cur;
    *data = getrlimit(RLIMIT_DATA, &limit) || limit.rlim_cur > LONG_MAX ? LONG_MAX
                                                                       : (long)limit.rlim_cur;
}

void tk_limit_heaps(int most) { mallopt(M_ARENA_MAX, most + 1); }

long tk_resident_bytes(int figures) {
    char text[128];
    ssize_t size = pread(figures, text, sizeof text - 1, 0);
    if (size <= 0) return 0;
    text[size] = 0;
    long pages = 0;
    return sscanf(text, "%*d %ld", &pages) == 1 ? pages * sysconf(_SC_PAGESIZE) : 0;
}

static int unix_socket(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

static int closing(int fd) {
    int failure = errno;
    close(fd);
    return -failure;
}

int tk_unix_listen(const char *path) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return fd;
    unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4)) return closing(fd);
    return fd;
}

int tk_unix_connect(const char *path) {
    struct sockaddr_un address;
    int fd = unix_socket(path, &address);
    if (fd < 0) return fd;
    if (connect(fd, (struct sockaddr *)&address, sizeof address)) return closing(fd);
    return fd;
}

int tk_unix_accept(int fd) {
    int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    return accepted < 0 ? -errno : accepted;
}

int tk_unix_peer(int fd) {
    struct ucred peer = {0};
    socklen_t length = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) ? 0 : peer.pid;
}

enum { most_descriptors = 250 };

int tk_send_descriptors(int fd, const int *descriptors, int count) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(most_descriptors * sizeof(int))];
    } control = {0};
    char byte = 1;
    struct iovec data = {&byte, 1};
    if (count > most_descriptors) count = most_descriptors;
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), descriptors, count * sizeof(int));
    return sendmsg(fd, &message, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

int tk_receive_descriptors(int fd, int *descriptors, int capacity) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(most_descriptors * sizeof(int))];
    } control;
    char byte;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = sizeof control};
    ssize_t got;
    while ((got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {}
    if (got <= 0) return got < 0 ? -errno : 0;
    int count = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS) continue;
        int here = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int i = 0; i < here; i++) {
            int one;
            memcpy(&one, CMSG_DATA(h) + i * sizeof(int), sizeof one);
            if (count < capacity) descriptors[count++] = one;
            else close(one);
        }
    }
    return count;
}

int tk_open_directory(const char *path) {
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}
