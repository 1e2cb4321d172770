/* The host's four- and five-level walk, with the rights of all levels and, where asked for, the RMP check: what the library's walker
 * answers, in the same 16 bytes. One body; the levels and the check are constants by the time it is compiled. Relaxed loads: each
 * address depends on the entry before it, and a fence would only stop the compiler from keeping the state in registers. */
#ifndef FASTRMP_WALK_H
#define FASTRMP_WALK_H

#include "rmp_protocol.h"

enum walk_status
{
    WALK_NOT_PRESENT = 0,
    WALK_MAPPED = 1,
    WALK_MALFORMED = 2,
    WALK_RIGHTS = 3,
    WALK_RMP = 4,
    WALK_NON_CANONICAL = 5,
    WALK_OUTSIDE = 6,
};

#define FAULT_PRESENT 1u
#define FAULT_WRITE 2u
#define FAULT_USER 4u
#define FAULT_RESERVED 8u
#define FAULT_FETCH 16u
#define FAULT_KEY 32u
#define FAULT_RMP 0x80000000u

#define RIGHT_WRITE 1u
#define RIGHT_USER 2u
#define RIGHT_EXECUTE 4u

enum access_kind
{
    ACCESS_READ,
    ACCESS_WRITE,
    ACCESS_FETCH,
};

struct access
{
    enum access_kind kind;
    bool user;
    bool may_touch_user;
};

struct translation
{
    uint64_t address;
    uint32_t error;
    uint8_t status;
    uint8_t level;
    uint8_t size;
    uint8_t rights;
};

struct walk
{
    uint64_t table;
    uint64_t all;
    uint64_t any;
};

static ALWAYS_INLINE uint32_t error_code(const struct walk_state *state, struct access access, uint32_t bits)
{
    if (access.kind == ACCESS_WRITE) bits |= FAULT_WRITE;
    if (access.user) bits |= FAULT_USER;
    if (access.kind == ACCESS_FETCH && state->reports_fetch) bits |= FAULT_FETCH;
    return bits;
}

static ALWAYS_INLINE struct translation ended(enum walk_status status, int level, uint64_t entry_address, uint32_t error)
{
    return (struct translation){ entry_address, error, (uint8_t)status, (uint8_t)level, 0, 0 };
}

static COLD struct translation stopped(const struct walk_state *state, struct access access, uint64_t entry, int level,
                                       uint64_t entry_address)
{
    if ((entry & PAGE_PRESENT) == 0) return ended(WALK_NOT_PRESENT, level, entry_address, error_code(state, access, 0));
    return ended(WALK_MALFORMED, level, entry_address, error_code(state, access, FAULT_PRESENT | FAULT_RESERVED));
}

static ALWAYS_INLINE uint64_t table_test(const struct walk_state *state, int level)
{
    return level <= 3 ? state->lower_table_test : state->upper_table_test;
}

static ALWAYS_INLINE uint64_t leaf_test(const struct walk_state *state, int level)
{
    return level == 1 ? state->small_leaf_test : level == 2 ? state->large_leaf_test : level == 3 ? state->gigabyte_leaf_test : 0;
}

static ALWAYS_INLINE bool allows(const struct walk_state *state, struct access access, uint32_t rights)
{
    bool user_page = (rights & RIGHT_USER) != 0;
    if (access.user && !user_page) return false;
    if (access.kind == ACCESS_FETCH) return (rights & RIGHT_EXECUTE) != 0 && (access.user || !user_page || !state->smep);
    if (access.kind == ACCESS_WRITE && (rights & RIGHT_WRITE) == 0 && (access.user || state->write_protect)) return false;
    return access.user || !user_page || !state->smap || access.may_touch_user;
}

/* Two bits a key: no access, no write. A user access to a supervisor page is not a matter of keys. */
static COLD bool key_forbids(const struct walk_state *state, struct access access, uint64_t leaf, bool user_page)
{
    if (access.user && !user_page) return false;
    uint32_t rights = (user_page ? state->pkru : state->pkrs) >> (2 * ((leaf >> PAGE_KEY_SHIFT) & 15));
    if ((rights & 1) != 0) return true;
    return access.kind == ACCESS_WRITE && (access.user || state->write_protect) && (rights & 2) != 0;
}

