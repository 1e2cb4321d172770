/* What a guest does: PVALIDATE, RMPADJUST, RMPQUERY, and the checks of a private access. */
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
#define INSTRUCTION_FAULT (NPF_PRESENT | NPF_USER | NPF_RMP | NPF_ENCRYPTED)

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

#define ADJUST_VMSA BITS(16, 16)
#define ADJUST_RESERVED BITS(63, 17)

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

static ALWAYS_INLINE bool may_execute(const struct rmp_processor *processor)
{
    return processor->snp_enabled != 0 && processor->asid != 0 && processor->snp_guest != 0 && processor->cpl == 0;
}

static COLD struct guest_result refusal(const struct rmp_processor *processor)
{
    return result(processor->snp_enabled != 0 && processor->asid != 0 && processor->snp_guest != 0 ? FAULT_GENERAL_PROTECTION : FAULT_INVALID_OPCODE);
}

static ALWAYS_INLINE bool is_aligned(uint64_t gpa, bool large)
{
    return ((gpa & ~OFFSET_4K) & (large ? OFFSET_2M : OFFSET_4K)) == 0;
}

static ALWAYS_INLINE uint64_t attributes(const struct rmp_table *table, uint64_t index, uint64_t *low)
{
    uint64_t base = index & ~RMP_LAST_SUBPAGE;
    *low = acquire(low_of(table, base));
    if (index == base || is_large(*low)) return base;
    *low = acquire(low_of(table, index));
    return index;
}

static ALWAYS_INLINE bool is_guest_page(uint64_t low, uint64_t asid, uint64_t gpa)
{
    const uint64_t compared = RMP_ASSIGNED | RMP_IMMUTABLE | RMP_ASID | RMP_LOCK;
    uint64_t page = gpa & ~(is_large(low) ? OFFSET_2M : OFFSET_4K);
    return (low & compared) == (RMP_ASSIGNED | (asid << RMP_ASID_SHIFT)) && (low & RMP_GPA) == page && asid < (RMP_ASID >> RMP_ASID_SHIFT);
}

static COLD struct guest_result not_the_guests(uint64_t low)
{
    return nested_fault(INSTRUCTION_FAULT, in_motion(low));
}

static ALWAYS_INLINE bool sizes_fit(const struct rmp_table *table, uint64_t low, bool large, uint8_t nested_size, uint64_t *fault)
{
    *fault = INSTRUCTION_FAULT;
    bool nested_fits = (nested_size != 0) == is_large(low);
    if ((table->choices & CHOICE_NESTED_SIZE_FIRST) != 0 && !nested_fits) return false;
    if (!large && is_large(low))
    {
        *fault |= NPF_SIZE_MISMATCH;
        return false;
    }

    return nested_fits || (large && !is_large(low));
}

static ALWAYS_INLINE struct guest_result pvalidate(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *page,
                                                   bool large, bool validate)
{
    if (!may_execute(processor)) return refusal(processor);
    if (processor->vmpl != 0) return result((table->choices & CHOICE_PVALIDATE_PERMISSION) != 0 ? RMP_FAIL_PERMISSION : FAULT_GENERAL_PROTECTION);
    if (!is_aligned(page->gpa, large)) return result(RMP_FAIL_INPUT);
    uint64_t index;
    if (!find_entry(table, false, page->spa, &index)) return nested_fault(INSTRUCTION_FAULT, false);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t low, fault;
        uint64_t target = attributes(table, index, &low);
        if (!is_guest_page(low, processor->asid, page->gpa)) return not_the_guests(low);
        if (!sizes_fit(table, low, large, page->nested_size, &fault)) return nested_fault(fault, false);
        if (large && !is_large(low)) return result(RMP_FAIL_SIZEMISMATCH);
        uint64_t next = validate ? low | RMP_VALIDATED : low & ~RMP_VALIDATED;
        if (next == low) return result(RESULT_CARRY);
        if (atomic_compare_exchange_strong(low_of(table, target), &low, next)) return result(RMP_SUCCESS);
    }

    return nested_fault(INSTRUCTION_FAULT, true);
}

