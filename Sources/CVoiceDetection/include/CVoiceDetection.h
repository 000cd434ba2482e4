#pragma once
#include <stdint.h>

// WebRTC's audio processing as C: one microphone, 16 kHz, 16 bit, frames of 10 ms. A detector
// belongs to one thread at a time.

#ifdef __cplusplus
extern "C" {
#endif

enum { TK_DETECTOR_FRAME = 160 };

typedef struct tk_detector tk_detector;

// NULL if the library cannot be set up.
tk_detector *tk_detector_create(void);
void tk_detector_destroy(tk_detector *detector);

// Whether the frame sounds like a voice: 1 or 0; -1 if the library failed. `samples` are
// cleaned in place: hum and steady noise are removed.
int tk_detector_process(tk_detector *detector, int16_t samples[TK_DETECTOR_FRAME]);

#ifdef __cplusplus
}
#endif
