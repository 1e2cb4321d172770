/* A guest's walk through nested tables, with the checks of an SNP guest where a table is given: what the library's nested walker answers.
 * The guest's walk and the nested one have each a body of their own; levels, access of a table, the check and what the walk is for are
 * constants when compiled. */
#ifndef NESTED_WALK_H
#define NESTED_WALK_H

#include "guest_check.h"

enum walk_status
{
    WALK_NOT_PRESENT = 0,
    WALK_MAPPED = 1,
    WALK_MALFORMED = 2,
    WALK_RIGHTS = 3,
    WALK_RMP = 4,
    WALK_NON_CANONICAL = 5,
    WALK_OUTSIDE = 6,
    WALK_CONTENDED = 7,
};

enum nested_status
{
    NESTED_GUEST_FAULT = 0,
    NESTED_MAPPED = 1,
    NESTED_NON_CANONICAL = 2,
    NESTED_FAULT = 3,
    NESTED_RMP = 4,
    NESTED_NOT_VALIDATED = 5,
    NESTED_OUTSIDE = 6,
    NESTED_CONTENDED = 7,
};

#define FAULT_PRESENT 1u
#define FAULT_WRITE 2u
#define FAULT_USER 4u
#define FAULT_RESERVED 8u
#define FAULT_FETCH 16u
#define RIGHT_WRITE 1u
#define RIGHT_USER 2u
#define RIGHT_EXECUTE 4u
#define NOT_VALIDATED 0x404

struct access
{
    enum guest_access_kind kind; /* the first three */
    bool user;
    bool may_touch_user;
};

/* What a walk is for, as bits. */
#define WALK_MARKS 1u /* sets Accessed and Dirty */
#define WALK_JUDGES_PAGE 2u

struct translation
{
    uint64_t address;
    uint32_t error;
    uint8_t status;
    uint8_t level;
    uint8_t size;
    uint8_t rights;
};

struct guest_translation
{
    struct translation guest;
    struct translation nested;
    uint64_t code;
    uint8_t status;
    bool is_private;
};

struct walk
{
    uint64_t table;
    uint64_t all;
    uint64_t any;
};

static ALWAYS_INLINE struct translation ended(enum walk_status status, int level, uint64_t address, uint32_t error)
{
    return (struct translation){ address, error, (uint8_t)status, (uint8_t)level, 0, 0 };
}

static ALWAYS_INLINE uint32_t error_code(const struct walk_state *state, struct access access, bool smep_tells, uint32_t bits)
{
    if (access.kind == GUEST_WRITE) bits |= FAULT_WRITE;
    if (access.user) bits |= FAULT_USER;
    if (access.kind == GUEST_FETCH && (state->no_execute || (smep_tells && state->smep))) bits |= FAULT_FETCH;
    return bits;
}

static COLD struct translation stopped(const struct walk_state *state, struct access access, bool smep_tells, uint64_t entry, int level,
                                       uint64_t address)
{
    if ((entry & PAGE_PRESENT) == 0) return ended(WALK_NOT_PRESENT, level, address, error_code(state, access, smep_tells, 0));
    return ended(WALK_MALFORMED, level, address, error_code(state, access, smep_tells, FAULT_PRESENT | FAULT_RESERVED));
}

static ALWAYS_INLINE uint64_t table_test(const struct walk_state *state, int level)
{
    return level <= 3 ? state->lower_table_test : state->upper_table_test;
}

static ALWAYS_INLINE uint64_t leaf_test(const struct walk_state *state, int level)
{
    return level == 1 ? state->small_leaf_test : level == 2 ? state->large_leaf_test : level == 3 ? state->gigabyte_leaf_test : 0;
}

static ALWAYS_INLINE uint64_t entry_address(uint64_t table, uint64_t address, int level)
{
    return table + ((address >> (3 + 9 * level)) & 511) * 8;
}

