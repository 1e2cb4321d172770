/* Walks one after the other, each as walk.h has it. */
#include "walk.h"

/* Independent: the next walk may start before the last one ended. */
static ALWAYS_INLINE uint64_t independent(const struct walk_memory *memory, const struct walk_state *state, struct access access,
                                          const struct rmp_table *check, const uint64_t *addresses, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += digest(translate(memory, state, addresses[i], access, check));
    }

    return sum;
}

/* Dependent: the next address needs the last result, in a way that adds zero. */
static ALWAYS_INLINE uint64_t dependent(const struct walk_memory *memory, const struct walk_state *state, struct access access,
                                        const struct rmp_table *check, const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    uint64_t sum = 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        last = digest(translate(memory, state, addresses[i] + (last & zero), access, check));
        sum += last;
    }

    return sum;
}

EXPORT uint64_t walk_independent(const struct walk_memory *memory, const struct walk_state *state, const uint64_t *addresses,
                                 uint64_t iterations)
{
    return independent(memory, state, kernel_read, NULL, addresses, iterations);
}

EXPORT uint64_t walk_dependent(const struct walk_memory *memory, const struct walk_state *state, const uint64_t *addresses,
                               uint64_t iterations, uint64_t zero)
{
    return dependent(memory, state, kernel_read, NULL, addresses, iterations, zero);
}

EXPORT uint64_t walk_checked_independent(const struct walk_memory *memory, const struct walk_state *state, const struct rmp_table *table,
                                         const uint64_t *addresses, uint64_t iterations)
{
    return independent(memory, state, kernel_write, table, addresses, iterations);
}

EXPORT uint64_t walk_checked_dependent(const struct walk_memory *memory, const struct walk_state *state, const struct rmp_table *table,
                                       const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    return dependent(memory, state, kernel_write, table, addresses, iterations, zero);
}
