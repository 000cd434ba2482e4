#pragma once

// Loops over bytes for which a processor has wider instructions than those every one of its kind
// has. Each is compiled for both and chosen once, when the program starts; Swift has no means for
// that. Nothing here keeps, allocates or calls anything.

#include <stddef.h>
#include <stdint.h>

/// Writes `count` bytes of `source`, XOR the mask, to `target`: the same memory, or memory that
/// does not overlap. The mask's lowest byte meets the first byte. Returns 1 if every byte written
/// is ASCII, else 0.
int tk_mask_copy(const void *source, void *target, size_t count, uint32_t mask);

/// The offset, at or after `at`, of the first quote, backslash or control character below U+0020.
/// If there is none, an offset up to which there is none and from which fewer than 16 bytes follow.
size_t tk_end_of_text(const uint8_t *bytes, size_t at, size_t count);

/// Whether none of `count` bytes, 32 or more, is a quote, a backslash or below U+0023, as in base64.
int tk_is_plain_text(const uint8_t *bytes, size_t count);

/// Sums over samples of PCM (16 bit, little endian) in plain base64.
typedef struct {
    int64_t squares;
    int32_t count;
    int32_t peak;
} tk_samples;

/// Reads the three samples in every `step`th of `groups` groups of eight characters. Stops at one
/// that is not eight characters of base64, and returns its offset; `groups * 8` or more if there
/// is none.
size_t tk_read_samples(const uint8_t *text, size_t groups, size_t step, tk_samples *samples);

/// Decodes `count` characters of base64, a multiple of four and at least 32, in the alphabet with
/// `-` and `_` or the one with `+` and `/`, to three quarters as many bytes. Returns 0 if anything
/// else was there, and bytes that mean nothing; else 1.
int tk_decode_base64(const uint8_t *text, size_t count, uint8_t *bytes, int is_url);
