/* What every instruction's baseline shares: the library's lock-free protocol in C11 atomics. Lock the own entry by compare-and-swap, move
 * the count of the region by compare-and-swap, publish the low quadword last; a release publishes first and moves the count last. A 2 MiB
 * instruction takes the base, and overwrites what is not locked; whoever locks a sub-entry looks afterwards whether it holds the lock. */
#ifndef RMP_PROTOCOL_H
#define RMP_PROTOCOL_H

#include <stdatomic.h>

#include "counters.h"
#include "scan.h"

#define MAX_ATTEMPTS 64
#define REGION_WORDS (2 * (RMP_LAST_SUBPAGE + 1))

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

static ALWAYS_INLINE void prefetch_entry(const struct rmp_table *table, uint64_t index)
{
    __builtin_prefetch(table->words + 2 * index);
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

static ALWAYS_INLINE bool is_counted(const struct rmp_table *table, uint64_t asid)
{
    return asid != 0 || (table->choices & CHOICE_COUNT_ASID_ZERO) != 0;
}

/* Before pages are published as assigned. */
static ALWAYS_INLINE void raise_pages(const struct rmp_table *table, uint64_t asid, uint64_t pages)
{
    if (!is_counted(table, asid)) return;
    if (table->counters != NULL) add_own(table->counters, 2 * asid, pages);
    else atomic_fetch_add((word *)table->words + asid, pages);
}

/* After they have been released. */
static ALWAYS_INLINE void lower_pages(const struct rmp_table *table, uint64_t asid, uint64_t pages)
{
    if (!is_counted(table, asid)) return;
    if (table->counters != NULL) add_own(table->counters, 2 * asid + 1, pages);
    else atomic_fetch_sub((word *)table->words + asid, pages);
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
    (void)atomic_exchange(version_of(table, index), new_token());
}

/* Where a compare-and-swap follows before the instruction ends. */
static ALWAYS_INLINE void begin_fenced_write(const struct rmp_table *table, uint64_t index)
{
    release(version_of(table, index), new_token());
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

/* The value that locks a sub-entry: it names the thread, by bits of an address in its stack, in the field of the guest address. */
static ALWAYS_INLINE uint64_t this_thread(void)
{
    uint64_t here;
    return (((uint64_t)(uintptr_t)&here << 5) & RMP_GPA) | BITS(50, 50);
}

/* A base that a 2 MiB instruction has taken, and may be overwriting the sub-entries of. */
static ALWAYS_INLINE uint64_t taken(uint64_t base_low)
{
    return base_low | RMP_ASID | RMP_GPA;
}

/* What is set in any sub-entry. */
static inline struct entry union_of_subpages(const struct rmp_table *table, uint64_t base)
{
    const uint64_t *words = table->words + 2 * base;
    struct entry seen = { 0, 0 };
    for (uint64_t i = 2; i < WORDS_PER_VECTOR; i += 2)
    {
        seen.low |= words[i];
        seen.high |= words[i + 1];
    }

    const vector *at = (const vector *)words;
    vector all = at[1] | at[2] | at[3];
    for (uint64_t i = 4; i < REGION_WORDS / WORDS_PER_VECTOR; i += 4)
    {
        all |= at[i] | at[i + 1] | at[i + 2] | at[i + 3];
    }

    for (uint64_t i = 0; i < WORDS_PER_VECTOR; i += 2)
    {
        seen.low |= all[i];
        seen.high |= all[i + 1];
    }

    return seen;
}

/* Clears some bits of all sub-entries, and sets others. */
static ALWAYS_INLINE void change_subpages(const struct rmp_table *table, uint64_t base, struct entry cleared, struct entry set)
{
    uint64_t *words = table->words + 2 * base;
    for (uint64_t i = 2; i < WORDS_PER_VECTOR; i += 2)
    {
        words[i] = (words[i] & ~cleared.low) | set.low;
        words[i + 1] = (words[i + 1] & ~cleared.high) | set.high;
    }

    const vector lows = LOW_WORDS;
    const vector kept = ~(lows * cleared.low | (1 - lows) * cleared.high);
    const vector added = lows * set.low | (1 - lows) * set.high;
    vector *at = (vector *)words;
    for (uint64_t i = 1; i < REGION_WORDS / WORDS_PER_VECTOR; i++)
    {
        at[i] = (at[i] & kept) | added;
    }
}

static ALWAYS_INLINE bool is_plain(struct entry seen, bool large)
{
    return (seen.low & (RMP_LOCK | RMP_IMMUTABLE | RMP_ASID | (large ? 0 : RMP_ASSIGNED))) == 0;
}

static inline void lock_all(const struct rmp_table *table, uint64_t base)
{
    change_subpages(table, base, (struct entry){ RMP_GPA, 0 }, (struct entry){ RMP_LOCK | this_thread(), 0 });
}

static inline void write_highs(const struct rmp_table *table, uint64_t base, uint64_t high)
{
    change_subpages(table, base, (struct entry){ 0, ~UINT64_C(0) }, (struct entry){ 0, high });
    atomic_thread_fence(memory_order_release);
}

/* The high quadwords are zero. */
static inline void write_lows(const struct rmp_table *table, uint64_t base, uint64_t low)
{
    change_subpages(table, base, (struct entry){ ~UINT64_C(0), ~UINT64_C(0) }, (struct entry){ low, 0 });
}

/* Writes the low quadwords and nothing else: from its own on, an entry may be changed by others. Guest addresses rise by a page. */
static inline void write_rising(const struct rmp_table *table, uint64_t base, uint64_t low, uint64_t gpa_mask)
{
    uint64_t rest = low & ~RMP_GPA;
    uint64_t i = 1;
#if defined(__AVX512F__)
    for (; i < WORDS_PER_VECTOR / 2; i++) release(low_of(table, base + i), rest | ((low + (i << PAGE_SHIFT_4K)) & gpa_mask));
    const vector pages = { 0, 0, 1, 0, 2, 0, 3, 0 };
    for (; i <= RMP_LAST_SUBPAGE; i += WORDS_PER_VECTOR / 2)
    {
        vector lows = rest | ((low + ((i + pages) << PAGE_SHIFT_4K)) & gpa_mask);
        _mm512_mask_storeu_epi64(table->words + 2 * (base + i), 0x55, (__m512i)lows);
    }
#endif
    for (; i <= RMP_LAST_SUBPAGE; i++) release(low_of(table, base + i), rest | ((low + (i << PAGE_SHIFT_4K)) & gpa_mask));
}

/* Locks the sub-entries of a region one by one; if one cannot be locked, all others are as they were. For damaged tables, and to find what
 * is in the way. */
static inline bool lock_subpages(const struct rmp_table *table, uint64_t base, uint64_t refused, uint64_t *obstacle)
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

/* The tests before everything else in the host's instructions: zero, or what they end with. */
static ALWAYS_INLINE int host_refusal(const struct rmp_processor *processor)
{
    if (processor->is_64bit == 0 || processor->snp_enabled == 0) return RMP_INVALID_OPCODE;
    if (processor->cpl != 0) return RMP_GENERAL_PROTECTION;
    return processor->asid != 0 ? RMP_FAIL_PERMISSION : RMP_SUCCESS;
}

#endif
