/* RMPUPDATE by the library's lock-free protocol, in C11 atomics; contiguous and segmented tables, each compiled for itself. */
#ifndef FASTRMP_RMPUPDATE_H
#define FASTRMP_RMPUPDATE_H

#include "rmp_protocol.h"

static COLD int held_code(const struct rmp_table *table, uint64_t held)
{
    bool lock_counts = held == RMP_LOCK || ((table->choices & CHOICE_LOCK_FIRST) != 0 && held != RMP_IMMUTABLE);
    return lock_counts ? contended(table) : RMP_FAIL_PERMISSION;
}

/* Zero if the region consists of small pages, else the answer. */
static ALWAYS_INLINE int small_code(const struct rmp_table *table, uint64_t base_low)
{
    if ((base_low & table->blocked_base) == 0 && !is_frozen(base_low)) return RMP_SUCCESS;
    if (is_frozen(base_low)) return contended(table);
    bool permission = (base_low & RMP_IMMUTABLE) != 0 && (!is_large(base_low) || (table->choices & CHOICE_IMMUTABLE_LARGE_OVERLAP) == 0);
    return permission ? RMP_FAIL_PERMISSION : RMP_FAIL_OVERLAP;
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

static ALWAYS_INLINE int commit_subpage(const struct rmp_table *table, uint64_t index, uint64_t page, uint64_t old_low, uint64_t locked,
                                        const struct rmp_operand *operand)
{
    word *own = low_of(table, index);
    word *high = high_of(table, index);
    word *base = low_of(table, index & ~RMP_LAST_SUBPAGE);
    struct entry old = { old_low, acquire(high) };
    bool assigns = (operand->rest & OPERAND_ASSIGNED) != 0;
    bool was_assigned = (old_low & RMP_ASSIGNED) != 0;
    uint64_t base_low = acquire(base);
    int code = small_code(table, base_low);
    if (code == RMP_SUCCESS && acquire(own) != locked) code = contended(table); /* a 2 MiB instruction has overwritten the lock */
    if (code == RMP_SUCCESS && is_in_use(table, page)) code = RMP_FAIL_INUSE;
    if (code == RMP_SUCCESS && assigns && !was_assigned) code = raise_count(table, base, base_low);
    if (code != RMP_SUCCESS)
    {
        (void)atomic_compare_exchange_strong(own, &locked, old_low);
        return code;
    }

    struct entry next = updated(table, old, operand);
    bool changes = owner_changes(old, operand);
    end_optimization(table, page, assigns);
    if (changes && assigns) raise_pages(table, operand->rest >> OPERAND_ASID_SHIFT, 1);
    if (was_assigned && !assigns) begin_fenced_write(table, index);
    else if (was_assigned && next.high != old.high) begin_write(table, index);
    release(high, next.high);
    if (was_assigned && !assigns)
    {
        release(own, RMP_LOCK); /* released for every check, locked until the count has followed */
        lower_count(base, base_low);
    }

    release(own, next.low);
    if (changes && was_assigned) lower_pages(table, asid_of(old_low), 1);
    return RMP_SUCCESS;
}

static ALWAYS_INLINE int update_subpage(const struct rmp_table *table, uint64_t index, uint64_t page, const struct rmp_operand *operand)
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
        uint64_t locked = (low & ~RMP_GPA) | RMP_LOCK | this_thread();
        if (atomic_compare_exchange_strong(own, &low, locked)) return commit_subpage(table, index, page, low, locked, operand);
    }

    return contended(table);
}

static COLD int update_base(const struct rmp_table *table, uint64_t index, uint64_t page, const struct rmp_operand *operand)
{
    word *own = low_of(table, index);
    word *high = high_of(table, index);
    uint64_t low = acquire(own);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t held = low & (RMP_LOCK | RMP_IMMUTABLE);
        if (held != 0) return held_code(table, held);
        if (is_frozen(low)) return contended(table);
        if (is_large(low)) return is_in_use(table, page) ? RMP_FAIL_INUSE : RMP_FAIL_OVERLAP;
        if (!atomic_compare_exchange_strong(own, &low, low | RMP_LOCK)) continue;
        struct entry old = { low, acquire(high) };
        if (is_in_use(table, page))
        {
            publish_base(own, low & ~RMP_COUNT);
            return RMP_FAIL_INUSE;
        }

        struct entry next = updated(table, old, operand);
        bool changes = owner_changes(old, operand);
        end_optimization(table, page, (operand->rest & OPERAND_ASSIGNED) != 0);
        if (changes && (operand->rest & OPERAND_ASSIGNED) != 0) raise_pages(table, operand->rest >> OPERAND_ASID_SHIFT, 1);
        if ((old.low & RMP_ASSIGNED) != 0 && next.high != old.high) begin_fenced_write(table, index);
        release(high, next.high);
        publish_base(own, next.low);
        if (changes && (old.low & RMP_ASSIGNED) != 0) lower_pages(table, asid_of(old.low), 1);
        return RMP_SUCCESS;
    }

    return contended(table);
}

