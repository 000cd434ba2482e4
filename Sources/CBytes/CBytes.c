#include "CBytes.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__x86_64__)
#define WIDEST __attribute__((target_clones("avx2", "default")))
#else
#define WIDEST
#endif

// 32 bytes: one register with AVX2, two without.
typedef uint8_t block __attribute__((vector_size(32)));
typedef uint32_t masks __attribute__((vector_size(32)));
typedef uint64_t quads __attribute__((vector_size(32)));
typedef uint8_t half __attribute__((vector_size(16)));
typedef uint64_t pair __attribute__((vector_size(16)));
typedef uint32_t quarters __attribute__((vector_size(16)));
typedef uint16_t lanes __attribute__((vector_size(16)));
typedef int16_t shorts __attribute__((vector_size(16)));
typedef int32_t ints __attribute__((vector_size(32)));

#define LOAD(type, from) ({ type loaded; memcpy(&loaded, from, sizeof loaded); loaded; })
#define STORE(to, value) memcpy(to, &(value), sizeof(value))
// Macros, because a call would pass the vector in a register that not every clone has.
#define IS_ANY(mask) (__builtin_reduce_or((quads)(mask)) != 0)
#define IS_BACKSLASH(bytes) ((block)((bytes) == 0x5C))
// Six bits a byte, the first byte lowest, become 24 bits, the first highest.
#define THREE_OF_FOUR(four) \
    (((four) & 0x3F) << 18 | ((four) & 0x3F00) << 4 | ((four) & 0x3F0000) >> 10 | (four) >> 24)

WIDEST int tk_mask_copy(const void *source, void *target, size_t count, uint32_t mask) {
    const uint8_t *from = source;
    uint8_t *to = target;
    masks pattern = {mask, mask, mask, mask, mask, mask, mask, mask};
    masks seen = {0};
    for (; count >= 128; count -= 128, from += 128, to += 128) {
        masks a = LOAD(masks, from) ^ pattern, b = LOAD(masks, from + 32) ^ pattern;
        masks c = LOAD(masks, from + 64) ^ pattern, d = LOAD(masks, from + 96) ^ pattern;
        STORE(to, a), STORE(to + 32, b), STORE(to + 64, c), STORE(to + 96, d);
        seen |= (a | b) | (c | d);
    }
    for (; count >= 32; count -= 32, from += 32, to += 32) {
        masks a = LOAD(masks, from) ^ pattern;
        STORE(to, a);
        seen |= a;
    }
    uint64_t rest = __builtin_reduce_or((quads)seen), twice = mask | (uint64_t)mask << 32;
#pragma clang loop vectorize(disable) unroll(disable)
    for (; count >= 8; count -= 8, from += 8, to += 8) {
        uint64_t word = LOAD(uint64_t, from) ^ twice;
        STORE(to, word);
        rest |= word;
    }
    // Fewer than eight bytes, which `twice` has a byte for each.
    if (count >= 4) {
        uint32_t word = LOAD(uint32_t, from) ^ mask;
        STORE(to, word);
        rest |= word;
        count -= 4, from += 4, to += 4;
    }
    for (; count > 0; count--, from++, to++, mask >>= 8) {
        *to = *from ^ (uint8_t)mask;
        rest |= *to;
    }
    return (rest & 0x8080808080808080) == 0;
}

