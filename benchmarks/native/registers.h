/* The registers that an instruction begins and ends with, and what it ended as. */
#ifndef FASTRMP_REGISTERS_H
#define FASTRMP_REGISTERS_H

#include "fastrmp_bench.h"

#define FLAG_CARRY BITS(0, 0)
#define FLAG_PARITY BITS(2, 2)
#define FLAG_AUXILIARY BITS(4, 4)
#define FLAG_ZERO BITS(6, 6)
#define FLAG_SIGN BITS(7, 7)
#define FLAG_OVERFLOW BITS(11, 11)
#define FLAG_ALIGNMENT_CHECK BITS(18, 18)

enum instruction_status
{
    INSTRUCTION_COMPLETED = 0,
    INSTRUCTION_INVALID_OPCODE = 1,
    INSTRUCTION_GENERAL_PROTECTION = 2,
    INSTRUCTION_PAGE_FAULT = 3,
    INSTRUCTION_NESTED_PAGE_FAULT = 4,
    INSTRUCTION_NOT_VALIDATED = 5,
    INSTRUCTION_OUTSIDE = 6,
    INSTRUCTION_CONTENDED = 7,
};

struct registers
{
    uint64_t rax;
    uint64_t rcx;
    uint64_t rdx;
    uint64_t rflags;
};

struct instruction
{
    struct registers registers;
    uint64_t fault_address;
    uint64_t exit_info1;
    uint64_t exit_info2;
    uint32_t error;
    uint8_t status;
    uint8_t code;
    bool is_contention;
};

static ALWAYS_INLINE uint64_t flags_after(uint64_t before, uint32_t eax)
{
    uint64_t after = before & ~(FLAG_PARITY | FLAG_AUXILIARY | FLAG_ZERO | FLAG_SIGN | FLAG_OVERFLOW);
    return after | (eax == 0 ? FLAG_ZERO : 0) | (eax >> 31 != 0 ? FLAG_SIGN : 0)
           | ((__builtin_popcount(eax & 0xFF) & 1) == 0 ? FLAG_PARITY : 0);
}

static ALWAYS_INLINE uint64_t instruction_digest(const struct instruction *of)
{
    return of->registers.rax + of->registers.rcx + of->registers.rdx + of->registers.rflags + of->fault_address + of->exit_info1
           + of->exit_info2 + of->error + of->status + of->code + of->is_contention;
}

#endif
