/* The checks of a guest's access, and what a guest's instructions and accesses come to. */
#ifndef GUEST_CHECK_H
#define GUEST_CHECK_H

#include "rmp_protocol.h"

#define NPF_PRESENT BITS(0, 0)
#define NPF_WRITE BITS(1, 1)
#define NPF_USER BITS(2, 2)
#define NPF_FETCH BITS(4, 4)
#define NPF_RMP BITS(31, 31)
#define NPF_FINAL BITS(32, 32)
#define NPF_TABLE BITS(33, 33)
#define NPF_ENCRYPTED BITS(34, 34)
#define NPF_SIZE_MISMATCH BITS(35, 35)
#define NPF_VMPL BITS(36, 36)
#define NPF_SHADOW_STACK BITS(37, 37)

#define FAULT_INVALID_OPCODE (1u << 8)
#define FAULT_GENERAL_PROTECTION (2u << 8)
#define FAULT_NESTED_PAGE (3u << 8)
#define FAULT_NOT_VALIDATED (4u << 8)
#define RESULT_CONTENDED (1u << 16)
#define RESULT_CARRY (1u << 17)

#define PERMISSION_READ 1u
#define PERMISSION_WRITE 2u
#define PERMISSION_EXECUTE_USER 4u
#define PERMISSION_EXECUTE_SUPERVISOR 8u
#define PERMISSION_SHADOW_STACK 16u
#define PERMISSION_ALL 31u

enum guest_access_kind
{
    GUEST_READ,
    GUEST_WRITE,
    GUEST_FETCH,
    GUEST_TABLE,
    GUEST_SHADOW_STACK_READ,
    GUEST_SHADOW_STACK_WRITE,
};

struct guest_result
{
    uint32_t value; /* CF [17], contention [16], fault [15:8], status [7:0] */
    uint64_t code;
};

static ALWAYS_INLINE struct guest_result result(uint32_t value)
{
    return (struct guest_result){ value, 0 };
}

static ALWAYS_INLINE struct guest_result nested_fault(uint64_t code, bool is_contention)
{
    return (struct guest_result){ FAULT_NESTED_PAGE | (is_contention ? RESULT_CONTENDED : 0), code };
}

static ALWAYS_INLINE bool is_guest_page(uint64_t low, uint64_t asid, uint64_t gpa)
{
    const uint64_t compared = RMP_ASSIGNED | RMP_IMMUTABLE | RMP_ASID | RMP_LOCK;
    uint64_t page = gpa & ~(is_large(low) ? OFFSET_2M : OFFSET_4K);
    return (low & compared) == (RMP_ASSIGNED | (asid << RMP_ASID_SHIFT)) && (low & RMP_GPA) == page && asid < (RMP_ASID >> RMP_ASID_SHIFT);
}

static ALWAYS_INLINE uint64_t permissions_of(uint64_t high, uint32_t vmpl)
{
    return high >> (8 * (vmpl & 3)) & 0xFF;
}

static ALWAYS_INLINE bool writes(enum guest_access_kind kind)
{
    return kind == GUEST_WRITE || kind == GUEST_TABLE || kind == GUEST_SHADOW_STACK_WRITE;
}

static ALWAYS_INLINE uint64_t needed(enum guest_access_kind kind, uint8_t cpl)
{
    switch (kind)
    {
    case GUEST_READ:
        return PERMISSION_READ;
    case GUEST_FETCH:
        return cpl == 3 ? PERMISSION_EXECUTE_USER : PERMISSION_EXECUTE_SUPERVISOR;
    case GUEST_SHADOW_STACK_READ:
    case GUEST_SHADOW_STACK_WRITE:
        return PERMISSION_SHADOW_STACK;
    default:
        return PERMISSION_READ | PERMISSION_WRITE;
    }
}

static ALWAYS_INLINE uint64_t fault_code(enum guest_access_kind kind, bool is_private)
{
    return NPF_PRESENT | NPF_USER | NPF_RMP | (writes(kind) ? NPF_WRITE : 0) | (kind == GUEST_FETCH ? NPF_FETCH : 0)
           | (kind == GUEST_TABLE ? NPF_TABLE : NPF_FINAL) | (kind >= GUEST_SHADOW_STACK_READ ? NPF_SHADOW_STACK : 0)
           | (is_private ? NPF_ENCRYPTED : 0);
}

static ALWAYS_INLINE struct guest_result check_private(const struct rmp_table *table, const struct guest_access *access, uint64_t mask,
                                                       const struct rmp_page *page, uint64_t code)
{
    uint64_t index;
    if (!find_entry(table, false, page->spa, &index)) return nested_fault(code, false);
    bool large = page->nested_size != 0;
    if (large) index &= ~RMP_LAST_SUBPAGE;
    word *version = version_of(table, index);
    bool refused = false;
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t begun = acquire(version);
        struct entry entry;
        if (refused && being_overwritten(table, index)) continue;
        if (!read_entry(table, index, &entry) || acquire(version) != begun) continue;
        if (!is_guest_page(entry.low, access->asid, page->gpa) || is_large(entry.low) != large)
        {
            if (refused) return nested_fault(code, false);
            refused = true; /* once more, unless a 2 MiB instruction is at work */
            continue;
        }

        if ((entry.low & RMP_VALIDATED) == 0) return result(FAULT_NOT_VALIDATED);
        if ((permissions_of(entry.high, access->vmpl) & mask) != mask) return nested_fault(code | NPF_VMPL, false);
        return result(RMP_SUCCESS);
    }

    return nested_fault(code, true);
}

static ALWAYS_INLINE struct guest_result check_access(const struct rmp_table *table, const struct guest_access *access,
                                                      const struct rmp_page *page)
{
    enum guest_access_kind kind = (enum guest_access_kind)access->kind;
    bool is_table = kind == GUEST_TABLE;
    bool is_private = access->is_private || (access->is_snp_guest && (is_table || kind == GUEST_FETCH));
    if (access->is_snp_guest && is_private) return check_private(table, access, needed(kind, access->cpl), page, fault_code(kind, true));
    if (!writes(kind) || hypervisor_owned(table, page->spa, !is_table && page->nested_size != 0)) return result(RMP_SUCCESS);
    return nested_fault(fault_code(kind, is_private), false);
}

#endif
