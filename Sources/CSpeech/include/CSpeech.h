#ifndef TURNKEEPER_SPEECH_H
#define TURNKEEPER_SPEECH_H

#include <stddef.h>

/// Recorded phrases, in the format that make_speech.py describes. Constant, for the life of the process.
const unsigned char *turnkeeper_speech(void);
size_t turnkeeper_speech_size(void);

#endif
