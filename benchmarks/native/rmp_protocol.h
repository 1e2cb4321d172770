/* What every instruction's baseline shares: the library's lock-free protocol in C11 atomics. Lock the own entry by compare-and-swap, move
 * the count of the region by compare-and-swap, publish the low quadword last; a release publishes first and moves the count last. A 2 MiB
 * instruction freezes the base and overwrites what is not locked; whoever locks a sub-entry verifies afterwards that its lock is still
 * there. */
#ifndef RMP_PROTOCOL_H
#define RMP_PROTOCOL_H

#include <stdatomic.h>

#include "fastrmp_bench.h"
#include "scan.h"

#define MAX_ATTEMPTS 64
#define ONE_VERSION (UINT64_C(1) << 16)

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

/* Finds the entry of a page. Segmented or not is a constant wherever this is compiled. */
static ALWAYS_INLINE bool find_entry(const struct rmp_table *table, bool segmented, uint64_t address, uint64_t *index)
{
    uint64_t page = address >> PAGE_SHIFT_4K;
    if (!segmented)
    {
        *index = page + RMP_FIRST_ENTRY;
        return page < table->covered_pages;
    }

    uint32_t segment = (uint32_t)(page >> table->page_shift);
    if (segment >= table->window_count) return false;
    const struct rmp_window *window = &table->windows[segment];
    *index = page + window->to_index;
    return page < window->end_page;
}

static ALWAYS_INLINE bool is_frozen(uint64_t low)
{
    return (low & RMP_ASID) == RMP_ASID;
}

static ALWAYS_INLINE bool is_large(uint64_t low)
{
    return (low & RMP_LARGE) != 0;
}

static ALWAYS_INLINE bool in_motion(uint64_t low)
{
    return is_frozen(low) || (low & (RMP_LOCK | RMP_IMMUTABLE)) == RMP_LOCK;
}

static ALWAYS_INLINE int contended(const struct rmp_table *table)
{
    return RMP_CONTENDED | ((table->choices & CHOICE_OVERLAP_CODE) != 0 ? RMP_FAIL_OVERLAP : RMP_FAIL_INUSE);
}

static COLD bool find_in_use(const struct rmp_in_use *in_use, uint64_t address)
{
    for (uint64_t i = 0; i < in_use->total; i++)
    {
        if (in_use->pages[i] >> PAGE_SHIFT_4K == address >> PAGE_SHIFT_4K) return true;
    }

    return false;
}

static ALWAYS_INLINE bool is_in_use(const struct rmp_table *table, uint64_t address)
{
    struct rmp_in_use *in_use = table->in_use;
    return acquire((word *)&in_use->total) != 0 && find_in_use(in_use, address);
}

static COLD void clear_optimization(struct rmp_optimizations *optimizations, uint64_t address)
{
    uint64_t region = address >> 30;
    uint64_t *chunk = optimizations->stamps[region >> 11];
    if (chunk == NULL) return;
    word *stamp = (word *)&chunk[region & 2047];
    uint64_t seen = acquire(stamp);
    if ((seen & 1) != 0) (void)atomic_compare_exchange_strong(stamp, &seen, seen + 1);
}

static ALWAYS_INLINE void end_optimization(const struct rmp_table *table, uint64_t page, bool assigns)
{
    if (table->optimizations != NULL && (assigns || (table->choices & CHOICE_OPT_KEPT_ON_RELEASE) == 0))
        clear_optimization(table->optimizations, page);
}

static COLD bool forbids_write(const struct rmp_table *table, uint64_t address, bool large)
{
    if ((table->choices & CHOICE_IN_USE_WRITABLE) != 0) return false;
    return find_in_use(table->in_use, address)
           || ((table->choices & CHOICE_IN_USE_ERRATUM) != 0 && large && find_in_use(table->in_use, address & ~OFFSET_2M));
}

/* Relaxed loads: a fence would only stop the compiler from keeping its state in registers. */
static ALWAYS_INLINE bool hypervisor_owned(const struct rmp_table *table, uint64_t address, bool large)
{
    uint64_t index;
    if (!find_entry(table, false, address, &index)) return true;
    uint64_t reach = RMP_ASSIGNED;
    if (large)
    {
        index &= ~RMP_LAST_SUBPAGE;
        reach |= RMP_COUNT;
    }

    return (atomic_load_explicit(low_of(table, index), memory_order_relaxed) & reach) == 0;
}

