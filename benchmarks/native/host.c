/* What the host does beside RMPUPDATE: PSMASH, RMPREAD, RMPOPT, and the check of a host write. */
#include <string.h>

#include "host_reads.h"

#define REGION_BYTES 8192

static int commit_smash(const struct rmp_table *table, uint64_t base, uint64_t page, uint64_t old_low)
{
    word *own = low_of(table, base);
    uint64_t obstacle;
    if (is_in_use(table, page))
    {
        release(own, old_low);
        return RMP_FAIL_INUSE;
    }

    bool plain = is_plain(union_of_subpages(table, base), true);
    if (!plain && !lock_subpages(table, base, RMP_LOCK, &obstacle))
    {
        release(own, old_low);
        return RMP_CONTENDED | RMP_FAIL_INUSE;
    }

    if (plain) lock_all(table, base);
    uint64_t high = acquire(high_of(table, base));
    uint64_t gpa_mask = table->gpa_mask & RMP_GPA;
    uint64_t small = old_low & ~(RMP_LARGE | RMP_COUNT);
    if ((table->choices & CHOICE_COUNT_LARGE_AS_ONE) != 0) raise_pages(table, asid_of(old_low), RMP_LAST_SUBPAGE);
    begin_write(table, base);
    write_highs(table, base, high);
    write_rising(table, base, small, gpa_mask);
    release(own, small | RMP_COUNT);
    return RMP_SUCCESS;
}

static ALWAYS_INLINE int psmash(const struct rmp_table *table, const struct rmp_processor *processor, uint64_t page)
{
    int refused = host_refusal(processor);
    if (refused != RMP_SUCCESS) return refused;
    uint64_t base;
    if ((page & OFFSET_2M) != 0 || !find_entry(table, false, page, &base)) return RMP_FAIL_INPUT;
    word *own = low_of(table, base);
    uint64_t low = acquire(own);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        if ((low & (RMP_LARGE | RMP_ASSIGNED)) != (RMP_LARGE | RMP_ASSIGNED)) return RMP_FAIL_BADADDR;
        if ((low & RMP_IMMUTABLE) != 0)
            return (table->choices & CHOICE_SMASH_IMMUTABLE_PERMISSION) != 0 ? RMP_FAIL_PERMISSION : RMP_FAIL_BADADDR;
        if ((low & RMP_LOCK) != 0 || is_frozen(low)) break;
        if (atomic_compare_exchange_strong(own, &low, taken(low))) return commit_smash(table, base, page, low);
    }

    return RMP_CONTENDED | RMP_FAIL_INUSE;
}

static ALWAYS_INLINE word *slot(uint64_t **chunks, uint64_t address)
{
    uint64_t region = address >> 30;
    return (word *)&chunks[region >> 11][region & 2047]; /* the benchmark provides the chunks */
}

static ALWAYS_INLINE uint64_t begin_verification(struct rmp_optimizations *optimizations, uint64_t address)
{
    word *stamp = slot(optimizations->stamps, address);
    uint64_t seen = acquire(stamp);
    while ((seen & 1) == 0)
    {
        if (atomic_compare_exchange_strong(stamp, &seen, seen + 1)) return seen + 1;
    }

    return seen;
}

static ALWAYS_INLINE bool is_current(struct rmp_optimizations *optimizations, uint64_t address, uint64_t stamp)
{
    return stamp != 0 && acquire(slot(optimizations->stamps, address)) == stamp;
}

static bool is_free(const struct rmp_table *table, uint64_t start)
{
    for (uint64_t offset = 0; offset < UINT64_C(1) << 30; offset += UINT64_C(1) << PAGE_SHIFT_2M)
    {
        uint64_t index;
        if (!find_entry(table, true, start + offset, &index)) continue;
        if (scan_any_of(table->words + 2 * index, 2 * (RMP_LAST_SUBPAGE + 1), RMP_ASSIGNED | RMP_LOCK | RMP_ASID)) return false;
    }

    return true;
}

/* CF, or a fault above it. */
static ALWAYS_INLINE uint64_t rmpopt(const struct rmp_table *table, const struct rmp_processor *processor, struct rmp_core *core,
                                     uint64_t address, bool verify)
{
    struct rmp_optimizations *optimizations = table->optimizations;
    bool usable = table->windows != NULL || (table->choices & CHOICE_OPT_ON_CONTIGUOUS) != 0;
    if (optimizations == NULL || processor->asid != 0 || core->enabled == 0 || !usable) return (uint64_t)RMP_INVALID_OPCODE << 8;
    int refused = host_refusal(processor);
    if (refused != RMP_SUCCESS) return (uint64_t)refused << 8;
    uint64_t region = (address - core->base) >> 30;
    if (address < core->base || region >= 2048) return 0;
    word *own = (word *)&core->stamps[region];
    if (is_current(optimizations, address, acquire(own))) return 1;
    if (!verify) return 0;
    uint64_t stamp = begin_verification(optimizations, address);
    word *verified = slot(optimizations->verified, address);
    if (acquire(verified) != stamp)
    {
        if (!is_free(table, address & ~BITS(29, 0))) return 0;
        release(verified, stamp);
    }

    release(own, stamp);
    return is_current(optimizations, address, stamp) ? 1 : 0;
}

/* Each page is smashed, then its region gets its old bytes back, unless there are none. */
EXPORT uint64_t rmp_psmash(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages, const void *region,
                           uint64_t iterations)
{
    uint64_t codes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        codes += (uint64_t)psmash(table, processor, pages[i]);
        uint64_t index;
        if (region != NULL && find_entry(table, false, pages[i], &index)) memcpy(table->words + 2 * index, region, REGION_BYTES);
    }

    return codes;
}

EXPORT uint64_t rmp_rmpread(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                            uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct entry output;
        sum += (uint64_t)rmpread(table, processor, pages[i], &output);
        sum += output.low + output.high;
    }

    return sum;
}

EXPORT uint64_t rmp_host_check(const struct rmp_table *table, const uint64_t *addresses, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += check_host(table, true, addresses[i], (i & 1) != 0, false);
    }

    return sum;
}

/* The entries of a page so many later are on their way while a page is looked at. */
enum { AHEAD = 32 };

EXPORT uint64_t rmp_host_check_ahead(const struct rmp_table *table, const uint64_t *addresses, uint64_t iterations)
{
    uint64_t sum = 0, index;
    for (uint64_t i = 0; i < iterations; i++)
    {
        if (i + AHEAD < iterations && find_entry(table, false, addresses[i + AHEAD], &index)) prefetch_entry(table, index);
        sum += check_host(table, true, addresses[i], false, false);
    }

    return sum;
}

/* Nobody relies on the region any more after the updates: each verification has to look at all entries. */
EXPORT uint64_t rmp_rmpopt_verify(const struct rmp_table *table, const struct rmp_processor *processor, struct rmp_core *core,
                                  const uint64_t *pages, const struct rmp_operand *assign, const struct rmp_operand *release_operand,
                                  uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += rmpupdate_segmented(table, processor, pages + i, assign, release_operand, 1);
        sum += rmpopt(table, processor, core, pages[i], true);
    }

    return sum;
}

EXPORT uint64_t rmp_rmpopt_report(const struct rmp_table *table, const struct rmp_processor *processor, struct rmp_core *core,
                                  const uint64_t *pages, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += rmpopt(table, processor, core, pages[i], false);
    }

    return sum;
}
