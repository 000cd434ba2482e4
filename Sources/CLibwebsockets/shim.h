#pragma once
// Parts of libwebsockets that Swift cannot import: function-like macros. Nothing else belongs here.
#include <libwebsockets.h>

static inline size_t tk_lws_pre(void) { return LWS_PRE; }
