/* Is any of these entries assigned? The same algorithm as the library's: the widest vectors of the processor, four loads a step, the low
 * quadwords selected by a mask. */
#ifndef SCAN_H
#define SCAN_H

#include "fastrmp_bench.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define WORDS_PER_VECTOR 8
#define LOW_WORDS { 1, 0, 1, 0, 1, 0, 1, 0 }
#elif defined(__AVX2__)
#define WORDS_PER_VECTOR 4
#define LOW_WORDS { 1, 0, 1, 0 }
#else
#define WORDS_PER_VECTOR 2
#define LOW_WORDS { 1, 0 }
#endif

#define STEP (4 * WORDS_PER_VECTOR)

typedef uint64_t vector __attribute__((vector_size(8 * WORDS_PER_VECTOR), aligned(8), may_alias));

static ALWAYS_INLINE bool has_any(vector v)
{
#if defined(__AVX512F__)
    return _mm512_test_epi64_mask((__m512i)v, (__m512i)v) != 0;
#elif defined(__AVX2__)
    return !_mm256_testz_si256((__m256i)v, (__m256i)v);
#else
    return (v[0] | v[1]) != 0;
#endif
}

static ALWAYS_INLINE bool scan_any_rest(const uint64_t *words, uint64_t count, uint64_t mask)
{
    uint64_t seen = 0;
    for (uint64_t i = 0; i < count; i += 2)
    {
        seen |= words[i];
    }

    return (seen & mask) != 0;
}

/* Whether any low quadword has one of the bits. */
static ALWAYS_INLINE bool scan_any_of(const uint64_t *words, uint64_t count, uint64_t mask)
{
    const vector low = LOW_WORDS;
    const vector wanted = low * mask;
    uint64_t i = 0;
    for (; i + STEP <= count; i += STEP)
    {
        const vector *at = (const vector *)(words + i);
        if (has_any((at[0] | at[1] | at[2] | at[3]) & wanted)) return true;
    }

    return scan_any_rest(words + i, count - i, mask);
}

#endif
