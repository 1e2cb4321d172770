/* RMPUPDATE by the library's lock-free protocol, in C11 atomics: lock the own entry by compare-and-swap, move the count of the
 * region by compare-and-swap, publish the low quadword last; a release publishes first and moves the count last. */
#include <stdatomic.h>

#include "fastrmp_bench.h"

#define MAX_ATTEMPTS 64

typedef _Atomic uint64_t word;

static ALWAYS_INLINE word *low_of(const struct rmp_table *table, uint64_t index)
{
    return (word *)(table->words + 2 * index);
}

static ALWAYS_INLINE word *high_of(const struct rmp_table *table, uint64_t index)
{
    return (word *)(table->words + 2 * index + 1);
}

static ALWAYS_INLINE uint64_t acquire(word *at)
{
    return atomic_load_explicit(at, memory_order_acquire);
}

static ALWAYS_INLINE void release(word *at, uint64_t value)
{
    atomic_store_explicit(at, value, memory_order_release);
}

static ALWAYS_INLINE bool is_frozen(uint64_t low)
{
    return (low & RMP_ASID) == RMP_ASID;
}

static ALWAYS_INLINE int contended(const struct rmp_table *table)
{
    return RMP_CONTENDED | ((table->choices & CHOICE_OVERLAP_CODE) != 0 ? RMP_FAIL_OVERLAP : RMP_FAIL_INUSE);
}

static COLD int held_code(const struct rmp_table *table, uint64_t held)
{
    bool lock_counts = held == RMP_LOCK || ((table->choices & CHOICE_LOCK_FIRST) != 0 && held != RMP_IMMUTABLE);
    return lock_counts ? contended(table) : RMP_FAIL_PERMISSION;
}

/* Zero if the region consists of small pages, else the answer. */
static ALWAYS_INLINE int small_code(const struct rmp_table *table, uint64_t base_low)
{
    if (!is_frozen(base_low) && (base_low & RMP_LARGE) == 0) return RMP_SUCCESS;
    if (is_frozen(base_low)) return contended(table);
    bool permission = (base_low & RMP_IMMUTABLE) != 0 && (table->choices & CHOICE_IMMUTABLE_LARGE_OVERLAP) == 0;
    return permission ? RMP_FAIL_PERMISSION : RMP_FAIL_OVERLAP;
}

static ALWAYS_INLINE uint64_t move_count(uint64_t base_low, uint64_t delta)
{
    return (base_low & ~RMP_COUNT) | ((base_low + delta) & RMP_COUNT);
}

static ALWAYS_INLINE void add_pages(const struct rmp_table *table, uint64_t asid, uint64_t pages)
{
    if (asid != 0 || (table->choices & CHOICE_COUNT_ASID_ZERO) != 0)
    {
        atomic_fetch_add((word *)table->words + asid, pages);
    }
}

struct entry
{
    uint64_t low;
    uint64_t high;
};

static ALWAYS_INLINE uint64_t asid_of(uint64_t low)
{
    return (low & RMP_ASID) >> RMP_ASID_SHIFT;
}

static ALWAYS_INLINE struct entry updated(const struct rmp_table *table, struct entry old, const struct rmp_operand *operand)
{
    if ((operand->rest & OPERAND_ASSIGNED) == 0) return (struct entry){ 0, 0 };
    uint64_t asid = operand->rest >> OPERAND_ASID_SHIFT;
    uint64_t large = (operand->rest & OPERAND_LARGE) != 0 ? RMP_LARGE : 0;
    uint64_t stored = operand->gpa & table->gpa_mask & RMP_GPA;
    uint64_t compared = (table->choices & CHOICE_COMPARE_UNMASKED) != 0 ? operand->gpa & ~OFFSET_4K : stored;
    bool reset = asid != asid_of(old.low) || compared != (old.low & RMP_GPA) || large != (old.low & RMP_LARGE)
        || (old.low & RMP_ASSIGNED) == 0 || asid == 0;
    uint64_t low = RMP_ASSIGNED | large | (asid << RMP_ASID_SHIFT) | stored;
    if ((operand->rest & OPERAND_IMMUTABLE) != 0)
    {
        low |= RMP_IMMUTABLE | ((table->choices & CHOICE_LOCK_FOLLOWS_IMMUTABLE) != 0 ? RMP_LOCK : 0);
    }

    if (!reset) low |= old.low & (RMP_VALIDATED | RMP_VMSA);
    return (struct entry){ low, reset ? table->vmpl0 : old.high };
}