static COLD int obstructed(const struct rmp_table *table, uint64_t obstacle)
{
    bool locked = (obstacle & RMP_LOCK) != 0;
    if ((obstacle & RMP_IMMUTABLE) == 0 || (locked && (table->choices & CHOICE_LOCK_FIRST) != 0)) return contended(table);
    return (table->choices & CHOICE_FIXED_SUBPAGE_OVERLAP) != 0 ? RMP_FAIL_OVERLAP : RMP_FAIL_PERMISSION;
}

static ALWAYS_INLINE uint64_t large_units(const struct rmp_table *table)
{
    return (table->choices & CHOICE_COUNT_LARGE_AS_ONE) != 0 ? 1 : 512;
}

static int commit_large(const struct rmp_table *table, uint64_t base, uint64_t page, uint64_t old_low, const struct rmp_operand *operand)
{
    word *own = low_of(table, base);
    word *high = high_of(table, base);
    uint64_t obstacle = 0;
    if (is_in_use(table, page))
    {
        release(own, old_low);
        return RMP_FAIL_INUSE;
    }

    uint64_t refused = is_large(old_low) ? RMP_LOCK : RMP_LOCK | RMP_IMMUTABLE;
    struct entry seen = union_of_subpages(table, base);
    bool plain = is_plain(seen, is_large(old_low));
    if (!plain && !lock_subpages(table, base, refused, &obstacle))
    {
        release(own, old_low);
        return obstructed(table, obstacle);
    }

    if (plain) lock_all(table, base);
    struct entry old = { old_low, acquire(high) };
    struct entry next = updated(table, old, operand);
    bool changes = owner_changes(old, operand);
    bool assigns = (operand->rest & OPERAND_ASSIGNED) != 0;
    end_optimization(table, page, assigns);
    if (changes && assigns) raise_pages(table, operand->rest >> OPERAND_ASID_SHIFT, large_units(table));
    if (assigns) release(own, taken(next.low & ~(RMP_IMMUTABLE | RMP_LOCK)));
    begin_write(table, base);
    release(high, next.high);
    if (!plain || seen.high != 0) write_highs(table, base, 0);
    write_lows(table, base, next.low & RMP_ASSIGNED);
    release(own, next.low);
    if (changes && (old_low & RMP_ASSIGNED) != 0) lower_pages(table, asid_of(old_low), large_units(table));
    return RMP_SUCCESS;
}

static int update_large(const struct rmp_table *table, uint64_t base, uint64_t page, const struct rmp_operand *operand)
{
    word *own = low_of(table, base);
    uint64_t low = acquire(own);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t held = low & (RMP_LOCK | RMP_IMMUTABLE);
        if (held != 0) return held_code(table, held);
        if (is_frozen(low)) return contended(table);
        if (is_in_use(table, page)) return RMP_FAIL_INUSE;
        if (!is_large(low) && (low & (RMP_ASSIGNED | RMP_COUNT)) != 0) return RMP_FAIL_OVERLAP;
        if (atomic_compare_exchange_strong(own, &low, taken(low))) return commit_large(table, base, page, low, operand);
    }

    return contended(table);
}

static ALWAYS_INLINE int update(const struct rmp_table *table, bool segmented, const struct rmp_processor *processor, uint64_t page,
                                const struct rmp_operand *operand)
{
    int refusal = host_refusal(processor);
    if (refusal != RMP_SUCCESS) return refusal;
    if ((table->choices & CHOICE_IGNORE_LOW_BITS) != 0) page &= ~OFFSET_4K;
    bool large = (operand->rest & OPERAND_LARGE) != 0;
    if ((page & (large ? OFFSET_2M : OFFSET_4K)) != 0) return RMP_FAIL_INPUT;
    uint64_t asid = operand->rest >> OPERAND_ASID_SHIFT;
    if ((operand->rest & OPERAND_ASSIGNED) == 0 && ((operand->rest & OPERAND_IMMUTABLE) != 0 || asid != 0)) return RMP_FAIL_INPUT;
    if ((operand->rest & OPERAND_RESERVED) != 0 && (table->choices & CHOICE_IGNORE_RESERVED) == 0) return RMP_FAIL_INPUT;
    if (asid > table->max_asid) return RMP_FAIL_INPUT;
    uint64_t index;
    if (!find_entry(table, segmented, page, &index)) return RMP_FAIL_INPUT;
    if (large) return update_large(table, index, page, operand);
    return (index & RMP_LAST_SUBPAGE) == 0 ? update_base(table, index, page, operand) : update_subpage(table, index, page, operand);
}

#endif