static ALWAYS_INLINE uint64_t permissions_of(uint64_t high, uint32_t vmpl)
{
    return high >> (8 * (vmpl & 3)) & 0xFF;
}

static ALWAYS_INLINE struct guest_result commit_adjust(const struct rmp_table *table, uint64_t target, uint64_t old_low, uint32_t vmpl, uint64_t operand)
{
    uint64_t old_high = acquire(high_of(table, target));
    uint64_t permissions = operand >> 8 & 0xFF;
    if ((permissions & ~permissions_of(old_high, vmpl)) != 0)
    {
        publish(table, target, old_low);
        return result(RMP_FAIL_PERMISSION);
    }

    uint32_t shift = 8 * (operand & 3);
    uint64_t next_high = (old_high & ~(UINT64_C(0xFF) << shift)) | permissions << shift;
    uint64_t next_low = vmpl == 0 ? (old_low & ~RMP_VMSA) | ((operand & ADJUST_VMSA) != 0 ? RMP_VMSA : 0) : old_low;
    if (next_high != old_high) begin_write(table, target);
    release(high_of(table, target), next_high);
    publish(table, target, next_low);
    return result(RMP_SUCCESS);
}

static ALWAYS_INLINE bool is_malformed(const struct rmp_table *table, uint64_t operand)
{
    return (operand & 0xFF) > 3 || (operand >> 8 & 0xFF & ~PERMISSION_ALL) != 0
        || ((operand & ADJUST_RESERVED) != 0 && (table->choices & CHOICE_IGNORE_RESERVED) == 0);
}

static ALWAYS_INLINE struct guest_result rmpadjust(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *page,
                                                   bool large, uint64_t operand)
{
    if (processor->is_64bit == 0) return result(FAULT_INVALID_OPCODE);
    if (!may_execute(processor)) return refusal(processor);
    if (!is_aligned(page->gpa, large) || is_malformed(table, operand)) return result(RMP_FAIL_INPUT);
    if ((operand & 0xFF) <= processor->vmpl) return result(RMP_FAIL_PERMISSION);
    uint64_t index;
    if (!find_entry(table, false, page->spa, &index)) return nested_fault(INSTRUCTION_FAULT, false);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t low, fault;
        uint64_t target = attributes(table, index, &low);
        if (!is_guest_page(low, processor->asid, page->gpa)) return not_the_guests(low);
        bool is_validated = (low & RMP_VALIDATED) != 0;
        if (!is_validated && (table->choices & CHOICE_VALIDATED_FIRST) != 0) return result(FAULT_NOT_VALIDATED);
        if (!sizes_fit(table, low, large, page->nested_size, &fault)) return nested_fault(fault, false);
        if (!is_validated) return result(FAULT_NOT_VALIDATED);
        if (large && !is_large(low)) return result(RMP_FAIL_SIZEMISMATCH);
        if (atomic_compare_exchange_strong(low_of(table, target), &low, low | RMP_LOCK)) return commit_adjust(table, target, low, processor->vmpl, operand);
    }

    return nested_fault(INSTRUCTION_FAULT, true);
}

