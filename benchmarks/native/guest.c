/* A guest's instructions on pages whose addresses are translated already, and the checks of its accesses. */
#include "guest_instructions.h"

static ALWAYS_INLINE uint64_t digest(struct guest_result of)
{
    return (of.value & 0xFF) + ((of.value & RESULT_CARRY) != 0 ? 0x100 : 0) + of.code;
}

EXPORT uint64_t rmp_pvalidate(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages,
                              uint32_t large, uint32_t last, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += digest(pvalidate(table, processor, &pages[i], large != 0, true));
        sum += digest(pvalidate(table, processor, &pages[i], large != 0, last != 0));
    }

    return sum;
}

EXPORT uint64_t rmp_rmpadjust(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages,
                              uint64_t first, uint64_t last, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += digest(rmpadjust(table, processor, &pages[i], false, first));
        sum += digest(rmpadjust(table, processor, &pages[i], false, last));
    }

    return sum;
}

EXPORT uint64_t rmp_rmpquery(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages,
                             uint32_t target_vmpl, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        uint64_t output;
        sum += digest(rmpquery(table, processor, &pages[i], target_vmpl, &output));
        sum += output;
    }

    return sum;
}

EXPORT uint64_t rmp_guest_check(const struct rmp_table *table, const struct guest_access *access, const struct rmp_page *pages,
                                uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += digest(check_access(table, access, &pages[i]));
    }

    return sum;
}
