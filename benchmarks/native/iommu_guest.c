/* A device's request with a PASID through an AMD IOMMU: device table entry, GCR3 table, long-mode tables of four or five levels and, where
 * the entry names them, v1 tables below each access; reserved bits, rights of all levels and, where asked for, the RMP check of every
 * access: what the library's walker answers, in the same 24 bytes. Accessed and Dirty are left alone, as there. */
#include "iommu.h"

#define GCR3_VALID BITS(0, 0)
#define CAUSE_NO_EXECUTE 2u
#define CAUSE_USER 4u
#define CAUSE_WRITE 0x20u

enum io_stage
{
    STAGE_HOST,
    STAGE_GCR3,
    STAGE_GUEST,
    STAGE_NESTED,
};

struct io_request
{
    uint64_t address;
    uint32_t pasid;
    bool has_pasid;
    bool write;
    bool execute;
    bool privileged;
};

struct io_translation
{
    uint64_t address;
    uint8_t status;
    uint8_t level;
    uint8_t size;
    uint8_t rights;
    uint8_t stage;
    uint8_t cause;
    uint64_t gpa;
};

static ALWAYS_INLINE struct io_translation io_ended(enum io_status status, enum io_stage stage, uint64_t address, int level, uint64_t gpa)
{
    return (struct io_translation){
        .address = address, .status = (uint8_t)status, .level = (uint8_t)level, .stage = (uint8_t)stage, .gpa = gpa
    };
}

static ALWAYS_INLINE uint8_t rights_of(uint64_t all)
{
    return (uint8_t)((all >> 61) & 3);
}

/* Where a guest physical address leads, and the access there; without v1 tables to itself, with the size of the guest's page. */
static struct io_translation io_host(const struct walk_memory *memory, const struct io_state *state, const struct device *device,
                                     uint64_t gpa, bool write, int flat_size, const struct rmp_table *check)
{
    int mode = mode_of(device);
    uint64_t all = device->words[0];
    if (mode == 0)
    {
        enum io_status flat = may_access(state, check, gpa, flat_size, write) ? IO_MAPPED : IO_RMP;
        return (struct io_translation){ .address = gpa, .status = (uint8_t)flat, .size = (uint8_t)flat_size, .rights = rights_of(all) };
    }

    if (mode < 6 && gpa >> io_shift(mode + 1) != 0) return io_ended(IO_OUT_OF_REACH, STAGE_HOST, 0, 0, 0);
    int level = mode;
    int shift = io_shift(mode);
    uint64_t address_mask = IO_ADDRESS & ~state->encryption;
    uint64_t table = all & address_mask;
    uint64_t need = write ? IO_WRITE : IO_READ;
    uint64_t expected = IO_PRESENT | need | (uint64_t)(mode - 1) << IO_LEVEL_SHIFT;
    for (;;)
    {
        uint64_t at = table + ((gpa >> shift) & 511) * 8;
        uint64_t entry;
        if (!io_read(memory, at, &entry)) return io_ended(IO_OUTSIDE, STAGE_HOST, at, level, 0);
        all &= entry;
        if (((entry & (IO_PRESENT | IO_LEVEL | IO_RESERVED_TABLE)) | (all & need)) == expected && level != 1)
        {
            table = entry & address_mask;
            level--;
            shift -= 9;
            expected -= IO_ONE_LEVEL;
            continue;
        }

        int size = PAGE_SHIFT_4K;
        if ((entry & (IO_PRESENT | IO_LEVEL | IO_RESERVED)) != IO_PRESENT || level != 1 || (all & need) == 0)
        {
            int below;
            enum io_status kind = io_classify(entry & ~state->encryption, (all & need) == 0, level, gpa, &below, &size);
            if (kind != IO_MAPPED) return io_ended(kind, STAGE_HOST, at, level, 0);
            if (below != 0)
            {
                table = entry & address_mask;
                level = below;
                shift = io_shift(below);
                expected = IO_PRESENT | need | (uint64_t)(below - 1) << IO_LEVEL_SHIFT;
                continue;
            }
        }

        uint64_t offset = (UINT64_C(1) << size) - 1;
        uint64_t page = (entry & address_mask & ~offset) | (gpa & offset);
        enum io_status status = may_access(state, check, page, size, write) ? IO_MAPPED : IO_RMP;
        return (struct io_translation){
            .address = page, .status = (uint8_t)status, .level = (uint8_t)level, .size = (uint8_t)size, .rights = rights_of(all)
        };
    }
}

