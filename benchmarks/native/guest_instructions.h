/* What a guest does: PVALIDATE, RMPADJUST, RMPQUERY. What comes of the page, once the address is translated, is a function of its own. */
#ifndef GUEST_INSTRUCTIONS_H
#define GUEST_INSTRUCTIONS_H

#include "guest_check.h"

#define INSTRUCTION_FAULT (NPF_PRESENT | NPF_USER | NPF_RMP | NPF_ENCRYPTED)

#define ADJUST_VMSA BITS(16, 16)
#define ADJUST_RESERVED BITS(63, 17)

static ALWAYS_INLINE bool may_execute(const struct rmp_processor *processor)
{
    return processor->snp_enabled != 0 && processor->asid != 0 && processor->snp_guest != 0 && processor->cpl == 0;
}

static COLD struct guest_result refusal(const struct rmp_processor *processor)
{
    return result(processor->snp_enabled != 0 && processor->asid != 0 && processor->snp_guest != 0 ? FAULT_GENERAL_PROTECTION
                                                                                                   : FAULT_INVALID_OPCODE);
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

static ALWAYS_INLINE struct guest_result validate_page(const struct rmp_table *table, const struct rmp_processor *processor,
                                                       const struct rmp_page *page, bool large, bool validate)
{
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

static ALWAYS_INLINE struct guest_result pvalidate(const struct rmp_table *table, const struct rmp_processor *processor,
                                                   const struct rmp_page *page, bool large, bool validate)
{
    if (!may_execute(processor)) return refusal(processor);
    if (processor->vmpl != 0)
        return result((table->choices & CHOICE_PVALIDATE_PERMISSION) != 0 ? RMP_FAIL_PERMISSION : FAULT_GENERAL_PROTECTION);
    if (!is_aligned(page->gpa, large)) return result(RMP_FAIL_INPUT);
    return validate_page(table, processor, page, large, validate);
}

static ALWAYS_INLINE struct guest_result commit_adjust(const struct rmp_table *table, uint64_t target, uint64_t old_low, uint32_t vmpl,
                                                       uint64_t operand)
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

static ALWAYS_INLINE struct guest_result adjust_page(const struct rmp_table *table, const struct rmp_processor *processor,
                                                     const struct rmp_page *page, bool large, uint64_t operand)
{
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
        if (atomic_compare_exchange_strong(low_of(table, target), &low, low | RMP_LOCK))
            return commit_adjust(table, target, low, processor->vmpl, operand);
    }

    return nested_fault(INSTRUCTION_FAULT, true);
}

static ALWAYS_INLINE struct guest_result rmpadjust(const struct rmp_table *table, const struct rmp_processor *processor,
                                                   const struct rmp_page *page, bool large, uint64_t operand)
{
    if (processor->is_64bit == 0) return result(FAULT_INVALID_OPCODE);
    if (!may_execute(processor)) return refusal(processor);
    if (!is_aligned(page->gpa, large) || is_malformed(table, operand)) return result(RMP_FAIL_INPUT);
    if ((operand & 0xFF) <= processor->vmpl) return result(RMP_FAIL_PERMISSION);
    return adjust_page(table, processor, page, large, operand);
}

/* The answer has RCX [0], the mask [15:8] and VMSA [16]. */
static ALWAYS_INLINE struct guest_result query_page(const struct rmp_table *table, const struct rmp_processor *processor,
                                                    const struct rmp_page *page, uint32_t target_vmpl, uint64_t *output)
{
    *output = 0;
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
        *output =
            (is_large(entry.low) ? 1 : 0) | permissions_of(entry.high, target_vmpl) << 8 | ((entry.low & RMP_VMSA) != 0 ? ADJUST_VMSA : 0);
        return result(RMP_SUCCESS);
    }

    return nested_fault(INSTRUCTION_FAULT, true);
}

static ALWAYS_INLINE struct guest_result rmpquery(const struct rmp_table *table, const struct rmp_processor *processor,
                                                  const struct rmp_page *page, uint32_t target_vmpl, uint64_t *output)
{
    *output = 0;
    if (processor->is_64bit == 0) return result(FAULT_INVALID_OPCODE);
    if (!may_execute(processor)) return refusal(processor);
    if (target_vmpl < processor->vmpl || target_vmpl > 3
        || (target_vmpl == processor->vmpl && (table->choices & CHOICE_QUERY_REFUSES_OWN) != 0))
    {
        return result(RMP_FAIL_PERMISSION);
    }

    return query_page(table, processor, page, target_vmpl, output);
}

#endif
