/* PVALIDATE, RMPADJUST and RMPQUERY from a guest virtual address in RAX: the tests before the walk, the nested walk, which sets Accessed
 * and Dirty and checks the guest's tables, then the instruction on the page; registers and flags as the library leaves them. */
#include "guest_instructions.h"
#include "nested_walk.h"
#include "registers.h"

#define MAX_RESTARTS 64

static ALWAYS_INLINE uint64_t address_in(const struct registers *registers, const struct rmp_processor *processor)
{
    return processor->is_64bit != 0 ? registers->rax : (uint32_t)registers->rax;
}

static ALWAYS_INLINE bool is_sound(uint64_t address, uint64_t size)
{
    return size == 0 || (size == 1 && (address & OFFSET_2M & ~OFFSET_4K) == 0);
}

/* The walk did not lead to a page of the guest's. All faults of an SNP guest's private access have ENC. */
static COLD struct instruction stopped_on_the_way(const struct registers *registers, uint64_t address, const struct guest_translation *walk)
{
    struct instruction end = { .registers = *registers };
    switch (walk->status)
    {
    case NESTED_GUEST_FAULT:
    case NESTED_NOT_VALIDATED:
        end.status = walk->status == NESTED_GUEST_FAULT ? INSTRUCTION_PAGE_FAULT : INSTRUCTION_NOT_VALIDATED;
        end.error = (uint32_t)walk->code;
        end.fault_address = address;
        break;
    case NESTED_NON_CANONICAL:
        end.status = INSTRUCTION_GENERAL_PROTECTION;
        break;
    case NESTED_OUTSIDE:
    case NESTED_CONTENDED:
        end.status = walk->status;
        break;
    default:
        end.status = INSTRUCTION_NESTED_PAGE_FAULT;
        end.exit_info1 = walk->status == NESTED_MAPPED ? INSTRUCTION_FAULT : walk->code | NPF_ENCRYPTED;
        end.exit_info2 = walk->guest.address;
        break;
    }

    return end;
}

static ALWAYS_INLINE bool reach(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                const struct registers *registers, uint64_t address, struct rmp_page *page, struct instruction *end)
{
    struct access access = { GUEST_READ, false, (registers->rflags & FLAG_ALIGNMENT_CHECK) != 0 };
    struct guest_translation walk;
    int restart = 0;
    do
    {
        walk = translate(memory, state, address, access, table, WALK_MARKS);
    }
    while (walk.status == NESTED_CONTENDED && restart++ < MAX_RESTARTS);
    *page = (struct rmp_page){ walk.guest.address, walk.nested.address, walk.nested.size };
    if (walk.status == NESTED_MAPPED && walk.is_private) return true;
    *end = stopped_on_the_way(registers, address, &walk);
    return false;
}

/* An instruction that came to its own tests. */
static ALWAYS_INLINE struct instruction ended_by(const struct registers *registers, uint64_t address, uint64_t gpa, struct guest_result of,
                                                 bool defines_carry)
{
    struct instruction end = { .registers = *registers };
    switch (of.value & 0xFF00)
    {
    case 0:
        end.code = (uint8_t)of.value;
        end.registers.rax = end.code;
        end.registers.rflags = flags_after(registers->rflags, end.code);
        if (defines_carry) end.registers.rflags = (end.registers.rflags & ~FLAG_CARRY) | ((of.value & RESULT_CARRY) != 0 ? FLAG_CARRY : 0);
        break;
    case FAULT_INVALID_OPCODE:
        end.status = INSTRUCTION_INVALID_OPCODE;
        break;
    case FAULT_GENERAL_PROTECTION:
        end.status = INSTRUCTION_GENERAL_PROTECTION;
        break;
    case FAULT_NOT_VALIDATED:
        end.status = INSTRUCTION_NOT_VALIDATED;
        end.error = NOT_VALIDATED;
        end.fault_address = address;
        break;
    default:
        end.status = INSTRUCTION_NESTED_PAGE_FAULT;
        end.exit_info1 = of.code;
        end.exit_info2 = gpa;
        end.is_contention = (of.value & RESULT_CONTENDED) != 0;
        break;
    }

    return end;
}

/* Whether an instruction comes as far as the walk, and if not, why; out of line, in its order. */
static ALWAYS_INLINE bool may_validate(const struct rmp_processor *processor, bool sound)
{
    return may_execute(processor) && processor->vmpl == 0 && sound;
}

static COLD struct guest_result validate_refusal(const struct rmp_table *table, const struct rmp_processor *processor)
{
    if (!may_execute(processor)) return refusal(processor);
    if (processor->vmpl == 0) return result(RMP_FAIL_INPUT);
    return result((table->choices & CHOICE_PVALIDATE_PERMISSION) != 0 ? RMP_FAIL_PERMISSION : FAULT_GENERAL_PROTECTION);
}

static ALWAYS_INLINE bool may_adjust(const struct rmp_processor *processor, bool sound, uint64_t operand)
{
    return processor->is_64bit != 0 && may_execute(processor) && sound && (operand & 0xFF) > processor->vmpl;
}