/* An entry of GCR3 or guest tables could not be got at. */
static COLD struct io_translation on_the_way(struct io_translation host, enum io_stage stage, int level, uint64_t gpa)
{
    if (host.status == IO_RMP) return io_ended(IO_RMP, stage, host.address, level, gpa);
    host.stage = STAGE_NESTED;
    host.gpa = gpa;
    return host;
}

static bool find_root(const struct walk_memory *memory, const struct io_state *state, const struct device *device, uint32_t pasid,
                      const struct rmp_table *check, uint64_t *root, struct io_translation *end)
{
    uint64_t low = device->words[0];
    uint64_t middle = device->words[1];
    int levels = (int)(low >> 56 & 3) + 1;
    uint64_t address_mask = IO_ADDRESS & ~state->encryption;
    *root = ((low >> 60 & 1) << 14 | (low >> 58 & 3) << 12 | (middle >> 16 & 0xFFFF) << 15 | middle >> 43 << 31) & address_mask;
    if ((uint64_t)pasid >> (9 * levels) != 0 || (uint64_t)pasid >> state->pasid_bits != 0)
    {
        *end = io_ended(IO_PASID_OUT_OF_REACH, STAGE_GCR3, 0, 0, 0);
        return false;
    }

    struct device flat = { { low & ~IO_LEVEL, 0, 0, 0 } };
    const struct device *below = state->gcr3_is_guest_physical ? device : &flat;
    for (int level = levels; level > 0; level--)
    {
        uint64_t gpa = *root + (pasid >> (9 * (level - 1)) & 511) * 8;
        uint64_t entry;
        struct io_translation place = io_host(memory, state, below, gpa, false, PAGE_SHIFT_4K, check);
        if (place.status != IO_MAPPED) *end = on_the_way(place, STAGE_GCR3, level, gpa);
        else if (!io_read(memory, place.address, &entry)) *end = io_ended(IO_OUTSIDE, STAGE_GCR3, place.address, level, gpa);
        else if ((entry & GCR3_VALID) == 0) *end = io_ended(IO_INVALID_GCR3, STAGE_GCR3, place.address, level, gpa);
        else
        {
            *root = entry & address_mask;
            continue;
        }

        return false;
    }

    return true;
}

static ALWAYS_INLINE uint64_t guest_reserved(int level, bool leaf)
{
    if (level > 3) return BITS(8, 7);
    if (!leaf || level == 1) return 0;
    return level == 3 ? BITS(29, 13) : BITS(20, 13);
}

static struct io_translation walk_guest(const struct walk_memory *memory, const struct io_state *state, const struct device *device,
                                        const struct io_request *request, const struct rmp_table *check)
{
    uint64_t table;
    struct io_translation end;
    uint64_t address = request->address;
    if (!find_root(memory, state, device, request->has_pasid ? request->pasid : 0, check, &table, &end)) return end;
    int level = 4 + (int)(device->words[2] >> 54 & 3);
    int spare = level == 5 ? 7 : 16;
    if ((uint64_t)((int64_t)(address << spare) >> spare) != address) return io_ended(IO_NON_CANONICAL, STAGE_GUEST, 0, 0, 0);
    uint64_t all = PAGE_WRITABLE | PAGE_USER;
    uint64_t any = 0;
    uint64_t address_mask = PAGE_ADDRESS & ~state->encryption;
    for (;; level--)
    {
        uint64_t entry;
        uint64_t gpa = table + ((address >> io_shift(level)) & 511) * 8;
        struct io_translation place = io_host(memory, state, device, gpa, false, PAGE_SHIFT_4K, check);
        if (place.status != IO_MAPPED) return on_the_way(place, STAGE_GUEST, level, gpa);
        if (!io_read(memory, place.address, &entry)) return io_ended(IO_OUTSIDE, STAGE_GUEST, place.address, level, gpa);
        if ((entry & PAGE_PRESENT) == 0) return io_ended(IO_NOT_PRESENT, STAGE_GUEST, place.address, level, gpa);
        bool leaf = level == 1 || (level <= 3 && (entry & PAGE_LARGE) != 0);
        if ((entry & (guest_reserved(level, leaf) | (state->has_no_execute ? 0 : PAGE_NO_EXECUTE))) != 0)
        {
            return io_ended(IO_FORBIDDEN, STAGE_GUEST, place.address, level, gpa);
        }

        all &= entry;
        any |= entry;
        table = entry & address_mask;
        if (!leaf) continue;
        int size = io_shift(level);
        uint64_t offset = (UINT64_C(1) << size) - 1;
        uint64_t page = (table & ~offset) | (address & offset);
        bool user = (all & PAGE_USER) != 0;
        bool barred = state->has_no_execute && (any & PAGE_NO_EXECUTE) != 0;
        uint8_t rights = user ? (uint8_t)(1 | (all & PAGE_WRITABLE) | (barred ? 0 : 4)) : 0;
        uint8_t cause = (uint8_t)((user || request->privileged ? 0 : CAUSE_USER) | (request->execute && barred ? CAUSE_NO_EXECUTE : 0));
        if (cause != 0 || (request->write && (all & PAGE_WRITABLE) == 0))
        {
            end = io_ended(IO_RIGHTS, STAGE_GUEST, place.address, level, page);
            end.rights = rights;
            end.cause = cause;
            return end;
        }

        end = io_host(memory, state, device, page, request->write, size, check);
        end.gpa = page;
        if (size < end.size) end.size = (uint8_t)size;
        end.stage = end.status == IO_MAPPED || end.status == IO_RMP ? STAGE_GUEST : STAGE_NESTED;
        if (end.stage == STAGE_NESTED) end.cause = request->write ? CAUSE_WRITE : 0;
        else
        {
            end.level = (uint8_t)level;
            end.rights = rights & (end.rights | 4);
        }

        return end;
    }
}

