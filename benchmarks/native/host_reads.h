/* What the host reads of an entry: RMPREAD, and the check of a write. */
#ifndef HOST_READS_H
#define HOST_READS_H

#include "rmp_protocol.h"

/* The 16 bytes of RMPREAD: GPA; Assigned [0], Page_Size [8], region status [9], Immutable [16], ASID [63:32]. */
static ALWAYS_INLINE int rmpread(const struct rmp_table *table, const struct rmp_processor *processor, uint64_t page, struct entry *output)
{
    *output = (struct entry){ 0, 0 };
    if (table->has_rmpread == 0) return RMP_INVALID_OPCODE;
    int refused = host_refusal(processor);
    if (refused != RMP_SUCCESS) return refused;
    uint64_t index;
    if ((page & OFFSET_4K) != 0 || !find_entry(table, false, page, &index)) return RMP_FAIL_INPUT;
    word *own = low_of(table, index);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t low = acquire(own);
        if (in_motion(low)) continue;
        bool region = (index & RMP_LAST_SUBPAGE) == 0 && ((low & RMP_COUNT) != 0 || is_large(low));
        output->low = low & RMP_GPA;
        output->high = (low & RMP_ASSIGNED) | (is_large(low) ? BITS(8, 8) : 0) | (region ? BITS(9, 9) : 0)
            | ((low & RMP_IMMUTABLE) != 0 ? BITS(16, 16) : 0) | asid_of(low) << 32;
        return RMP_SUCCESS;
    }

    return RMP_CONTENDED | RMP_FAIL_INUSE;
}

/* Zero, or the error code of the #PF. */
static ALWAYS_INLINE uint64_t check_host(const struct rmp_table *table, bool is_write, uint64_t address, bool large, bool is_user)
{
    if (!is_write || host_writable(table, address, large)) return 0;
    return BITS(31, 31) | BITS(1, 0) | (is_user ? BITS(2, 2) : 0);
}

#endif
