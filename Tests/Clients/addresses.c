// Loaded before the program's own libraries: the name NAME has the addresses ADDRESSES, in that order.
// The system's own resolver would sort them, and leaves out what it thinks cannot be reached.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    const char *name = getenv("NAME"), *addresses = getenv("ADDRESSES");
    if (!node || !name || !addresses || strcmp(node, name) != 0) return next(node, service, hints, found);
    char *list = strdup(addresses), *rest = list, *address;
    *found = NULL;
    // glibc frees a list entry by entry, so that lists can be joined.
    struct addrinfo **end = found;
    while ((address = strsep(&rest, " "))) {
        if (next(address, service, hints, end) != 0) continue;
        while (*end) end = &(*end)->ai_next;
    }
    free(list);
    return *found ? 0 : EAI_NONAME;
}
