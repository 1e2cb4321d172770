/* Walks in groups of 16 that advance together: to the page directory, to the page table, to the page, where each round prefetches what the
 * next one reads. The algorithm of the library's batches, whose groups are of 32. The results are in memory, as the library's do, before
 * they are added up. */
#include "walk.h"

#define GROUP 16
#define MOST_RESULTS 1024

struct pending
{
    struct walk walk;
    uint64_t address;
    uint64_t level; /* of the table to read next; 0 if the walk is over */
};

static ALWAYS_INLINE void prefetch(const struct walk_memory *memory, uint64_t table, uint64_t address, int level)
{
    uint64_t entry_address = table + ((address >> (3 + 9 * level)) & 511) * 8;
    if (entry_address - memory->start <= memory->last_qword) __builtin_prefetch(memory->zero + entry_address);
}

static ALWAYS_INLINE bool to_page_directory(const struct walk_memory *memory, const struct walk_state *state, uint64_t address,
                                            struct access access, struct walk *walk, struct translation *result)
{
    int spare = state->levels == 5 ? 7 : 16;
    if ((uint64_t)((int64_t)(address << spare) >> spare) != address)
    {
        *result = ended(WALK_NON_CANONICAL, 0, 0, 0);
        return false;
    }

    *walk = (struct walk){ state->root, PAGE_WRITABLE | PAGE_USER, 0 };
    return !(state->levels == 5 && step(memory, state, address, access, NULL, 5, walk, result))
        && !step(memory, state, address, access, NULL, 4, walk, result)
        && !step(memory, state, address, access, NULL, 3, walk, result);
}

static ALWAYS_INLINE void translate_group(const struct walk_memory *memory, const struct walk_state *state, struct access access,
                                          const uint64_t *addresses, uint64_t count, struct pending *group, struct translation *results)
{
    for (uint64_t i = 0; i < count; i++)
    {
        struct walk walk;
        group[i].level = 0;
        if (!to_page_directory(memory, state, addresses[i], access, &walk, &results[i])) continue;
        prefetch(memory, walk.table, addresses[i], 2);
        group[i] = (struct pending){ walk, addresses[i], 2 };
    }

    for (uint64_t i = 0; i < count; i++)
    {
        if (group[i].level != 2) continue;
        struct walk walk = group[i].walk;
        uint64_t address = group[i].address;
        group[i].level = 0;
        if (step(memory, state, address, access, NULL, 2, &walk, &results[i])) continue;
        prefetch(memory, walk.table, address, 1);
        group[i] = (struct pending){ walk, address, 1 };
    }

    for (uint64_t i = 0; i < count; i++)
    {
        if (group[i].level != 1) continue;
        struct walk walk = group[i].walk;
        (void)step(memory, state, group[i].address, access, NULL, 1, &walk, &results[i]);
    }
}

EXPORT uint64_t walk_batch(const struct walk_memory *memory, const struct walk_state *state, const uint64_t *addresses, uint64_t iterations)
{
    struct translation results[MOST_RESULTS];
    struct pending group[GROUP];
    uint64_t sum = 0;
    for (uint64_t done = 0; done < iterations; done += MOST_RESULTS)
    {
        uint64_t batch = iterations - done < MOST_RESULTS ? iterations - done : MOST_RESULTS;
        for (uint64_t first = 0; first < batch; first += GROUP)
        {
            uint64_t count = batch - first < GROUP ? batch - first : GROUP;
            translate_group(memory, state, kernel_read, addresses + done + first, count, group, results + first);
        }

        for (uint64_t i = 0; i < batch; i++)
        {
            sum += digest(results[i]);
        }
    }

    return sum;
}
