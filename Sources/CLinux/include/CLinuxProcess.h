#pragma once
// What the contributor's program needs to start, pin and measure other processes.
#include <spawn.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/// Pins the calling process to one CPU below 64; 0 or -1. By number, since the library's wrapper is
/// not declared when another module has included sched.h before.
static inline int tk_pin(int cpu) {
    unsigned long set = 1UL << (cpu & 63);
    return (int)syscall(SYS_sched_setaffinity, 0, sizeof set, &set);
}
/// Nanoseconds of CPU that a process has used in all its threads, or -1.
static inline int64_t tk_cpu_of(pid_t process) {
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &t) != 0) return -1;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
/// Asks the kernel to end this process when its parent ends; variadic in the header.
static inline int tk_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }
/// Neither a core nor a debugger of the same user gets at this process's memory: keys lie there.
static inline void tk_keep_memory_private(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
/// Starts a program with this process's environment (a mutable global); its id, or -1.
static inline pid_t tk_spawn(const char *path, char *const arguments[]) {
    extern char **environ;
    pid_t process = -1;
    return posix_spawn(&process, path, 0, 0, arguments, environ) == 0 ? process : -1;
}
/// As many descriptors as the hard limit allows; its enumeration has another type in each header.
static inline void tk_raise_descriptors(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}
/// How many descriptors the process may have.
static inline int tk_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > 1 << 30) return 1 << 30;
    return (int)limit.rlim_cur;
}
/// Opens a file for reading; variadic in the header.
static inline int tk_open(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
/// Opens a file for writing, emptied; variadic in the header.
static inline int tk_create(const char *path) {
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}