static ALWAYS_INLINE bool owner_changes(struct entry old, const struct rmp_operand *operand)
{
    return (old.low & RMP_ASSIGNED) != (operand->rest & OPERAND_ASSIGNED) || asid_of(old.low) != operand->rest >> OPERAND_ASID_SHIFT;
}

static ALWAYS_INLINE int raise_count(const struct rmp_table *table, word *base, uint64_t seen)
{
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        int code = small_code(table, seen);
        if (code != RMP_SUCCESS) return code;
        if (atomic_compare_exchange_strong(base, &seen, move_count(seen, RMP_ONE_SUBPAGE))) return RMP_SUCCESS;
    }

    return contended(table);
}

static ALWAYS_INLINE void lower_count(word *base, uint64_t seen)
{
    while (!atomic_compare_exchange_strong(base, &seen, move_count(seen, ~RMP_ONE_SUBPAGE + 1)))
    {
    }
}

static ALWAYS_INLINE void publish_base(word *base, uint64_t low)
{
    uint64_t seen = acquire(base);
    while (!atomic_compare_exchange_strong(base, &seen, low | (seen & RMP_COUNT)))
    {
    }
}

/* A reader accepts both quadwords of an entry only if the region's version did not move meanwhile. */
static _Alignas(64) word versions[64 * 8];

static ALWAYS_INLINE void begin_write(uint64_t index)
{
    atomic_fetch_add(&versions[index / (RMP_LAST_SUBPAGE + 1) % 64 * 8], 1);
}

static ALWAYS_INLINE int commit_subpage(const struct rmp_table *table, uint64_t index, uint64_t old_low, uint64_t base_low,
                                        const struct rmp_operand *operand)
{
    word *own = low_of(table, index);
    word *high = high_of(table, index);
    word *base = low_of(table, index & ~RMP_LAST_SUBPAGE);
    struct entry old = { old_low, acquire(high) };
    bool assigns = (operand->rest & OPERAND_ASSIGNED) != 0;
    bool was_assigned = (old_low & RMP_ASSIGNED) != 0;
    int code;
    if (assigns && !was_assigned)
    {
        code = raise_count(table, base, base_low);
    }
    else
    {
        base_low = acquire(base);
        code = small_code(table, base_low);
    }

    if (code != RMP_SUCCESS)
    {
        release(own, old_low);
        return code;
    }

    struct entry next = updated(table, old, operand);
    bool changes = owner_changes(old, operand);
    if (changes && assigns) add_pages(table, operand->rest >> OPERAND_ASID_SHIFT, 1);
    if (was_assigned && next.high != old.high) begin_write(index);
    release(high, next.high);
    if (was_assigned && !assigns)
    {
        release(own, RMP_LOCK); /* released for every check, locked until the count has followed */
        lower_count(base, base_low);
    }

    release(own, next.low);
    if (changes && was_assigned) add_pages(table, asid_of(old_low), ~UINT64_C(0));
    return RMP_SUCCESS;
}

static ALWAYS_INLINE int update_subpage(const struct rmp_table *table, uint64_t index, const struct rmp_operand *operand)
{
    word *own = low_of(table, index);
    word *base = low_of(table, index & ~RMP_LAST_SUBPAGE);
    uint64_t low = acquire(own);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t held = low & (RMP_LOCK | RMP_IMMUTABLE);
        if (held != 0) return held_code(table, held);
        uint64_t base_low = acquire(base);
        int code = small_code(table, base_low);
        if (code != RMP_SUCCESS) return code;
        if (atomic_compare_exchange_strong(own, &low, low | RMP_LOCK)) return commit_subpage(table, index, low, base_low, operand);
    }

    return contended(table);
}