static COLD struct guest_result adjust_refusal(const struct rmp_processor *processor, bool sound)
{
    if (processor->is_64bit == 0) return result(FAULT_INVALID_OPCODE);
    if (!may_execute(processor)) return refusal(processor);
    return result(sound ? RMP_FAIL_PERMISSION : RMP_FAIL_INPUT);
}

static ALWAYS_INLINE bool may_query(const struct rmp_table *table, const struct rmp_processor *processor, uint32_t target)
{
    return processor->is_64bit != 0 && may_execute(processor) && target >= processor->vmpl && target <= 3
        && (target != processor->vmpl || (table->choices & CHOICE_QUERY_REFUSES_OWN) == 0);
}

static COLD struct guest_result query_refusal(const struct rmp_processor *processor)
{
    if (processor->is_64bit == 0) return result(FAULT_INVALID_OPCODE);
    return may_execute(processor) ? result(RMP_FAIL_PERMISSION) : refusal(processor);
}

static ALWAYS_INLINE struct instruction pvalidate_at(const struct walk_memory *memory, const struct nested_walk_state *state,
                                                     const struct rmp_table *table, const struct rmp_processor *processor,
                                                     const struct registers *registers)
{
    struct instruction end;
    struct rmp_page page;
    uint64_t address = address_in(registers, processor);
    uint32_t size = (uint32_t)registers->rcx;
    uint32_t operand = (uint32_t)registers->rdx;
    bool sound = is_sound(address, size) && (operand <= 1 || (table->choices & CHOICE_IGNORE_RESERVED) != 0);
    if (!may_validate(processor, sound)) return ended_by(registers, address, 0, validate_refusal(table, processor), true);
    if (!reach(memory, state, table, registers, address, &page, &end)) return end;
    return ended_by(registers, address, page.gpa, validate_page(table, processor, &page, size != 0, (operand & 1) != 0), true);
}

static ALWAYS_INLINE struct instruction rmpadjust_at(const struct walk_memory *memory, const struct nested_walk_state *state,
                                                     const struct rmp_table *table, const struct rmp_processor *processor,
                                                     const struct registers *registers)
{
    struct instruction end;
    struct rmp_page page;
    uint64_t address = address_in(registers, processor);
    bool sound = is_sound(address, registers->rcx) && !is_malformed(table, registers->rdx);
    if (!may_adjust(processor, sound, registers->rdx)) return ended_by(registers, address, 0, adjust_refusal(processor, sound), false);
    if (!reach(memory, state, table, registers, address, &page, &end)) return end;
    return ended_by(registers, address, page.gpa, adjust_page(table, processor, &page, registers->rcx != 0, registers->rdx), false);
}

static ALWAYS_INLINE struct instruction rmpquery_at(const struct walk_memory *memory, const struct nested_walk_state *state,
                                                    const struct rmp_table *table, const struct rmp_processor *processor,
                                                    const struct registers *registers)
{
    struct instruction end;
    struct rmp_page page;
    uint64_t output;
    uint64_t address = address_in(registers, processor);
    uint32_t target = registers->rdx & 0xFF;
    if (!may_query(table, processor, target)) return ended_by(registers, address, 0, query_refusal(processor), false);
    if (!reach(memory, state, table, registers, address, &page, &end)) return end;
    end = ended_by(registers, address, page.gpa, query_page(table, processor, &page, target, &output), false);
    if (end.status != INSTRUCTION_COMPLETED || end.code != RMP_SUCCESS) return end;
    end.registers.rcx = output & 1;
    end.registers.rdx = target | (output & ~UINT64_C(1));
    return end;
}

EXPORT uint64_t rmp_pvalidate_at(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                 const struct rmp_processor *processor, const uint64_t *addresses, uint64_t size, uint64_t first,
                                 uint64_t last, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct registers registers = { addresses[i], size, first, 0 };
        struct instruction end = pvalidate_at(memory, state, table, processor, &registers);
        sum += instruction_digest(&end);
        registers.rdx = last;
        end = pvalidate_at(memory, state, table, processor, &registers);
        sum += instruction_digest(&end);
    }

    return sum;
}

EXPORT uint64_t rmp_rmpadjust_at(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                 const struct rmp_processor *processor, const uint64_t *addresses, uint64_t size, uint64_t first,
                                 uint64_t last, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct registers registers = { addresses[i], size, first, 0 };
        struct instruction end = rmpadjust_at(memory, state, table, processor, &registers);
        sum += instruction_digest(&end);
        registers.rdx = last;
        end = rmpadjust_at(memory, state, table, processor, &registers);
        sum += instruction_digest(&end);
    }

    return sum;
}

EXPORT uint64_t rmp_rmpquery_at(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                const struct rmp_processor *processor, const uint64_t *addresses, uint64_t target_vmpl, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct registers registers = { addresses[i], 0, target_vmpl, 0 };
        struct instruction end = rmpquery_at(memory, state, table, processor, &registers);
        sum += instruction_digest(&end);
    }

    return sum;
}