static COLD struct io_translation io_other(const struct walk_memory *memory, const struct io_state *state, const struct device *device,
                                           const struct io_request *request, const struct rmp_table *check)
{
    struct device rights = { { IO_READ | IO_WRITE, 0, 0, 0 } };
    bool valid = (device->words[0] & DTE_VALID) != 0;
    if (request->address >= ADDRESS_LIMIT && (!valid || mode_of(device) == 0)) return io_ended(IO_OUT_OF_REACH, STAGE_HOST, 0, 0, 0);
    return io_host(memory, state, valid ? device : &rights, request->address, request->write, PAGE_SHIFT_4K, check);
}

static ALWAYS_INLINE struct io_translation io_translate(const struct walk_memory *memory, const struct io_state *state, uint64_t id,
                                                        const struct io_request *request, const struct rmp_table *check)
{
    if (request->address - UINT64_C(0xFEE00000) < UINT64_C(0x100000)) return io_ended(IO_INTERRUPT, STAGE_HOST, 0, 0, 0);
    uint64_t at = state->table_base + id * 32;
    if (id >= state->entries) return io_ended(IO_BEYOND, STAGE_HOST, at, 0, 0);
    struct device device;
    if (!io_read(memory, at, &device.words[0]) || !io_read(memory, at + 8, &device.words[1]) || !io_read(memory, at + 16, &device.words[2])
        || !io_read(memory, at + 24, &device.words[3]))
    {
        return io_ended(IO_NO_DEVICE_TABLE, STAGE_HOST, at, 0, 0);
    }

    if ((device.words[0] & DTE_VALID) == 0) return io_other(memory, state, &device, request, check);
    enum io_status status = check_device(state, &device);
    if (status == IO_MAPPED && (device.words[0] & (request->write ? IO_WRITE : IO_READ)) == 0) status = IO_RIGHTS;
    if (status != IO_MAPPED) return io_ended(status, STAGE_HOST, 0, 0, 0);
    bool guest = (device.words[0] & DTE_GUEST) != 0 && (request->has_pasid || (device.words[0] & DTE_GUEST_PROTECTION) != 0);
    return guest ? walk_guest(memory, state, &device, request, check) : io_other(memory, state, &device, request, check);
}

static ALWAYS_INLINE uint64_t digest(struct io_translation of)
{
    return of.address + of.gpa + of.status + of.level + of.size + of.rights + of.stage + of.cause;
}

/* Each request needs the result of the one before, in a way that adds zero. */
static ALWAYS_INLINE uint64_t io_dependent(const struct walk_memory *memory, const struct io_state *state, const struct rmp_table *check,
                                           uint32_t pasid, bool write, const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    uint64_t sum = 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct io_request request = { addresses[i] + (last & zero), pasid, true, write, false, false };
        last = digest(io_translate(memory, state, 24, &request, check));
        sum += last;
    }

    return sum;
}

EXPORT uint64_t iommu_guest_walk(const struct walk_memory *memory, const struct io_state *state, const struct rmp_table *table,
                                 uint32_t pasid, uint32_t write, const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    return table == NULL ? io_dependent(memory, state, NULL, pasid, write != 0, addresses, iterations, zero)
                         : io_dependent(memory, state, table, pasid, write != 0, addresses, iterations, zero);
}