static ALWAYS_INLINE bool read_entry_at(const struct walk_memory *memory, uint64_t address, uint64_t *entry)
{
    if (address - memory->start > memory->last_qword) return false;
    *entry = atomic_load_explicit((_Atomic uint64_t *)(memory->zero + address), memory_order_relaxed);
    return true;
}

static ALWAYS_INLINE bool allows(const struct walk_state *state, struct access access, uint32_t rights)
{
    bool user_page = (rights & RIGHT_USER) != 0;
    if (access.user && !user_page) return false;
    if (access.kind == GUEST_FETCH) return (rights & RIGHT_EXECUTE) != 0 && (access.user || !user_page || !state->smep);
    if (access.kind == GUEST_WRITE && (rights & RIGHT_WRITE) == 0 && (access.user || state->write_protect)) return false;
    return access.user || !user_page || !state->smap || access.may_touch_user;
}

/* The leaf of either walk: form, address, rights. */
static ALWAYS_INLINE struct translation leaf(const struct walk_state *state, uint64_t address_bits, uint64_t address, struct access access,
                                             bool smep_tells, int level, const struct walk *walk, uint64_t entry, uint64_t at)
{
    if ((entry & leaf_test(state, level)) != (level == 1 ? PAGE_PRESENT : PAGE_PRESENT | PAGE_LARGE))
        return stopped(state, access, smep_tells, entry, level, at);
    uint64_t offset_mask = (UINT64_C(1) << (3 + 9 * level)) - 1;
    uint64_t page = (entry & address_bits & ~offset_mask) | (address & offset_mask);
    uint32_t rights = (uint32_t)((walk->all & (PAGE_WRITABLE | PAGE_USER)) >> 1);
    if (!state->no_execute || (walk->any & PAGE_NO_EXECUTE) == 0) rights |= RIGHT_EXECUTE;
    struct translation result = { page, 0, WALK_MAPPED, (uint8_t)level, (uint8_t)(level - 1), (uint8_t)rights };
    if (!allows(state, access, rights))
    {
        result.error = error_code(state, access, smep_tells, FAULT_PRESENT);
        result.status = WALK_RIGHTS;
    }

    return result;
}

/* Sets Accessed, and of a page that is written Dirty. A race that is lost is for the caller to start again. */
static COLD bool set_marks(const struct walk_memory *memory, uint64_t address, uint64_t entry, uint64_t marks)
{
    return atomic_compare_exchange_strong((_Atomic uint64_t *)(memory->zero + address), &entry, entry | marks);
}

static COLD enum walk_status mark_nested(const struct walk_memory *memory, const struct rmp_table *table, uint64_t address, uint64_t entry,
                                         uint64_t marks)
{
    if (table != NULL && !host_writable(table, address, false)) return WALK_RMP;
    return set_marks(memory, address, entry, marks) ? WALK_MAPPED : WALK_CONTENDED;
}

static ALWAYS_INLINE uint64_t marks_of_page(struct access access)
{
    return access.kind == GUEST_WRITE ? PAGE_ACCESSED | PAGE_DIRTY : PAGE_ACCESSED;
}

/* One level of the nested tables. Returns whether the walk is over. */
static ALWAYS_INLINE bool nested_step(const struct walk_memory *memory, const struct nested_walk_state *state, uint64_t gpa,
                                      struct access access, const struct rmp_table *table, unsigned purpose, int level, struct walk *walk,
                                      struct translation *result)
{
    uint64_t entry;
    uint64_t at = entry_address(walk->table, gpa, level);
    if (!read_entry_at(memory, at, &entry))
    {
        *result = ended(WALK_OUTSIDE, level, at, 0);
        return true;
    }

    if (table != NULL && (table->choices & CHOICE_CHECK_TABLE_READS) != 0 && !host_writable(table, at, false))
    {
        *result = ended(WALK_RMP, level, at, error_code(&state->host, access, true, FAULT_PRESENT | (uint32_t)NPF_RMP));
        return true;
    }