/* One level. Returns whether the walk is over; then the result is complete. */
static ALWAYS_INLINE bool step(const struct walk_memory *memory, const struct walk_state *state, uint64_t address, struct access access,
                               const struct rmp_table *check, int level, struct walk *walk, struct translation *result)
{
    int shift = 3 + 9 * level;
    uint64_t entry_address = walk->table + ((address >> shift) & 511) * 8;
    uint64_t offset = entry_address - memory->start;
    if (offset > memory->last_qword)
    {
        *result = ended(WALK_OUTSIDE, level, entry_address, 0);
        return true;
    }

    uint64_t entry = atomic_load_explicit((_Atomic uint64_t *)(memory->zero + entry_address), memory_order_relaxed);
    walk->all &= entry;
    walk->any |= entry;
    bool reads_checked = check != NULL && (check->choices & CHOICE_CHECK_TABLE_READS) != 0;
    if (level > 1 && (entry & table_test(state, level)) == PAGE_PRESENT)
    {
        if (reads_checked && !host_writable(check, entry_address, false))
        {
            *result = ended(WALK_RMP, level, entry_address, error_code(state, access, FAULT_PRESENT | FAULT_RMP));
            return true;
        }

        walk->table = entry & state->address_mask;
        return false;
    }

    if ((entry & leaf_test(state, level)) != (level == 1 ? PAGE_PRESENT : PAGE_PRESENT | PAGE_LARGE))
    {
        *result = stopped(state, access, entry, level, entry_address);
        return true;
    }

    uint64_t offset_mask = (UINT64_C(1) << shift) - 1;
    uint64_t page = (entry & state->address_mask & ~offset_mask) | (address & offset_mask);
    uint32_t rights = (uint32_t)((walk->all & (PAGE_WRITABLE | PAGE_USER)) >> 1);
    if (!state->no_execute || (walk->any & PAGE_NO_EXECUTE) == 0) rights |= RIGHT_EXECUTE;
    *result = (struct translation){ page, 0, WALK_MAPPED, (uint8_t)level, (uint8_t)(level - 1), (uint8_t)rights };
    bool doubtful = access.kind != ACCESS_FETCH && (entry & state->key_doubts) != 0;
    if (doubtful && key_forbids(state, access, entry, (rights & RIGHT_USER) != 0))
    {
        result->error = error_code(state, access, FAULT_PRESENT | FAULT_KEY);
        result->status = WALK_RIGHTS;
        return true;
    }

    if (!allows(state, access, rights))
    {
        result->error = error_code(state, access, FAULT_PRESENT);
        result->status = WALK_RIGHTS;
        return true;
    }

    if (reads_checked && !host_writable(check, entry_address, false))
    {
        *result = ended(WALK_RMP, level, entry_address, error_code(state, access, FAULT_PRESENT | FAULT_RMP));
        return true;
    }

    if (check != NULL && access.kind == ACCESS_WRITE && !host_writable(check, page, level != 1))
    {
        result->error = error_code(state, access, FAULT_PRESENT | FAULT_RMP);
        result->status = WALK_RMP;
    }

    return true;
}

static ALWAYS_INLINE struct translation translate(const struct walk_memory *memory, const struct walk_state *state, uint64_t address,
                                                  struct access access, const struct rmp_table *check)
{
    int spare = state->levels == 5 ? 7 : 16;
    if ((uint64_t)((int64_t)(address << spare) >> spare) != address) return ended(WALK_NON_CANONICAL, 0, 0, 0);
    struct walk walk = { state->root, PAGE_WRITABLE | PAGE_USER, 0 };
    struct translation result;
    if (state->levels == 5 && step(memory, state, address, access, check, 5, &walk, &result)) return result;
    if (step(memory, state, address, access, check, 4, &walk, &result)) return result;
    if (step(memory, state, address, access, check, 3, &walk, &result)) return result;
    if (step(memory, state, address, access, check, 2, &walk, &result)) return result;
    (void)step(memory, state, address, access, check, 1, &walk, &result);
    return result;
}

static ALWAYS_INLINE uint64_t digest(struct translation translation)
{
    return translation.address + translation.status + translation.rights;
}

static const struct access kernel_read = { ACCESS_READ, false, false };
static const struct access kernel_write = { ACCESS_WRITE, false, false };

#endif
