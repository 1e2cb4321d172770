/* Is any of these pages assigned, and how many are? The same algorithm as the library's: the widest vectors of the processor,
 * four loads a step, the low quadwords selected by a mask. Beside it the plain loop, as the compiler vectorises it. */
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

EXPORT const char *fastrmp_compiler(void)
{
    return __VERSION__;
}

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

static ALWAYS_INLINE uint64_t sum(vector v)
{
#if defined(__AVX512F__)
    return (uint64_t)_mm512_reduce_add_epi64((__m512i)v);
#else
    uint64_t total = 0;
    for (int i = 0; i < WORDS_PER_VECTOR; i++)
    {
        total += v[i];
    }

    return total;
#endif
}

/* One vector whose words add up to the number of assigned entries in two: the low quadwords interleaved, masked once. */
static ALWAYS_INLINE vector add_assigned(vector left, vector right)
{
#if defined(__AVX512F__)
    return (vector)_mm512_and_si512(_mm512_unpacklo_epi64((__m512i)left, (__m512i)right), _mm512_set1_epi64(1));
#elif defined(__AVX2__)
    return (vector)_mm256_and_si256(_mm256_unpacklo_epi64((__m256i)left, (__m256i)right), _mm256_set1_epi64x(1));
#else
    const vector assigned = LOW_WORDS;
    return (left & assigned) + (right & assigned);
#endif
}

static bool any_simple(const uint64_t *words, uint64_t count)
{
    uint64_t seen = 0;
    for (uint64_t i = 0; i < count; i += 2)
    {
        seen |= words[i];
    }

    return (seen & RMP_ASSIGNED) != 0;
}

static uint64_t count_simple(const uint64_t *words, uint64_t count)
{
    uint64_t total = 0;
    for (uint64_t i = 0; i < count; i += 2)
    {
        total += words[i] & RMP_ASSIGNED;
    }

    return total;
}

static bool any(const uint64_t *words, uint64_t count)
{
    const vector assigned = LOW_WORDS;
    uint64_t i = 0;
    for (; i + STEP <= count; i += STEP)
    {
        const vector *at = (const vector *)(words + i);
        if (has_any((at[0] | at[1] | at[2] | at[3]) & assigned)) return true;
    }

    return any_simple(words + i, count - i);
}

static uint64_t count_assigned(const uint64_t *words, uint64_t count)
{
    vector even = { 0 };
    vector odd = { 0 };
    uint64_t i = 0;
    for (; i + STEP <= count; i += STEP)
    {
        const vector *at = (const vector *)(words + i);
        even += add_assigned(at[0], at[1]);
        odd += add_assigned(at[2], at[3]);
    }

    return sum(even + odd) + count_simple(words + i, count - i);
}

/* The barrier keeps the compiler from computing an answer once and adding it up. */
#define REPEAT(expression)                                        \
    uint64_t total = 0;                                           \
    for (uint64_t n = 0; n < iterations; n++)                     \
    {                                                             \
        __asm__ volatile("" : "+r"(words) : : "memory");          \
        total += (expression);                                    \
    }                                                             \
    return total

EXPORT uint64_t scan_any(const uint64_t *words, uint64_t entries, uint64_t iterations)
{
    REPEAT(any(words, 2 * entries));
}

EXPORT uint64_t scan_count(const uint64_t *words, uint64_t entries, uint64_t iterations)
{
    REPEAT(count_assigned(words, 2 * entries));
}

EXPORT uint64_t scan_any_simple(const uint64_t *words, uint64_t entries, uint64_t iterations)
{
    REPEAT(any_simple(words, 2 * entries));
}

EXPORT uint64_t scan_count_simple(const uint64_t *words, uint64_t entries, uint64_t iterations)
{
    REPEAT(count_simple(words, 2 * entries));
}
