#include "CSpeech.h"

// #embed came with C23; clang takes it in older modes too and warns.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char archive[] = {
#embed "speech.bin"
};

const unsigned char *turnkeeper_speech(void) { return archive; }
size_t turnkeeper_speech_size(void) { return sizeof archive; }