WIDEST size_t tk_end_of_text(const uint8_t *bytes, size_t at, size_t count) {
    while (at < count) {
        // A test that also stops at blanks and exclamation marks, which base64 never contains.
        for (; count - at >= 256; at += 256) {
            block least = LOAD(block, bytes + at), backslashes = IS_BACKSLASH(least);
#pragma clang loop unroll(full)
            for (size_t place = 32; place < 256; place += 32) {
                block a = LOAD(block, bytes + at + place);
                least = __builtin_elementwise_min(least, a);
                backslashes |= IS_BACKSLASH(a);
            }
            if (IS_ANY((block)(least <= 0x22) | backslashes)) break;
        }
        // Prose fails that test at every blank, so that it is repeated only after an equal number
        // of bytes has been checked exactly. Flipping bit 1 maps the quote to 0x20, swaps it with
        // the blank and keeps controls below 0x20: one comparison finds both.
        size_t end = count - at < 256 ? count : at + 256;
        for (; end - at >= 32; at += 32) {
            block a = LOAD(block, bytes + at);
            quads ends = (quads)((block)((a ^ 2) <= 0x20) | IS_BACKSLASH(a));
            if (!IS_ANY(ends)) continue;
            size_t lane = ends[0] ? 0 : ends[1] ? 1 : ends[2] ? 2 : 3;
            return at + lane * 8 + (size_t)__builtin_ctzll(ends[lane]) / 8;
        }
        if (end - at >= 16) {
            half a = LOAD(half, bytes + at);
            pair ends = (pair)((half)((a ^ 2) <= 0x20) | (half)(a == 0x5C));
            if (ends[0]) return at + (size_t)__builtin_ctzll(ends[0]) / 8;
            if (ends[1]) return at + 8 + (size_t)__builtin_ctzll(ends[1]) / 8;
            at += 16;
        }
        if (end == count) break;
    }
    return at;
}

WIDEST int tk_is_plain_text(const uint8_t *bytes, size_t count) {
    block least = LOAD(block, bytes + count - 32), backslashes = IS_BACKSLASH(least);
#pragma clang loop unroll_count(8)
    for (size_t at = 0; at < count - 32; at += 32) {
        block a = LOAD(block, bytes + at);
        least = __builtin_elementwise_min(least, a);
        backslashes |= IS_BACKSLASH(a);
    }
    return !IS_ANY((block)(least <= 0x22) | backslashes);
}

// Two groups of characters at once, one in each half of a register, and their six samples in one.
WIDEST size_t tk_read_samples(
    const uint8_t *text, size_t groups, size_t step, tk_samples *samples) {
    quads squares = {0};
    lanes peaks = {0};
    int32_t count = 0;
    size_t group = 0;
    while (group < groups) {
        size_t next = group + step;
        uint64_t first = LOAD(uint64_t, text + group * 8);
        uint64_t second = next < groups ? LOAD(uint64_t, text + next * 8) : 0;
        half c = (half)(pair){first, second};
        half upper = c - 'A', lower = c - 'a', digit = c - '0';
        half is_upper = (half)(upper < 26), is_lower = (half)(lower < 26);
        half is_digit = (half)(digit < 10);
        half is_plus = (half)(c == '+') | (half)(c == '-');
        half is_slash = (half)(c == '/') | (half)(c == '_');
        pair known = (pair)(is_upper | is_lower | is_digit | is_plus | is_slash);
        if (known[0] != UINT64_MAX) break;
        int are_two = known[1] == UINT64_MAX;
        half values = (is_upper & upper) | (is_lower & (lower + 26)) | (is_digit & (digit + 52))
                      | (is_plus & 62) | (is_slash & 63);
        half b = (half)THREE_OF_FOUR((quarters)values), none = {0};
        pair pcm = (pair)__builtin_shufflevector(
            b, none, 2, 1, 0, 6, 5, 4, 16, 16, 10, 9, 8, 14, 13, 12, 16, 16);
        if (!are_two) pcm[1] = 0;
        peaks = __builtin_elementwise_max(peaks, (lanes)__builtin_elementwise_abs((shorts)pcm));
        ints wide = __builtin_convertvector((shorts)pcm, ints);
        quads square = (quads)(wide * wide);
        squares += (square & UINT32_MAX) + (square >> 32);
        count += are_two ? 6 : 3;
        group = are_two ? next + step : next;
    }
    *samples = (tk_samples){
        (int64_t)__builtin_reduce_add(squares), count, __builtin_reduce_max(peaks)};
    return group * 8;
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))
#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

