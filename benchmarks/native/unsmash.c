/* SNP_PAGE_UNSMASH: 512 immutable pages of 4 KiB become one of 2 MiB; by the library's protocol, and without atomics. */
#include <string.h>

#include "rmp_protocol.h"

#define UNSMASH_NEEDED (RMP_LARGE | RMP_IMMUTABLE | RMP_VMSA)
#define UNSMASH_CLEARED (RMP_ASID | RMP_IMMUTABLE | RMP_LOCK)

/* Of these bits, entries that can be merged differ in the guest's address alone. */
static ALWAYS_INLINE uint64_t alike(uint64_t first)
{
    uint64_t mask = UNSMASH_NEEDED | RMP_ASSIGNED | RMP_VALIDATED | RMP_ASID | RMP_GPA;
    return (first & RMP_ASSIGNED) != 0 ? mask : mask & ~RMP_VALIDATED;
}

static ALWAYS_INLINE bool can_begin(uint64_t first)
{
    return (first & UNSMASH_NEEDED) == RMP_IMMUTABLE && (first & RMP_ASID) != 0 && (first & RMP_GPA & OFFSET_2M) == 0;
}

/* Whether these bits of all sub-entries are as expected; what is expected of the low quadword rises from entry to entry. */
static inline bool are_alike(const struct rmp_table *table, uint64_t base, struct entry mask, struct entry expected, uint64_t step)
{
    const uint64_t *words = table->words + 2 * base;
    uint64_t difference = 0;
    for (uint64_t i = 2; i < WORDS_PER_VECTOR; i += 2)
    {
        expected.low += step;
        difference |= ((words[i] & mask.low) ^ expected.low) | ((words[i + 1] & mask.high) ^ expected.high);
    }

    const vector lows = LOW_WORDS;
    const vector compared = lows * mask.low | (1 - lows) * mask.high;
    const vector rise = lows * (step * (WORDS_PER_VECTOR / 2));
    vector wanted = lows * (expected.low + step) | (1 - lows) * expected.high;
    for (uint64_t i = 2; i < WORDS_PER_VECTOR; i += 2) wanted[i] += i / 2 * step;
    const vector *at = (const vector *)words;
    vector differences = { 0 };
    for (uint64_t i = 1; i < REGION_WORDS / WORDS_PER_VECTOR; i++)
    {
        differences |= (at[i] & compared) ^ wanted;
        wanted += rise;
    }

    for (uint64_t i = 0; i < WORDS_PER_VECTOR; i++) difference |= differences[i];
    return difference == 0;
}

/* The high quadwords are final once all entries are known to be immutable. */
static ALWAYS_INLINE bool is_mergeable(const struct rmp_table *table, uint64_t base)
{
    uint64_t first = acquire(low_of(table, base));
    uint64_t mask = alike(first);
    if (!can_begin(first)) return false;
    if (!are_alike(table, base, (struct entry){ mask, 0 }, (struct entry){ first & mask, 0 }, UINT64_C(1) << PAGE_SHIFT_4K)) return false;
    atomic_thread_fence(memory_order_acquire);
    return are_alike(table, base, (struct entry){ 0, ~UINT64_C(0) }, (struct entry){ 0, table->words[2 * base + 1] }, 0);
}

static ALWAYS_INLINE void merge(const struct rmp_table *table, uint64_t base)
{
    word *own = low_of(table, base);
    uint64_t settled = atomic_fetch_or(own, RMP_ASID);
    begin_write(table, base);
    change_subpages(table, base, (struct entry){ UNSMASH_CLEARED, 0 }, (struct entry){ RMP_ASSIGNED, 0 });
    atomic_thread_fence(memory_order_release);
    release(own, (settled & ~RMP_COUNT) | RMP_LARGE);
}

static bool can_merge_plain(const uint64_t *own)
{
    uint64_t mask = alike(own[0]), first = own[0] & mask, differences = 0;
    if (!can_begin(own[0])) return false;
    for (uint64_t i = 1; i <= RMP_LAST_SUBPAGE; i++)
    {
        differences |= ((own[2 * i] & mask) ^ (first + (i << PAGE_SHIFT_4K))) | (own[2 * i + 1] ^ own[1]);
    }

    return differences == 0;
}

static void merge_plain(uint64_t *own)
{
    for (uint64_t i = 1; i <= RMP_LAST_SUBPAGE; i++) own[2 * i] = (own[2 * i] & ~UNSMASH_CLEARED) | RMP_ASSIGNED;
    own[0] = (own[0] & ~RMP_COUNT) | RMP_LARGE;
}

static ALWAYS_INLINE uint64_t unsmash(const struct rmp_table *table, uint64_t page, bool is_plain_code)
{
    uint64_t base;
    if ((page & OFFSET_2M) != 0 || !find_entry(table, false, page, &base)) return RMP_FAIL_INPUT;
    uint64_t *own = table->words + 2 * base;
    if (!(is_plain_code ? can_merge_plain(own) : is_mergeable(table, base))) return RMP_FAIL_BADADDR;
    if (is_plain_code) merge_plain(own);
    else merge(table, base);
    return RMP_SUCCESS;
}

/* Each region is merged, then it gets its old bytes back, unless there are none. */
static ALWAYS_INLINE uint64_t unsmash_all(const struct rmp_table *table, const uint64_t *pages, const void *region, uint64_t iterations,
                                          bool is_plain_code)
{
    uint64_t codes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        codes += unsmash(table, pages[i], is_plain_code);
        uint64_t index;
        if (region != NULL && find_entry(table, false, pages[i], &index)) memcpy(table->words + 2 * index, region, 8 * REGION_WORDS);
    }

    return codes;
}

EXPORT uint64_t rmp_unsmash(const struct rmp_table *table, const uint64_t *pages, const void *region, uint64_t iterations)
{
    return unsmash_all(table, pages, region, iterations, false);
}

EXPORT uint64_t rmp_unsmash_plain(const struct rmp_table *table, const uint64_t *pages, const void *region, uint64_t iterations)
{
    return unsmash_all(table, pages, region, iterations, true);
}