static COLD int update_base(const struct rmp_table *table, uint64_t index, const struct rmp_operand *operand)
{
    word *own = low_of(table, index);
    word *high = high_of(table, index);
    uint64_t low = acquire(own);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t held = low & (RMP_LOCK | RMP_IMMUTABLE);
        if (held != 0) return held_code(table, held);
        if (is_frozen(low)) return contended(table);
        if ((low & RMP_LARGE) != 0) return RMP_FAIL_OVERLAP;
        if (!atomic_compare_exchange_strong(own, &low, low | RMP_LOCK)) continue;
        struct entry old = { low, acquire(high) };
        struct entry next = updated(table, old, operand);
        bool changes = owner_changes(old, operand);
        if (changes && (operand->rest & OPERAND_ASSIGNED) != 0) add_pages(table, operand->rest >> OPERAND_ASID_SHIFT, 1);
        if ((old.low & RMP_ASSIGNED) != 0 && next.high != old.high) begin_write(index);
        release(high, next.high);
        publish_base(own, next.low);
        if (changes && (old.low & RMP_ASSIGNED) != 0) add_pages(table, asid_of(old.low), ~UINT64_C(0));
        return RMP_SUCCESS;
    }

    return contended(table);
}

static bool lock_subpages(const struct rmp_table *table, uint64_t base, uint64_t refused, uint64_t *obstacle)
{
    for (uint64_t i = 1; i <= RMP_LAST_SUBPAGE; i++)
    {
        word *sub = low_of(table, base + i);
        uint64_t seen = acquire(sub);
        while ((seen & refused) == 0 && !atomic_compare_exchange_strong(sub, &seen, seen | RMP_LOCK))
        {
        }

        if ((seen & refused) != 0)
        {
            *obstacle = seen;
            while (--i >= 1)
            {
                release(low_of(table, base + i), acquire(low_of(table, base + i)) & ~RMP_LOCK);
            }

            return false;
        }
    }

    return true;
}

static COLD int obstructed(const struct rmp_table *table, uint64_t obstacle)
{
    bool locked = (obstacle & RMP_LOCK) != 0;
    if ((obstacle & RMP_IMMUTABLE) == 0 || (locked && (table->choices & CHOICE_LOCK_FIRST) != 0)) return contended(table);
    return (table->choices & CHOICE_FIXED_SUBPAGE_OVERLAP) != 0 ? RMP_FAIL_OVERLAP : RMP_FAIL_PERMISSION;
}

static int commit_large(const struct rmp_table *table, uint64_t base, uint64_t old_low, const struct rmp_operand *operand)
{
    word *own = low_of(table, base);
    word *high = high_of(table, base);
    uint64_t obstacle = 0;
    uint64_t refused = (old_low & RMP_LARGE) != 0 ? RMP_LOCK : RMP_LOCK | RMP_IMMUTABLE;
    if (!lock_subpages(table, base, refused, &obstacle))
    {
        release(own, old_low);
        return obstructed(table, obstacle);
    }

    struct entry old = { old_low, acquire(high) };
    struct entry next = updated(table, old, operand);
    bool changes = owner_changes(old, operand);
    bool assigns = (operand->rest & OPERAND_ASSIGNED) != 0;
    if (changes && assigns) add_pages(table, operand->rest >> OPERAND_ASID_SHIFT, 512);
    if (assigns) release(own, next.low | RMP_ASID);
    begin_write(base);
    release(high, next.high);
    for (uint64_t i = 1; i <= RMP_LAST_SUBPAGE; i++)
    {
        release(high_of(table, base + i), 0);
        release(low_of(table, base + i), next.low & RMP_ASSIGNED);
    }

    release(own, next.low);
    if (changes && (old_low & RMP_ASSIGNED) != 0) add_pages(table, asid_of(old_low), ~UINT64_C(511));
    return RMP_SUCCESS;
}

static int update_large(const struct rmp_table *table, uint64_t base, const struct rmp_operand *operand)
{
    word *own = low_of(table, base);
    uint64_t low = acquire(own);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t held = low & (RMP_LOCK | RMP_IMMUTABLE);
        if (held != 0) return held_code(table, held);
        if (is_frozen(low)) return contended(table);
        if ((low & RMP_LARGE) == 0 && (low & (RMP_ASSIGNED | RMP_COUNT)) != 0) return RMP_FAIL_OVERLAP;
        if (atomic_compare_exchange_strong(own, &low, low | RMP_ASID)) return commit_large(table, base, low, operand);
    }

    return contended(table);
}

static ALWAYS_INLINE int update(const struct rmp_table *table, const struct rmp_processor *processor, uint64_t page, const struct rmp_operand *operand)
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
    if (large) return update_large(table, index, operand);
    return (index & RMP_LAST_SUBPAGE) == 0 ? update_base(table, index, operand) : update_subpage(table, index, operand);
}

EXPORT uint64_t rmpupdate_atomic(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
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
