/* RMPUPDATE and PSMASH for one thread: the same tests and the same stores, with neither locks nor atomics. What the protocol costs is the
 * difference to rmpupdate_atomic.c and host.c. */
#include <string.h>

#include "fastrmp_bench.h"

#define REGION_BYTES 8192

static ALWAYS_INLINE uint64_t asid_of(uint64_t low)
{
    return (low & RMP_ASID) >> RMP_ASID_SHIFT;
}

static ALWAYS_INLINE int refused(const struct rmp_table *table, uint64_t low)
{
    uint64_t held = low & (RMP_LOCK | RMP_IMMUTABLE);
    if (held == 0) return RMP_SUCCESS;
    bool lock_counts = held == RMP_LOCK || ((table->choices & CHOICE_LOCK_FIRST) != 0 && held != RMP_IMMUTABLE);
    return lock_counts ? RMP_FAIL_INUSE : RMP_FAIL_PERMISSION;
}

static ALWAYS_INLINE void write_entry(const struct rmp_table *table, uint64_t *own, const struct rmp_operand *operand, uint64_t pages)
{
    uint64_t old = own[0];
    uint64_t asid = operand->rest >> OPERAND_ASID_SHIFT;
    uint64_t count = old & RMP_COUNT;
    uint64_t large = (operand->rest & OPERAND_LARGE) != 0 ? RMP_LARGE : 0;
    bool assigns = (operand->rest & OPERAND_ASSIGNED) != 0;
    bool was_assigned = (old & RMP_ASSIGNED) != 0;
    if (assigns)
    {
        uint64_t stored = operand->gpa & table->gpa_mask & RMP_GPA;
        uint64_t compared = (table->choices & CHOICE_COMPARE_UNMASKED) != 0 ? operand->gpa & ~OFFSET_4K : stored;
        bool reset = asid != asid_of(old) || compared != (old & RMP_GPA) || large != (old & RMP_LARGE) || !was_assigned || asid == 0;
        uint64_t low = RMP_ASSIGNED | large | count | (asid << RMP_ASID_SHIFT) | stored;
        if ((operand->rest & OPERAND_IMMUTABLE) != 0)
        {
            low |= RMP_IMMUTABLE | ((table->choices & CHOICE_LOCK_FOLLOWS_IMMUTABLE) != 0 ? RMP_LOCK : 0);
        }

        if (!reset) low |= old & (RMP_VALIDATED | RMP_VMSA);
        own[0] = low;
        if (reset) own[1] = table->vmpl0;
    }
    else
    {
        own[0] = count;
        own[1] = 0;
    }

    if (assigns != was_assigned || asid != asid_of(old))
    {
        bool counts_zero = (table->choices & CHOICE_COUNT_ASID_ZERO) != 0;
        if (assigns && (asid != 0 || counts_zero)) table->words[asid] += pages;
        if (was_assigned && (asid_of(old) != 0 || counts_zero)) table->words[asid_of(old)] -= pages;
    }
}

static int update_small(const struct rmp_table *table, uint64_t index, const struct rmp_operand *operand)
{
    uint64_t *own = table->words + 2 * index;
    uint64_t *base = table->words + 2 * (index & ~RMP_LAST_SUBPAGE);
    int code = refused(table, own[0]);
    if (code != RMP_SUCCESS) return code;
    if ((base[0] & RMP_LARGE) != 0)
    {
        bool permission = (base[0] & RMP_IMMUTABLE) != 0 && (table->choices & CHOICE_IMMUTABLE_LARGE_OVERLAP) == 0;
        return permission ? RMP_FAIL_PERMISSION : RMP_FAIL_OVERLAP;
    }

    uint64_t before = own[0] & RMP_ASSIGNED;
    write_entry(table, own, operand, 1);
    if (own != base) base[0] += ((operand->rest & OPERAND_ASSIGNED) - before) * RMP_ONE_SUBPAGE;
    return RMP_SUCCESS;
}

static int update_large(const struct rmp_table *table, uint64_t index, const struct rmp_operand *operand)
{
    uint64_t *own = table->words + 2 * index;
    int code = refused(table, own[0]);
    if (code != RMP_SUCCESS) return code;
    if ((own[0] & RMP_LARGE) == 0)
    {
        if ((own[0] & (RMP_ASSIGNED | RMP_COUNT)) != 0) return RMP_FAIL_OVERLAP;
        for (uint64_t i = 1; i <= RMP_LAST_SUBPAGE; i++)
        {
            if ((own[2 * i] & RMP_IMMUTABLE) != 0) return RMP_FAIL_PERMISSION;
        }
    }

    write_entry(table, own, operand, 512);
    uint64_t assigned = own[0] & RMP_ASSIGNED;
    for (uint64_t i = 1; i <= RMP_LAST_SUBPAGE; i++)
    {
        own[2 * i] = assigned;
        own[2 * i + 1] = 0;
    }

    return RMP_SUCCESS;
}