// 32 characters become 24 bytes, and eight that mean nothing. Each half of a character looks up
// which kinds it may be part of; a character is none if both tables share a bit (Mula and Lemire,
// "Faster Base64 Encoding and Decoding using AVX2 Instructions", 2018).
AVX2 static inline __m256i decoded(const uint8_t *text, __m256i *unknown) {
    const __m256i low_kinds = TWICE(
        0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B,
        0x1A);
    const __m256i high_kinds = TWICE(
        0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10,
        0x10);
    // By the upper half, and for the slash by one less.
    const __m256i offsets = TWICE(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i order = TWICE(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i slash = _mm256_set1_epi8('/');
    __m256i c = _mm256_loadu_si256((const __m256i *)text);
    __m256i high = _mm256_and_si256(_mm256_srli_epi32(c, 4), slash);
    __m256i low = _mm256_and_si256(c, slash);
    *unknown = _mm256_or_si256(
        *unknown, _mm256_and_si256(
                      _mm256_shuffle_epi8(low_kinds, low), _mm256_shuffle_epi8(high_kinds, high)));
    __m256i place = _mm256_add_epi8(high, _mm256_cmpeq_epi8(c, slash));
    __m256i values = _mm256_add_epi8(c, _mm256_shuffle_epi8(offsets, place));
    __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
    __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    return _mm256_permutevar8x32_epi32(
        _mm256_shuffle_epi8(fours, order), _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
}

AVX2 static int decode_wide(const uint8_t *text, size_t count, uint8_t *bytes) {
    __m256i unknown = _mm256_setzero_si256();
    size_t at = 0;
    // What is written too much is overwritten by the next; 44 characters make room for it.
    for (; count - at >= 44; at += 32, bytes += 24) {
        __m256i b = decoded(text + at, &unknown);
        _mm256_storeu_si256((__m256i *)bytes, b);
    }
    // The last block ends with the text; what it shares with the one before is decoded twice.
    for (; at < count; at += 32, bytes += 24) {
        size_t back = count - at < 32 ? 32 - (count - at) : 0;
        __m256i b = decoded(text + at - back, &unknown);
        memcpy(bytes - back / 4 * 3, &b, 24);
    }
    return _mm256_testz_si256(unknown, unknown);
}
#endif

WIDEST int tk_decode_base64(const uint8_t *text, size_t count, uint8_t *bytes, int is_url) {
#if defined(__x86_64__)
    if (!is_url && __builtin_cpu_supports("avx2")) return decode_wide(text, count, bytes);
#endif
    uint8_t last = is_url ? '_' : '/', last_but_one = is_url ? '-' : '+';
    block unknown = {0};
    // The last block ends with the text; what it shares with the one before is decoded twice.
    for (size_t at = 0; at < count; at += 32) {
        size_t place = count - at < 32 ? count - 32 : at;
        block c = LOAD(block, text + place);
        // From a character to its six bits; never zero for one that has six.
        block offset = ((block)((block)(c - 'A') < 26) & (uint8_t)-'A')
                       | ((block)((block)(c - 'a') < 26) & (uint8_t)(26 - 'a'))
                       | ((block)((block)(c - '0') < 10) & (uint8_t)(52 - '0'))
                       | ((block)(c == last_but_one) & (uint8_t)(62 - last_but_one))
                       | ((block)(c == last) & (uint8_t)(63 - last));
        unknown |= (block)(offset == 0);
        masks four = (masks)(c + offset);
        block b = (block)THREE_OF_FOUR(four);
        block packed = __builtin_shufflevector(
            b, b, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 18, 17, 16, 22, 21, 20, 26, 25, 24, 30,
            29, 28, -1, -1, -1, -1, -1, -1, -1, -1);
        memcpy(bytes + place / 4 * 3, &packed, 24);
    }
    return !IS_ANY(unknown);
}