/* The answer has RCX [0], the mask [15:8] and VMSA [16]. */
static ALWAYS_INLINE struct guest_result rmpquery(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *page,
                                                  uint32_t target_vmpl, uint64_t *output)
{
    *output = 0;
    if (processor->is_64bit == 0) return result(FAULT_INVALID_OPCODE);
    if (!may_execute(processor)) return refusal(processor);
    if (target_vmpl < processor->vmpl || target_vmpl > 3 || (target_vmpl == processor->vmpl && (table->choices & CHOICE_QUERY_REFUSES_OWN) != 0))
    {
        return result(RMP_FAIL_PERMISSION);
    }

    uint64_t index;
    if (!find_entry(table, false, page->spa, &index)) return nested_fault(INSTRUCTION_FAULT, false);
    word *version = version_of(table, index);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t begun = acquire(version);
        uint64_t low;
        uint64_t target = attributes(table, index, &low);
        struct entry entry;
        bool settled = read_entry(table, target, &entry) && acquire(version) == begun;
        if (!settled || (target != index && !is_large(entry.low))) continue;
        if (!is_guest_page(entry.low, processor->asid, page->gpa)) return not_the_guests(entry.low);
        if ((entry.low & RMP_VALIDATED) == 0) return result(FAULT_NOT_VALIDATED);
        *output = (is_large(entry.low) ? 1 : 0) | permissions_of(entry.high, target_vmpl) << 8 | ((entry.low & RMP_VMSA) != 0 ? ADJUST_VMSA : 0);
        return result(RMP_SUCCESS);
    }

    return nested_fault(INSTRUCTION_FAULT, true);
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
        | (kind == GUEST_TABLE ? NPF_TABLE : NPF_FINAL) | (kind >= GUEST_SHADOW_STACK_READ ? NPF_SHADOW_STACK : 0) | (is_private ? NPF_ENCRYPTED : 0);
}

static ALWAYS_INLINE struct guest_result check_private(const struct rmp_table *table, const struct guest_access *access, uint64_t mask,
                                                       const struct rmp_page *page, uint64_t code)
{
    uint64_t index;
    if (!find_entry(table, false, page->spa, &index)) return nested_fault(code, false);
    bool large = page->nested_size != 0;
    if (large) index &= ~RMP_LAST_SUBPAGE;
    word *version = version_of(table, index);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
    {
        uint64_t begun = acquire(version);
        struct entry entry;
        if (!read_entry(table, index, &entry) || acquire(version) != begun) continue;
        if (!is_guest_page(entry.low, access->asid, page->gpa) || is_large(entry.low) != large) return nested_fault(code, false);
        if ((entry.low & RMP_VALIDATED) == 0) return result(FAULT_NOT_VALIDATED);
        if ((permissions_of(entry.high, access->vmpl) & mask) != mask) return nested_fault(code | NPF_VMPL, false);
        return result(RMP_SUCCESS);
    }

    return nested_fault(code, true);
}

static ALWAYS_INLINE struct guest_result check_access(const struct rmp_table *table, const struct guest_access *access, const struct rmp_page *page)
{
    enum guest_access_kind kind = (enum guest_access_kind)access->kind;
    bool is_table = kind == GUEST_TABLE;
    bool is_private = access->is_private || (access->is_snp_guest && (is_table || kind == GUEST_FETCH));
    if (access->is_snp_guest && is_private) return check_private(table, access, needed(kind, access->cpl), page, fault_code(kind, true));
    if (!writes(kind) || hypervisor_owned(table, page->spa, !is_table && page->nested_size != 0)) return result(RMP_SUCCESS);
    return nested_fault(fault_code(kind, is_private), false);
}

static ALWAYS_INLINE uint64_t digest(struct guest_result of)
{
    return (of.value & 0xFF) + ((of.value & RESULT_CARRY) != 0 ? 0x100 : 0) + of.code;
}

EXPORT uint64_t rmp_pvalidate(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages, uint32_t large,
                              uint32_t last, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += digest(pvalidate(table, processor, &pages[i], large != 0, true));
        sum += digest(pvalidate(table, processor, &pages[i], large != 0, last != 0));
    }

    return sum;
}

EXPORT uint64_t rmp_rmpadjust(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages, uint64_t first,
                              uint64_t last, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += digest(rmpadjust(table, processor, &pages[i], false, first));
        sum += digest(rmpadjust(table, processor, &pages[i], false, last));
    }

    return sum;
}

EXPORT uint64_t rmp_rmpquery(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages, uint32_t target_vmpl,
                             uint64_t iterations)
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

EXPORT uint64_t rmp_guest_check(const struct rmp_table *table, const struct guest_access *access, const struct rmp_page *pages, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += digest(check_access(table, access, &pages[i]));
    }

    return sum;
}