static ALWAYS_INLINE int update(const struct rmp_table *table, const struct rmp_processor *processor, uint64_t page,
                                const struct rmp_operand *operand)
{
    if (processor->is_64bit == 0 || processor->snp_enabled == 0) return RMP_INVALID_OPCODE;
    if (processor->cpl != 0) return RMP_GENERAL_PROTECTION;
    if (processor->asid != 0) return RMP_FAIL_PERMISSION;
    if ((table->choices & CHOICE_IGNORE_LOW_BITS) != 0) page &= ~OFFSET_4K;
    bool large = (operand->rest & OPERAND_LARGE) != 0;
    if ((page & (large ? OFFSET_2M : OFFSET_4K)) != 0) return RMP_FAIL_INPUT;
    uint64_t asid = operand->rest >> OPERAND_ASID_SHIFT;
    if ((operand->rest & OPERAND_ASSIGNED) == 0 && ((operand->rest & OPERAND_IMMUTABLE) != 0 || asid != 0)) return RMP_FAIL_INPUT;
    if ((operand->rest & OPERAND_RESERVED) != 0 && (table->choices & CHOICE_IGNORE_RESERVED) == 0) return RMP_FAIL_INPUT;
    if (asid > table->max_asid) return RMP_FAIL_INPUT;
    uint64_t number = page >> PAGE_SHIFT_4K;
    if (number >= table->covered_pages) return RMP_FAIL_INPUT;
    uint64_t index = number + RMP_FIRST_ENTRY;
    return large ? update_large(table, index, operand) : update_small(table, index, operand);
}

static ALWAYS_INLINE int psmash(const struct rmp_table *table, const struct rmp_processor *processor, uint64_t page)
{
    if (processor->is_64bit == 0 || processor->snp_enabled == 0) return RMP_INVALID_OPCODE;
    if (processor->cpl != 0) return RMP_GENERAL_PROTECTION;
    if (processor->asid != 0) return RMP_FAIL_PERMISSION;
    uint64_t number = page >> PAGE_SHIFT_4K;
    if ((page & OFFSET_2M) != 0 || number >= table->covered_pages) return RMP_FAIL_INPUT;
    uint64_t *own = table->words + 2 * (number + RMP_FIRST_ENTRY);
    if ((own[0] & (RMP_LARGE | RMP_ASSIGNED)) != (RMP_LARGE | RMP_ASSIGNED)) return RMP_FAIL_BADADDR;
    if ((own[0] & RMP_IMMUTABLE) != 0) return RMP_FAIL_BADADDR;
    if ((own[0] & RMP_LOCK) != 0) return RMP_FAIL_INUSE;
    uint64_t small = own[0] & ~(RMP_LARGE | RMP_COUNT);
    uint64_t high = own[1];
    uint64_t gpa_mask = table->gpa_mask & RMP_GPA;
    for (uint64_t i = 1; i <= RMP_LAST_SUBPAGE; i++)
    {
        own[2 * i] = (small & ~RMP_GPA) | ((small + (i << PAGE_SHIFT_4K)) & gpa_mask);
        own[2 * i + 1] = high;
    }

    own[0] = small | RMP_COUNT;
    return RMP_SUCCESS;
}

static ALWAYS_INLINE void restore(const struct rmp_table *table, uint64_t page, const void *region)
{
    memcpy(table->words + 2 * ((page >> PAGE_SHIFT_4K) + RMP_FIRST_ENTRY), region, REGION_BYTES);
}

/* Each page is smashed, then its region gets its old bytes back. */
EXPORT uint64_t rmp_psmash_plain(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                 const void *region, uint64_t iterations)
{
    uint64_t codes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        codes += (uint64_t)psmash(table, processor, pages[i]);
        restore(table, pages[i], region);
    }

    return codes;
}

/* Each page is released, then its region gets its old bytes back. */
EXPORT uint64_t rmpupdate_release_plain(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                        const struct rmp_operand *release_operand, const void *region, uint64_t iterations)
{
    uint64_t codes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        codes += (uint64_t)update(table, processor, pages[i], release_operand);
        restore(table, pages[i], region);
    }

    return codes;
}

/* The regions get their bytes back and nothing else. */
EXPORT uint64_t rmp_restore(const struct rmp_table *table, const uint64_t *pages, const void *region, uint64_t iterations)
{
    for (uint64_t i = 0; i < iterations; i++)
    {
        restore(table, pages[i], region);
    }

    return iterations;
}

EXPORT uint64_t rmpupdate_plain(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                const struct rmp_operand *assign, const struct rmp_operand *release_operand, uint64_t iterations)
{
    uint64_t codes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        codes += (uint64_t)update(table, processor, pages[i], assign);
        codes += (uint64_t)update(table, processor, pages[i], release_operand);
    }

    return codes;
}
