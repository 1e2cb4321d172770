/* RMPUPDATE from the registers: RAX the page, RCX the virtual address of the operand; the walk with the host's RMP checks, the read of the
 * operand, then the instruction; registers and flags as the library leaves them. */
#include "registers.h"
#include "rmpupdate.h"
#include "walk.h"

/* What keeps the instruction from its operand. */
static COLD struct instruction not_reached(const struct registers *registers, uint64_t address, struct translation walk)
{
    struct instruction end = { .registers = *registers };
    switch (walk.status)
    {
    case WALK_NON_CANONICAL:
        end.status = INSTRUCTION_GENERAL_PROTECTION;
        break;
    case WALK_OUTSIDE:
        end.status = INSTRUCTION_OUTSIDE;
        break;
    default:
        end.status = INSTRUCTION_PAGE_FAULT;
        end.error = walk.error;
        end.fault_address = address;
        break;
    }

    return end;
}

static COLD struct instruction refused(const struct registers *registers, int code)
{
    return (struct instruction){ .registers = *registers,
                                 .status = code == RMP_INVALID_OPCODE ? INSTRUCTION_INVALID_OPCODE : INSTRUCTION_GENERAL_PROTECTION };
}

/* An operand in one page. */
static ALWAYS_INLINE struct instruction rmpupdate_at(const struct walk_memory *memory, const struct walk_state *state,
                                                     const struct rmp_table *table, const struct rmp_processor *processor,
                                                     const struct registers *registers)
{
    int refusal = host_refusal(processor);
    if (refusal >= RMP_INVALID_OPCODE) return refused(registers, refusal);
    int code = refusal;
    if (refusal == RMP_SUCCESS)
    {
        struct translation walk = translate(memory, state, registers->rcx, kernel_read, table);
        if (walk.status != WALK_MAPPED) return not_reached(registers, registers->rcx, walk);
        uint64_t offset = walk.address - memory->start;
        if (offset > memory->last_qword - 8)
        {
            return not_reached(registers, registers->rcx, (struct translation){ .status = WALK_OUTSIDE });
        }

        const struct rmp_operand *operand = (const struct rmp_operand *)(memory->zero + walk.address);
        code = registers->rax < ADDRESS_LIMIT ? update(table, false, processor, registers->rax, operand) : RMP_FAIL_INPUT;
    }

    struct instruction end = { .registers = *registers };
    end.code = (uint8_t)code;
    end.registers.rax = end.code;
    end.registers.rflags = flags_after(registers->rflags, end.code);
    end.is_contention = (code & RMP_CONTENDED) != 0;
    return end;
}

EXPORT uint64_t rmpupdate_registers(const struct walk_memory *memory, const struct walk_state *state, const struct rmp_table *table,
                                    const struct rmp_processor *processor, const uint64_t *pages, uint64_t assign,
                                    uint64_t release_operand, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct registers registers = { pages[i], assign, 0, 0 };
        struct instruction end = rmpupdate_at(memory, state, table, processor, &registers);
        sum += instruction_digest(&end);
        registers.rcx = release_operand;
        end = rmpupdate_at(memory, state, table, processor, &registers);
        sum += instruction_digest(&end);
    }

    return sum;
}
