#ifndef TURNKEEPER_INSPECTOR_H
#define TURNKEEPER_INSPECTOR_H

#include <stddef.h>

/// A file of the inspector's page. Constant, for the life of the process.
struct turnkeeper_asset {
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

/// The files in no order; `NULL` after the last.
const struct turnkeeper_asset *turnkeeper_inspector(size_t index);

#endif