    walk->all &= entry;
    walk->any |= entry;
    enum walk_status marked = WALK_MAPPED;
    if (level > 1 && (entry & table_test(&state->host, level)) == PAGE_PRESENT)
    {
        if ((purpose & WALK_MARKS) != 0 && (entry & PAGE_ACCESSED) == 0) marked = mark_nested(memory, table, at, entry, PAGE_ACCESSED);
        walk->table = entry & state->host_address;
        if (marked == WALK_MAPPED) return false;
    }
    else
    {
        *result = leaf(&state->host, state->host_address, gpa, access, true, level, walk, entry, at);
        bool unmarked = (purpose & WALK_MARKS) != 0 && result->status == WALK_MAPPED && (~entry & marks_of_page(access)) != 0;
        if (unmarked) marked = mark_nested(memory, table, at, entry, marks_of_page(access));
    }

    if (marked != WALK_MAPPED)
        *result = ended(marked, level, at, error_code(&state->host, access, true, FAULT_PRESENT | (uint32_t)NPF_RMP));
    return true;
}

static ALWAYS_INLINE struct translation nested(const struct walk_memory *memory, const struct nested_walk_state *state, uint64_t gpa,
                                               struct access access, const struct rmp_table *table, unsigned purpose)
{
    struct walk walk = { state->host.root, PAGE_WRITABLE | PAGE_USER, 0 };
    struct translation result;
    bool five = state->host.levels == 5;
    if (!five && gpa >> 48 != 0) return ended(WALK_NOT_PRESENT, 4, 0, error_code(&state->host, access, true, 0));
    if (five && nested_step(memory, state, gpa, access, table, purpose, 5, &walk, &result)) return result;
    if (nested_step(memory, state, gpa, access, table, purpose, 4, &walk, &result)) return result;
    if (nested_step(memory, state, gpa, access, table, purpose, 3, &walk, &result)) return result;
    if (nested_step(memory, state, gpa, access, table, purpose, 2, &walk, &result)) return result;
    (void)nested_step(memory, state, gpa, access, table, purpose, 1, &walk, &result);
    return result;
}

/* Not forced into its five callers: the compiler knows best. */
static struct translation place_of_entry(const struct walk_memory *memory, const struct nested_walk_state *state,
                                         const struct rmp_table *table, unsigned purpose, uint64_t gpa)
{
    return nested(memory, state, gpa, (struct access){ GUEST_WRITE, true, false }, table, purpose);
}

static ALWAYS_INLINE uint64_t check_code(const struct rmp_table *table, const struct nested_walk_state *state, enum guest_access_kind kind,
                                      uint8_t cpl, bool is_private, uint64_t gpa, const struct translation *place)
{
    if (table == NULL) return 0;
    struct guest_access access = { state->asid, 0, cpl, (uint8_t)kind, is_private, 1 };
    struct rmp_page page = { gpa, place->address, place->size };
    struct guest_result answer = check_access(table, &access, &page);
    return answer.value == RMP_SUCCESS ? 0 : answer.code != 0 ? answer.code : NOT_VALIDATED;
}

static ALWAYS_INLINE enum nested_status status_of(uint64_t code)
{
    return code == 0 ? NESTED_MAPPED : code == NOT_VALIDATED ? NESTED_NOT_VALIDATED : NESTED_RMP;
}

static COLD void failed(struct guest_translation *result, uint64_t where)
{
    bool silent = result->nested.status == WALK_OUTSIDE || result->nested.status == WALK_CONTENDED;
    result->status = silent ? result->nested.status : result->nested.status == WALK_RMP ? NESTED_RMP : NESTED_FAULT;
    result->code = silent ? 0 : result->nested.error | where;
}

