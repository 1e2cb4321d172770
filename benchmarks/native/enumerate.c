/* Every leaf of the paging structures in ascending order: an iterator that goes on within a page table as long as it can, and by every way
 * there is out of line. What the library's enumerator does. */
#include "walk.h"

#define ENTRIES 512
#define LEVELS 6

/* The addresses that the entries map follow from the position of the entries: base + (next entry << step). */
struct table
{
    uint64_t at; /* the entry to read next */
    uint64_t end;
    uint64_t base;
    uint64_t all;
    uint64_t any;
};

struct mappings
{
    const struct walk_memory *memory;
    const struct walk_state *state;
    uint64_t first;
    uint64_t last;
    struct table above[LEVELS];
    struct table here;
    uint64_t entry;
    uint64_t page_mask; /* the address that a leaf in here holds */
    uint64_t leaves; /* here.end if it is a page table; else 0 */
    int32_t level;
    int32_t step;
    uint8_t size;
    int64_t absent_tables;
    uint64_t first_absent_entry;
};

struct mapping
{
    uint64_t virtual_address;
    uint64_t address;
    uint64_t leaf;
    uint8_t size;
    uint8_t rights;
};

static ALWAYS_INLINE int shift_of(int level)
{
    return 3 + 9 * level;
}

static ALWAYS_INLINE bool try_read(const struct walk_memory *memory, uint64_t address, uint64_t *entry)
{
    if (address - memory->start > memory->last_qword) return false;
    *entry = atomic_load_explicit((_Atomic uint64_t *)(memory->zero + address), memory_order_relaxed);
    return true;
}

static uint64_t extended(const struct mappings *mappings, uint64_t linear)
{
    int spare = mappings->state->levels == 5 ? 7 : 16;
    return (uint64_t)((int64_t)(linear << spare) >> spare);
}

static ALWAYS_INLINE int step_of(int level)
{
    return 9 * level;
}

static struct table table_at(const struct mappings *mappings, uint64_t table, uint64_t linear, uint64_t all, uint64_t any)
{
    int shift = shift_of(mappings->level);
    uint64_t unextended = linear & ((UINT64_C(1) << (shift_of((int)mappings->state->levels) + 9)) - 1);
    uint64_t first = mappings->first <= unextended ? 0 : (mappings->first - unextended) >> shift;
    uint64_t end = ((mappings->last - unextended) >> shift) + 1;
    if (end > ENTRIES) end = ENTRIES;
    return (struct table){ table + first * 8, table + end * 8, extended(mappings, linear) - ((table + 8) << step_of(mappings->level)), all,
                           any };
}

static void enter(struct mappings *mappings, int32_t level)
{
    mappings->level = level;
    mappings->leaves = level == 1 ? mappings->here.end : 0;
    mappings->step = step_of(level);
    mappings->size = (uint8_t)(level - 1);
    mappings->page_mask = PAGE_ADDRESS & ~((UINT64_C(1) << shift_of(level)) - 1);
}

static void descend(struct mappings *mappings, uint64_t entry)
{
    struct table *here = &mappings->here;
    uint64_t linear = here->base + (here->at << step_of(mappings->level));
    mappings->above[mappings->level] = *here;
    mappings->level--;
    *here = table_at(mappings, entry & PAGE_ADDRESS, linear, here->all & entry, here->any | entry);
    enter(mappings, mappings->level);
}

static __attribute__((noinline)) bool move_on(struct mappings *mappings)
{
    struct table *here = &mappings->here;
    for (;;)
    {
        if (here->at >= here->end)
        {
            if (mappings->level == (int32_t)mappings->state->levels) return false;
            *here = mappings->above[mappings->level + 1];
            enter(mappings, mappings->level + 1);
            continue;
        }

        uint64_t entry;
        if (!try_read(mappings->memory, here->at, &entry))
        {
            if (mappings->absent_tables++ == 0) mappings->first_absent_entry = here->at;
            here->at = here->end;
            continue;
        }

        here->at += 8;
        if ((entry & PAGE_PRESENT) == 0) continue;
        mappings->entry = entry;
        if (mappings->level == 1 || (mappings->level <= 3 && (entry & PAGE_LARGE) != 0)) return true;
        descend(mappings, entry);
    }
}

static ALWAYS_INLINE bool move_next(struct mappings *mappings)
{
    uint64_t at = mappings->here.at;
    uint64_t entry;
    if (at >= mappings->leaves || !try_read(mappings->memory, at, &entry) || (entry & PAGE_PRESENT) == 0) return move_on(mappings);
    mappings->here.at = at + 8;
    mappings->entry = entry;
    return true;
}

static ALWAYS_INLINE struct mapping current(const struct mappings *mappings)
{
    const struct table *here = &mappings->here;
    uint64_t entry = mappings->entry;
    uint32_t rights = (uint32_t)((here->all & entry & (PAGE_WRITABLE | PAGE_USER)) >> 1);
    if (!mappings->state->no_execute || ((here->any | entry) & PAGE_NO_EXECUTE) == 0) rights |= RIGHT_EXECUTE;
    return (struct mapping){ here->base + (here->at << mappings->step), entry & mappings->page_mask, entry, mappings->size,
                             (uint8_t)rights };
}

EXPORT uint64_t enumerate_mappings(const struct walk_memory *memory, const struct walk_state *state, uint64_t first, uint64_t last)
{
    uint64_t mask = (UINT64_C(1) << (shift_of((int)state->levels) + 9)) - 1;
    struct mappings mappings = {
        .memory = memory, .state = state, .first = first & mask, .last = last & mask, .level = (int32_t)state->levels
    };
    mappings.here = table_at(&mappings, state->root, 0, ~UINT64_C(0), 0);
    uint64_t sum = 0;
    while (move_next(&mappings))
    {
        struct mapping found = current(&mappings);
        sum += found.virtual_address + found.address + found.leaf + found.size + found.rights;
    }

    return sum + (uint64_t)mappings.absent_tables;
}
