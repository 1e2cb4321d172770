/* Nested walks in batches: for 16 at a time the tables are read ahead, one step of each after the other, before each is walked as a single
 * one: the algorithm of the library's batches. A step looks at presence, page size and address alone. The results are in memory, as the
 * library's are, before they are added up. */
#include "nested_walk.h"

#define GROUP 16
#define MOST_RESULTS 1024

struct ahead
{
    uint64_t next;  /* entry to read */
    uint64_t gpa;   /* what nested entries lead to */
    uint32_t guest; /* level of the guest's entry; 0 for the page */
    uint32_t host;  /* level of the nested entry; 0 if the guest's is next */
};

static ALWAYS_INLINE bool leads_to_page(uint64_t entry, uint32_t level)
{
    return level == 1 || (level <= 3 && (entry & PAGE_LARGE) != 0);
}

static ALWAYS_INLINE uint64_t page_of(uint64_t entry, uint64_t address_bits, uint32_t level, uint64_t address)
{
    uint64_t offset = (UINT64_C(1) << (3 + 9 * level)) - 1;
    return (entry & address_bits & ~offset) | (address & offset);
}

static ALWAYS_INLINE bool look_ahead(const struct walk_memory *memory, const struct nested_walk_state *state, uint64_t address,
                                     struct ahead *one)
{
    uint64_t entry;
    if (!read_entry_at(memory, one->next, &entry) || (entry & PAGE_PRESENT) == 0) return false;
    if (one->host != 0)
    {
        if (!leads_to_page(entry, one->host))
        {
            one->host--;
            one->next = entry_address(entry & state->host_address, one->gpa, (int)one->host);
            return true;
        }

        one->next = page_of(entry, state->host_address, one->host, one->gpa);
        one->host = 0;
        return one->guest != 0;
    }

    if (leads_to_page(entry, one->guest))
    {
        one->gpa = page_of(entry, state->guest_address, one->guest, address);
        one->guest = 0;
    }
    else
    {
        one->guest--;
        one->gpa = entry_address(entry & state->guest_address, address, (int)one->guest);
    }

    one->host = (uint32_t)state->host.levels;
    one->next = entry_address(state->host.root, one->gpa, (int)one->host);
    return true;
}

static void read_ahead(const struct walk_memory *memory, const struct nested_walk_state *state, const uint64_t *addresses, uint64_t count)
{
    struct ahead all[GROUP];
    uint8_t going[GROUP];
    for (uint64_t i = 0; i < count; i++)
    {
        uint64_t gpa = entry_address(state->guest.root, addresses[i], (int)state->guest.levels);
        uint64_t next = entry_address(state->host.root, gpa, (int)state->host.levels);
        all[i] = (struct ahead){ next, gpa, (uint32_t)state->guest.levels, (uint32_t)state->host.levels };
        going[i] = (uint8_t)i;
    }

    while (count > 0)
    {
        uint64_t still = 0;
        for (uint64_t k = 0; k < count; k++)
        {
            uint8_t i = going[k];
            if (!look_ahead(memory, state, addresses[i], &all[i])) continue;
            if (all[i].next - memory->start <= memory->last_qword) __builtin_prefetch(memory->zero + all[i].next);
            if (all[i].guest != 0 || all[i].host != 1) going[still++] = i;
        }

        count = still;
    }
}

EXPORT uint64_t nested_batch(const struct walk_memory *memory, const struct nested_walk_state *state, const uint64_t *addresses,
                             uint64_t iterations)
{
    struct guest_translation results[MOST_RESULTS];
    uint64_t sum = 0;
    for (uint64_t done = 0; done < iterations; done += MOST_RESULTS)
    {
        uint64_t batch = iterations - done < MOST_RESULTS ? iterations - done : MOST_RESULTS;
        for (uint64_t i = 0; i < batch; i++)
        {
            if (i % GROUP == 0) read_ahead(memory, state, addresses + done + i, batch - i < GROUP ? batch - i : GROUP);
            results[i] = translate(
                memory, state, addresses[done + i], (struct access){ GUEST_WRITE, false, false }, NULL, WALK_JUDGES_PAGE);
        }

        for (uint64_t i = 0; i < batch; i++)
        {
            struct guest_translation of = results[i];
            sum += of.guest.address + of.nested.address + of.status + of.guest.rights + of.nested.rights + of.code + of.is_private;
        }
    }

    return sum;
}
