#pragma once
// Parts of the kernel's headers and glibc that Swift cannot import: packed structures, variadic
// functions, function-like macros, and declarations that need _GNU_SOURCE (defining it here would
// make these headers differ from the standard library's import of them). Nothing else belongs here.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "CLinuxProcess.h"

/// Nanoseconds on CLOCK_MONOTONIC.
static inline int64_t tk_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
/// Nanoseconds since 1970 on CLOCK_REALTIME.
static inline int64_t tk_wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
static inline int tk_errno(void) { return errno; }
/// CPU time used by the calling thread, in nanoseconds.
static inline int64_t tk_thread_cpu(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// Starts a thread that runs `body(argument)`; 0, or an errno. Its stack may be as large as
/// TK_STACK, whatever `ulimit -s` says.
int tk_start_thread(pthread_t *thread, void *(*body)(void *), void *argument);
/// What glibc itself takes where `ulimit -s` is unlimited; ours use some 100 KiB. Only address
/// space, until it is used.
#define TK_STACK (2 << 20)
/// Names the calling thread, for `top -H` and debuggers; cut at 15 bytes.
void tk_name_thread(const char *name);

// MARK: Readiness

static inline int tk_epoll_add(int epoll, int fd, uint32_t events, uint64_t tag) {
    struct epoll_event e = {.events = events, .data.u64 = tag};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) == 0 ? 0 : -errno;
}
static inline int tk_epoll_modify(int epoll, int fd, uint32_t events, uint64_t tag) {
    struct epoll_event e = {.events = events, .data.u64 = tag};
    return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e) == 0 ? 0 : -errno;
}
static inline int tk_epoll_remove(int epoll, int fd) {
    return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL) == 0 ? 0 : -errno;
}
/// `events` has room for `count` struct epoll_event (12 bytes each). Waits `timeout` nanoseconds,
/// forever if it is negative. Returns how many are ready; -EINTR if the process was stopped and goes
/// on, since no other signal interrupts a thread that blocks them all.
///
/// Like `tk_receive` and `tk_send`, this bypasses the C library, in which each of these calls is a
/// cancellation point with a cost. No thread is cancelled here.
static inline int tk_epoll_wait(int epoll, void *events, int count, int64_t timeout) {
    // Linux before 5.11 knows whole milliseconds only, and is asked once; so is valgrind.
    static int is_old;
    int ready = -1;
    if (!__atomic_load_n(&is_old, __ATOMIC_RELAXED)) {
        struct timespec t = {timeout / 1000000000, timeout % 1000000000};
        ready = (int)syscall(SYS_epoll_pwait2, epoll, events, count, timeout < 0 ? NULL : &t, NULL,
                             (size_t)8);
        if (ready < 0 && errno == ENOSYS) __atomic_store_n(&is_old, 1, __ATOMIC_RELAXED);
    }
    if (__atomic_load_n(&is_old, __ATOMIC_RELAXED))
        ready = (int)syscall(SYS_epoll_pwait, epoll, events, count,
                             timeout < 0 ? -1 : (int)((timeout + 999999) / 1000000), NULL,
                             (size_t)8);
    return ready >= 0 ? ready : errno == EINTR ? -EINTR : 0;
}
static inline uint64_t tk_event_tag(const void *events, int index) {
    return ((const struct epoll_event *)events)[index].data.u64;
}
static inline uint32_t tk_event_flags(const void *events, int index) {
    return ((const struct epoll_event *)events)[index].events;
}
enum { tk_event_size = sizeof(struct epoll_event) };
static const uint32_t tk_in = EPOLLIN, tk_out = EPOLLOUT, tk_error = EPOLLERR, tk_hangup = EPOLLHUP,
                      tk_peer_closed = EPOLLRDHUP;

// MARK: Sockets. Every function returns -errno on failure.

