/* A guest's walk through nested tables; nothing is marked, and the page is checked. */
#include "nested_walk.h"

static ALWAYS_INLINE uint64_t digest(struct guest_translation of)
{
    return of.guest.address + of.nested.address + of.status + of.guest.rights + of.nested.rights + of.code + of.is_private;
}

static ALWAYS_INLINE uint64_t independent(const struct walk_memory *memory, const struct nested_walk_state *state,
                                          const struct rmp_table *table, const uint64_t *addresses, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += digest(translate(memory, state, addresses[i], (struct access){ GUEST_WRITE, false, false }, table, WALK_JUDGES_PAGE));
    }

    return sum;
}

/* The next address needs the last result, in a way that adds zero. */
static ALWAYS_INLINE uint64_t dependent(const struct walk_memory *memory, const struct nested_walk_state *state,
                                        const struct rmp_table *table, const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    uint64_t sum = 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        last = digest(
            translate(memory, state, addresses[i] + (last & zero), (struct access){ GUEST_WRITE, false, false }, table, WALK_JUDGES_PAGE));
        sum += last;
    }

    return sum;
}

EXPORT uint64_t nested_independent(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                   const uint64_t *addresses, uint64_t iterations)
{
    return table == NULL ? independent(memory, state, NULL, addresses, iterations)
                         : independent(memory, state, table, addresses, iterations);
}

EXPORT uint64_t nested_dependent(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                 const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    return table == NULL ? dependent(memory, state, NULL, addresses, iterations, zero)
                         : dependent(memory, state, table, addresses, iterations, zero);
}
