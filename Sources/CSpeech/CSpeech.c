#include "CSpeech.h"

// #embed is new in C23; clang accepts it in older modes, with a warning.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char archive[] = {
#embed "speech.bin"
};

const unsigned char *turnkeeper_speech(void) { return archive; }
size_t turnkeeper_speech_size(void) { return sizeof archive; }
