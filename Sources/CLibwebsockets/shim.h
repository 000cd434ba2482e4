#pragma once
// What Swift cannot import from libwebsockets: function-like macros. Nothing else belongs here.
#include <libwebsockets.h>

static inline size_t tk_lws_pre(void) { return LWS_PRE; }
