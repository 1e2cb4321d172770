/* RMPUPDATE in pairs, assign and release, each as rmpupdate.h has it. */
#include <string.h>

#include "rmpupdate.h"

static ALWAYS_INLINE uint64_t pairs(const struct rmp_table *table, bool segmented, const struct rmp_processor *processor,
                                    const uint64_t *pages, const struct rmp_operand *assign, const struct rmp_operand *release_operand,
                                    uint64_t iterations)
{
    uint64_t codes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        codes += (uint64_t)update(table, segmented, processor, pages[i], assign);
        codes += (uint64_t)update(table, segmented, processor, pages[i], release_operand);
    }

    return codes;
}

EXPORT uint64_t rmpupdate_atomic(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                 const struct rmp_operand *assign, const struct rmp_operand *release_operand, uint64_t iterations)
{
    return pairs(table, false, processor, pages, assign, release_operand, iterations);
}

/* The counter of an ASID, while nobody counts. */
EXPORT uint64_t rmpupdate_counted(const struct rmp_table *table, uint64_t asid)
{
    uint64_t count = table->words[asid];
    for (uint64_t place = 0; table->counters != NULL && place <= PLACES; place++)
    {
        const uint64_t *sums = table->counters + place * COUNTER_WORDS + COUNTER_GUARD / 2 + 2 * asid;
        count += sums[0] - sums[1];
    }

    return count;
}

EXPORT uint64_t rmpupdate_segmented(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                    const struct rmp_operand *assign, const struct rmp_operand *release_operand, uint64_t iterations)
{
    return pairs(table, true, processor, pages, assign, release_operand, iterations);
}

/* Each page is released, then its region gets its old bytes back. */
EXPORT uint64_t rmpupdate_release(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                  const struct rmp_operand *release_operand, const void *region, uint64_t iterations)
{
    uint64_t codes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        codes += (uint64_t)update(table, false, processor, pages[i], release_operand);
        uint64_t index;
        if (region != NULL && find_entry(table, false, pages[i], &index)) memcpy(table->words + 2 * index, region, 8 * REGION_WORDS);
    }

    return codes;
}
