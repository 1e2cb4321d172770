/* Is any of these pages assigned, and how many are? By the widest vectors of the processor, and beside it the plain loop, as the compiler
 * vectorises it. */
#include "scan.h"

EXPORT const char *fastrmp_compiler(void)
{
    return __VERSION__;
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

static uint64_t count_simple(const uint64_t *words, uint64_t count)
{
    uint64_t total = 0;
    for (uint64_t i = 0; i < count; i += 2)
    {
        total += words[i] & RMP_ASSIGNED;
    }

    return total;
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
    REPEAT(scan_any_of(words, 2 * entries, RMP_ASSIGNED));
}

EXPORT uint64_t scan_count(const uint64_t *words, uint64_t entries, uint64_t iterations)
{
    REPEAT(count_assigned(words, 2 * entries));
}

EXPORT uint64_t scan_any_simple(const uint64_t *words, uint64_t entries, uint64_t iterations)
{
    REPEAT(scan_any_rest(words, 2 * entries, RMP_ASSIGNED));
}

EXPORT uint64_t scan_count_simple(const uint64_t *words, uint64_t entries, uint64_t iterations)
{
    REPEAT(count_simple(words, 2 * entries));
}

/* The pages of an owner among entries of whole regions, a 2 MiB page once: their number and the sum of their page numbers. */
EXPORT uint64_t scan_owner(const uint64_t *words, uint64_t entries, uint64_t asid)
{
    uint64_t wanted = RMP_ASSIGNED | asid << RMP_ASID_SHIFT;
    uint64_t sum = 0;
    for (uint64_t region = 0; region < entries; region += RMP_LAST_SUBPAGE + 1)
    {
        const uint64_t *base = words + 2 * region;
        uint64_t count = (base[0] & (RMP_ASSIGNED | RMP_LARGE)) == (RMP_ASSIGNED | RMP_LARGE) ? 1 : RMP_LAST_SUBPAGE + 1;
        for (uint64_t i = 0; i < count; i++)
        {
            if ((base[2 * i] & (RMP_ASSIGNED | RMP_ASID)) == wanted) sum += region + i + 1;
        }
    }

    return sum;
}