/* One level of the guest's tables. Returns whether the guest's walk is over. */
static ALWAYS_INLINE bool guest_step(const struct walk_memory *memory, const struct nested_walk_state *state, uint64_t address,
                                     struct access access, const struct rmp_table *table, unsigned purpose, int level, struct walk *walk,
                                     uint64_t *last, struct guest_translation *result)
{
    uint64_t entry;
    uint64_t gpa = entry_address(walk->table, address, level);
    result->nested = place_of_entry(memory, state, table, purpose, gpa);
    result->guest = ended(WALK_OUTSIDE, level, gpa, 0);
    if (result->nested.status != WALK_MAPPED)
    {
        failed(result, NPF_TABLE);
        return true;
    }

    result->code = check_code(table, state, GUEST_TABLE, 0, state->encryption != 0, gpa, &result->nested);
    if (result->code != 0)
    {
        result->status = (uint8_t)status_of(result->code);
        return true;
    }

    if (!read_entry_at(memory, result->nested.address, &entry))
    {
        result->status = NESTED_OUTSIDE;
        return true;
    }

    walk->all &= entry;
    walk->any |= entry;
    if (level > 1 && (entry & table_test(&state->guest, level)) == PAGE_PRESENT)
    {
        walk->table = entry & state->guest_address;
        result->status = NESTED_CONTENDED;
        return (purpose & WALK_MARKS) != 0 && (entry & PAGE_ACCESSED) == 0
               && !set_marks(memory, result->nested.address, entry, PAGE_ACCESSED);
    }

    *last = entry;
    result->guest = leaf(&state->guest, state->guest_address, address, access, false, level, walk, entry, gpa);
    result->code = result->guest.error;
    result->status = NESTED_GUEST_FAULT;
    bool unmarked = (purpose & WALK_MARKS) != 0 && result->guest.status == WALK_MAPPED && (~entry & marks_of_page(access)) != 0;
    if (unmarked && !set_marks(memory, result->nested.address, entry, marks_of_page(access)))
    {
        result->guest.status = WALK_CONTENDED;
        result->status = NESTED_CONTENDED;
    }

    return true;
}

static ALWAYS_INLINE struct guest_translation translate(const struct walk_memory *memory, const struct nested_walk_state *state,
                                                        uint64_t address, struct access access, const struct rmp_table *table,
                                                        unsigned purpose)
{
    struct guest_translation result = { .code = 0, .is_private = false };
    uint64_t last = 0;
    int spare = state->guest.levels == 5 ? 7 : 16;
    if ((uint64_t)((int64_t)(address << spare) >> spare) != address)
    {
        result.guest = ended(WALK_NON_CANONICAL, 0, 0, 0);
        result.nested = ended(WALK_NOT_PRESENT, 0, 0, 0);
        result.status = NESTED_NON_CANONICAL;
        return result;
    }

    struct walk walk = { state->guest.root, PAGE_WRITABLE | PAGE_USER, 0 };
    bool over = state->guest.levels == 5 && guest_step(memory, state, address, access, table, purpose, 5, &walk, &last, &result);
    over = over || guest_step(memory, state, address, access, table, purpose, 4, &walk, &last, &result);
    over = over || guest_step(memory, state, address, access, table, purpose, 3, &walk, &last, &result);
    over = over || guest_step(memory, state, address, access, table, purpose, 2, &walk, &last, &result);
    if (!over) (void)guest_step(memory, state, address, access, table, purpose, 1, &walk, &last, &result);
    if (result.guest.status != WALK_MAPPED) return result;

    uint64_t gpa = result.guest.address;
    bool shared = access.kind != GUEST_FETCH && (state->has_virtual_tom ? gpa >= state->private_below : (last & state->encryption) == 0);
    result.is_private = state->encryption != 0 && !shared;
    result.nested = nested(memory, state, gpa, (struct access){ access.kind, true, false }, table, purpose);
    if (result.nested.status != WALK_MAPPED)
    {
        failed(&result, NPF_FINAL);
        return result;
    }

    result.code = (purpose & WALK_JUDGES_PAGE) != 0
                      ? check_code(table, state, access.kind, access.user ? 3 : 0, result.is_private, gpa, &result.nested)
                      : 0;
    result.status = (uint8_t)status_of(result.code);
    return result;
}

#endif