/// An IPv4 or IPv6 address and port, all in host byte order; IPv4 in the lowest 32 bits.
typedef struct {
    uint64_t high, low;
    uint32_t scope;
    uint16_t port;
    uint8_t is_ipv6;
} tk_address;

static inline socklen_t tk_to_sockaddr(tk_address a, struct sockaddr_storage *s) {
    memset(s, 0, sizeof *s);
    if (!a.is_ipv6) {
        struct sockaddr_in *in = (struct sockaddr_in *)s;
        in->sin_family = AF_INET;
        in->sin_port = htons(a.port);
        in->sin_addr.s_addr = htonl((uint32_t)a.low);
        return sizeof *in;
    }
    struct sockaddr_in6 *in = (struct sockaddr_in6 *)s;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(a.port);
    in->sin6_scope_id = a.scope;
    for (int i = 0; i < 8; i++) {
        in->sin6_addr.s6_addr[i] = (uint8_t)(a.high >> (56 - 8 * i));
        in->sin6_addr.s6_addr[8 + i] = (uint8_t)(a.low >> (56 - 8 * i));
    }
    return sizeof *in;
}
static inline tk_address tk_from_sockaddr(const struct sockaddr *s) {
    tk_address a = {0};
    if (s->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)s;
        a.low = ntohl(in->sin_addr.s_addr);
        a.port = ntohs(in->sin_port);
    } else if (s->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)s;
        a.is_ipv6 = 1;
        a.port = ntohs(in->sin6_port);
        a.scope = in->sin6_scope_id;
        for (int i = 0; i < 8; i++) {
            a.high = a.high << 8 | in->sin6_addr.s6_addr[i];
            a.low = a.low << 8 | in->sin6_addr.s6_addr[8 + i];
        }
    }
    return a;
}
/// 1 if `text` is a literal address, which is then in `*address` with port 0.
static inline int tk_parse_address(const char *text, tk_address *address) {
    struct sockaddr_in in4 = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
        *address = tk_from_sockaddr((const struct sockaddr *)&in4);
    else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
        *address = tk_from_sockaddr((const struct sockaddr *)&in6);
    else
        return 0;
    return 1;
}
/// The address without its port; `text` has room for 46 bytes.
static inline void tk_format_address(tk_address address, char *text) {
    struct sockaddr_storage s;
    tk_to_sockaddr(address, &s);
    if (address.is_ipv6)
        inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&s)->sin6_addr, text, 46);
    else
        inet_ntop(AF_INET, &((struct sockaddr_in *)&s)->sin_addr, text, 46);
}
/// Looks up a name, which may take seconds. Writes at most `capacity` addresses with port 0 and
/// returns their number, or a negative EAI_ code.
static inline int tk_resolve(const char *name, tk_address *addresses, int capacity) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int failure = getaddrinfo(name, NULL, &hints, &list), count = 0;
    if (failure) return failure < 0 ? failure : -failure;
    for (struct addrinfo *i = list; i && count < capacity; i = i->ai_next)
        if (i->ai_family == AF_INET || i->ai_family == AF_INET6)
            addresses[count++] = tk_from_sockaddr(i->ai_addr);
    freeaddrinfo(list);
    return count;
}
static inline void tk_set(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);
}
/// A socket at an address, at which nobody listens yet; if it `shares`, one of several there.
static inline int tk_bind(tk_address address, int shares) {
    struct sockaddr_storage s;
    socklen_t length = tk_to_sockaddr(address, &s);
    int fd = socket(s.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    tk_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (shares) tk_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (bind(fd, (struct sockaddr *)&s, length)) {
        int failure = errno;
        close(fd);
        return -failure;
    }
    return fd;
}
/// 0, or -errno.
static inline int tk_start_listening(int fd, int backlog) {
    return listen(fd, backlog) ? -errno : 0;
}
/// A listening socket; if it `shares`, one of several at the same address.
static inline int tk_listen(tk_address address, int backlog, int shares) {
    int fd = tk_bind(address, shares), failure = fd < 0 ? fd : tk_start_listening(fd, backlog);
    if (fd >= 0 && failure) close(fd);
    return failure ? failure : fd;
}
/// 0 if the address can be listened on now, otherwise -errno; binds and closes at once.
static inline int tk_try_listen(tk_address address) {
    struct sockaddr_storage s;
    socklen_t length = tk_to_sockaddr(address, &s);
    int fd = socket(s.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    tk_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    int failure = bind(fd, (struct sockaddr *)&s, length) || listen(fd, 1) ? -errno : 0;
    close(fd);
    return failure;
}
static inline int tk_local_address(int fd, tk_address *address) {
    struct sockaddr_storage s;
    socklen_t length = sizeof s;
    if (getsockname(fd, (struct sockaddr *)&s, &length)) return -errno;
    *address = tk_from_sockaddr((struct sockaddr *)&s);
    return 0;
}
static inline void tk_tune(int fd) {
    tk_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    tk_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}
/// Sends one datagram to a socket in the file system, or an abstract one if its name begins with @.
int tk_notify(const char *socket, const char *text);
/// The next client's socket.
int tk_accept(int listener, tk_address *peer);
/// A socket that is connecting, or already connected; tk_socket_error returns its error.
static inline int tk_connect(tk_address address) {
    struct sockaddr_storage s;
    socklen_t length = tk_to_sockaddr(address, &s);
    int fd = socket(s.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    tk_tune(fd);
    if (connect(fd, (struct sockaddr *)&s, length) && errno != EINPROGRESS && errno != EINTR) {
        int failure = errno;
        close(fd);
        return -failure;
    }
    return fd;
}
/// For how many milliseconds the peer has sent nothing, or since it connected; 0 if something of it
/// has not been read yet. A peer that has sent FIN has been silent for ever.
int tk_silence(int fd);
/// Whether the connection stands, and everything that the peer has sent has been read: 1 or 0.
int tk_is_quiet(int fd);
/// For how many milliseconds the peer's host has acknowledged nothing although something was sent to
/// it since, and is sent again and again; 0 if nothing waits for its acknowledgement. A peer that does
/// not read, or has no room, acknowledges all the same.
int tk_unacknowledged(int fd);
/// The socket's pending error, or 0.
static inline int tk_socket_error(int fd) {
    int failure = 0;
    socklen_t length = sizeof failure;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length) ? errno : failure;
}
static inline long tk_receive(int fd, void *bytes, size_t count, int flags) {
    for (;;) {
        long n = syscall(SYS_recvfrom, fd, bytes, count, flags, NULL, NULL);
        if (n >= 0) return n;
        if (errno != EINTR) return -errno;
    }
}
static inline long tk_send(int fd, const void *bytes, size_t count) {
    for (;;) {
        long n = syscall(SYS_sendto, fd, bytes, count, MSG_NOSIGNAL, NULL, 0);
        if (n >= 0) return n;
        if (errno != EINTR) return -errno;
    }
}
/// Tells the peer that nothing more will be sent.
static inline void tk_finish(int fd) { shutdown(fd, SHUT_WR); }
/// If `abruptly`, closes with a reset, so that the kernel keeps nothing of the connection.
static inline void tk_close(int fd, int abruptly) {
    if (abruptly) {
        struct linger l = {.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    }
    close(fd);
}

// MARK: Wake-ups between threads

static inline int tk_eventfd(int is_semaphore) {
    int fd = eventfd(0, EFD_CLOEXEC | (is_semaphore ? EFD_SEMAPHORE : EFD_NONBLOCK));
    return fd < 0 ? -errno : fd;
}
static inline void tk_eventfd_add(int fd) {
    uint64_t one = 1;
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {}
}
static inline void tk_eventfd_take(int fd) {
    uint64_t value;
    while (read(fd, &value, sizeof value) < 0 && errno == EINTR) {}
}
/// 1 if the counter becomes nonzero within so many milliseconds; does not reset it.
static inline int tk_await(int fd, int milliseconds) {
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    return poll(&entry, 1, milliseconds) > 0;
}
static inline void tk_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }
/// The system's text for an error number; `text` has room for 128 bytes.
const char *tk_error_text(int code, char *text);

// MARK: Memory

/// Makes the allocator return large blocks when they are freed, instead of adapting and keeping
/// them.
void tk_return_large_blocks(void);
/// Returns the free memory that the allocator keeps.
void tk_trim(void);
/// Bytes that the allocator has given out, to all threads.
long tk_allocated_bytes(void);
/// `/proc/self/statm`, kept open: it is read when descriptors are short, too. Negative on failure.
int tk_open_memory_figures(void);
/// Bytes of this process in memory, from the above; 0 if they cannot be read.
long tk_resident_bytes(int figures);

/// Reads from the above how many bytes are mapped, and how many of them are data in the sense of
/// RLIMIT_DATA; 0 if they cannot be read.
void tk_mapped_bytes(int figures, long *all, long *data);
/// What RLIMIT_AS and RLIMIT_DATA let the process map, in bytes; LONG_MAX without a limit.
void tk_mapping_limits(long *all, long *data);
/// The most heaps that threads get of their own, beside the first one's. Call it before the first
/// thread is started. Each takes TK_HEAP of address space at a time.
void tk_limit_heaps(int most);
#define TK_HEAP (64L << 20)

// MARK: Descriptors between processes. Paths are shorter than 108 bytes, as the kernel requires.

int tk_unix_listen(const char *path);
int tk_unix_connect(const char *path);
int tk_unix_accept(int fd);
/// The number of the process that connected; 0 if it is not known.
int tk_unix_peer(int fd);
/// Sends one byte, and the descriptors with it.
int tk_send_descriptors(int fd, const int *descriptors, int count);
/// Waits for them; returns their number, at most `capacity`.
int tk_receive_descriptors(int fd, int *descriptors, int capacity);
int tk_open_directory(const char *path);
/// Sets flags that a received descriptor may lack: non-blocking, close-on-exec.
static inline void tk_adopt(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}
/// Whether clients of TCP can be accepted from it.
static inline int tk_is_listening(int fd) {
    int domain = 0, type = 0, listens = 0;
    socklen_t length = sizeof(int);
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 &&
           (domain == AF_INET || domain == AF_INET6) && type == SOCK_STREAM && listens;
}
static inline int tk_duplicate(int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, 3); }

// MARK: Files

/// Opens a file, creating it if it is missing, and waits until no other process holds it. Close the
/// descriptor to release it. -errno on failure.
static inline int tk_lock_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return -errno;
    while (flock(fd, LOCK_EX))
        if (errno != EINTR) {
            int failure = errno;
            close(fd);
            return -failure;
        }
    return fd;
}
/// The same, but -EWOULDBLOCK if another process holds it.
/// Opens /dev/null in the place of closed standard descriptors. The next files and sockets would get
/// their numbers, and what is written to stderr would go there.
static inline void tk_open_standard_descriptors(void) {
    for (int fd = 0; fd < 3; fd++) {
        // The lowest free number is the one that is closed.
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) (void)open("/dev/null", O_RDWR);
    }
}

/// Whether the descriptor is of the file that has this path now.
static inline int tk_is_file(const char *path, int fd) {
    struct stat named, open;
    return !stat(path, &named) && !fstat(fd, &open) && named.st_ino == open.st_ino
        && named.st_dev == open.st_dev;
}

/// 0 for a directory, a pipe or a device.
static inline int tk_is_file_or_missing(const char *path) {
    struct stat found;
    return stat(path, &found) != 0 || S_ISREG(found.st_mode);
}
static inline int tk_try_lock_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        int failure = errno;
        close(fd);
        return -failure;
    }
    return fd;
}