/* The same total before and after, and zero: no page was in use at the moment at which the entry was read. */
static ALWAYS_INLINE bool host_writable(const struct rmp_table *table, uint64_t address, bool large)
{
    word *total = (word *)&table->in_use->total;
    uint64_t before = atomic_load_explicit(total, memory_order_relaxed);
    if (!hypervisor_owned(table, address, large)) return false;
    return ((uint32_t)before == 0 && atomic_load_explicit(total, memory_order_relaxed) == before) || !forbids_write(table, address, large);
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

static ALWAYS_INLINE uint64_t asid_of(uint64_t low)
{
    return (low & RMP_ASID) >> RMP_ASID_SHIFT;
}

/* A reader accepts both quadwords of an entry only if the region's version did not move meanwhile. */
static ALWAYS_INLINE word *version_of(const struct rmp_table *table, uint64_t index)
{
    return (word *)&table->versions[index / (RMP_LAST_SUBPAGE + 1) % 64 * 8];
}

static ALWAYS_INLINE void begin_write(const struct rmp_table *table, uint64_t index)
{
    atomic_fetch_add(version_of(table, index), ONE_VERSION);
}

/* Announces that sub-entries may be overwritten, before they are read; the base is frozen. */
static ALWAYS_INLINE void begin_overwrite(const struct rmp_table *table, uint64_t base)
{
    atomic_fetch_add(version_of(table, base), ONE_VERSION + 1);
}

static ALWAYS_INLINE void end_overwrite(const struct rmp_table *table, uint64_t base)
{
    atomic_fetch_sub(version_of(table, base), 1);
}

struct entry
{
    uint64_t low;
    uint64_t high;
};

/* Both quadwords, read once. Whether the entry was at rest. */
static ALWAYS_INLINE bool read_entry(const struct rmp_table *table, uint64_t index, struct entry *entry)
{
    word *at = low_of(table, index);
    uint64_t low = acquire(at);
    uint64_t high = acquire(high_of(table, index));
    uint64_t again = acquire(at);
    *entry = (struct entry){ again, high };
    return low == again && !in_motion(low);
}

static ALWAYS_INLINE void publish_base(word *base, uint64_t low)
{
    uint64_t seen = acquire(base);
    while (!atomic_compare_exchange_strong(base, &seen, low | (seen & RMP_COUNT)))
    {
    }
}

static ALWAYS_INLINE void publish(const struct rmp_table *table, uint64_t index, uint64_t low)
{
    if ((index & RMP_LAST_SUBPAGE) == 0)
    {
        publish_base(low_of(table, index), low & ~RMP_COUNT);
    }
    else
    {
        release(low_of(table, index), low);
    }
}

/* The value that locks a sub-entry: it names the thread, by bits [46:7] of an address in its stack, in the field of the guest address. */
static ALWAYS_INLINE uint64_t locked_by_this_thread(uint64_t low)
{
    uint64_t here;
    return (low & ~RMP_GPA) | RMP_LOCK | ((uint64_t)(uintptr_t)&here << 5 & RMP_GPA);
}

/* Asked before a sub-entry is read: a 2 MiB instruction may be writing it. */
static ALWAYS_INLINE bool being_overwritten(const struct rmp_table *table, uint64_t index)
{
    return is_frozen(acquire(low_of(table, index & ~RMP_LAST_SUBPAGE))) && (index & RMP_LAST_SUBPAGE) != 0
           && (acquire(version_of(table, index)) & (ONE_VERSION - 1)) != 0;
}

static COLD bool subpages_free_one_by_one(const struct rmp_table *table, uint64_t base, uint64_t refused, uint64_t *obstacle)
{
    for (uint64_t i = 1; i <= RMP_LAST_SUBPAGE; i++)
    {
        *obstacle = acquire(low_of(table, base + i));
        if ((*obstacle & refused) != 0) return false;
    }

    return true;
}

/* Whether no sub-entry of a region whose base is frozen is in the way. */
static ALWAYS_INLINE bool subpages_free(const struct rmp_table *table, uint64_t base, uint64_t refused, uint64_t *obstacle)
{
    return !scan_any_of(table->words + 2 * base, 2 * (RMP_LAST_SUBPAGE + 1), refused)
           || subpages_free_one_by_one(table, base, refused, obstacle);
}

/* Writes the sub-entries, all equal, with high quadwords of zero. */
static ALWAYS_INLINE void fill_subpages(const struct rmp_table *table, uint64_t base, uint64_t low)
{
    uint64_t *words = table->words + 2 * base;
    for (uint64_t i = 2; i < WORDS_PER_VECTOR; i += 2)
    {
        words[i] = low;
        words[i + 1] = 0;
    }

    const vector low_words = LOW_WORDS;
    const vector filled = low_words * low;
    for (uint64_t i = WORDS_PER_VECTOR; i < 2 * (RMP_LAST_SUBPAGE + 1); i += WORDS_PER_VECTOR)
    {
        *(vector *)(words + i) = filled;
    }
}

/* The tests before everything else in the host's instructions: zero, or what they end with. */
static ALWAYS_INLINE int host_refusal(const struct rmp_processor *processor)
{
    if (processor->is_64bit == 0 || processor->snp_enabled == 0) return RMP_INVALID_OPCODE;
    if (processor->cpl != 0) return RMP_GENERAL_PROTECTION;
    return processor->asid != 0 ? RMP_FAIL_PERMISSION : RMP_SUCCESS;
}

#endif
