/* A device's request without PASID through an AMD IOMMU: device table entry, v1 tables of any mode with skipped levels and encoded sizes;
 * reserved bits of both, rights of all levels and, where asked for, the RMP check: what the library's walker answers for host tables. One
 * loop, as there, whose step is one comparison; what is neither a step nor a 4 KiB page is classified out of line. */
#include "iommu.h"

struct io_translation
{
    uint64_t address;
    uint64_t outcome; /* rights [31:24], exponent of the size [23:16], level [15:8], status [7:0] */
};

static ALWAYS_INLINE struct io_translation io_result(uint64_t address, uint64_t status, uint64_t level, uint64_t size, uint64_t rights)
{
    return (struct io_translation){ address, status | level << 8 | size << 16 | rights << 24 };
}

static ALWAYS_INLINE uint64_t io_rights(uint64_t all)
{
    return (all >> 61) & 3;
}

static ALWAYS_INLINE struct io_translation io_page(const struct io_state *state, uint64_t entry, uint64_t all, int level, int size,
                                                   uint64_t address, bool write, const struct rmp_table *check)
{
    uint64_t offset = (UINT64_C(1) << size) - 1;
    uint64_t page = (entry & IO_ADDRESS & ~state->encryption & ~offset) | (address & offset);
    enum io_status status = may_access(state, check, page, size, write) ? IO_MAPPED : IO_RMP;
    return io_result(page, status, (uint64_t)level, (uint64_t)size, io_rights(all));
}

/* Not inlined: in a caller's loop gcc runs out of registers, and keeps the table's address in a vector register. */
static __attribute__((noinline)) struct io_translation io_walk(const struct walk_memory *memory, const struct io_state *state,
                                                               uint64_t device, uint64_t address, bool write,
                                                               const struct rmp_table *check)
{
    int level = (int)((device & IO_LEVEL) >> IO_LEVEL_SHIFT);
    int shift = io_shift(level);
    uint64_t address_mask = IO_ADDRESS & ~state->encryption;
    uint64_t table = device & address_mask;
    uint64_t all = device;
    uint64_t need = write ? IO_WRITE : IO_READ;
    uint64_t expected = IO_PRESENT | need | (uint64_t)(level - 1) << IO_LEVEL_SHIFT;
    for (;;)
    {
        uint64_t at = table + ((address >> shift) & 511) * 8;
        uint64_t entry;
        if (!io_read(memory, at, &entry)) return io_result(at, IO_OUTSIDE, (uint64_t)level, 0, 0);
        all &= entry;
        if (((entry & (IO_PRESENT | IO_LEVEL | IO_RESERVED_TABLE)) | (all & need)) == expected && level != 1)
        {
            table = entry & address_mask;
            level--;
            shift -= 9;
            expected -= IO_ONE_LEVEL;
            continue;
        }

        if ((entry & (IO_PRESENT | IO_LEVEL | IO_RESERVED)) == IO_PRESENT && level == 1 && (all & need) != 0)
        {
            return io_page(state, entry, all, 1, PAGE_SHIFT_4K, address, write, check);
        }

        int below, size;
        enum io_status status = io_classify(entry & ~state->encryption, (all & need) == 0, level, address, &below, &size);
        if (status == IO_RIGHTS && size != 0)
        {
            uint64_t offset = (UINT64_C(1) << size) - 1;
            uint64_t page = (entry & address_mask & ~offset) | (address & offset);
            return io_result(page, status, (uint64_t)level, (uint64_t)size, io_rights(all));
        }

        if (status != IO_MAPPED) return io_result(at, status, (uint64_t)level, 0, status == IO_RIGHTS ? io_rights(all) : 0);
        if (below == 0) return io_page(state, entry, all, level, size, address, write, check);
        table = entry & address_mask;
        level = below;
        shift = io_shift(below);
        expected = IO_PRESENT | need | (uint64_t)(below - 1) << IO_LEVEL_SHIFT;
    }
}

/* What is not the common case: devices that no host tables translate, and entries with something wrong. */
static COLD struct io_translation io_other(const struct walk_memory *memory, const struct io_state *state, const struct device *device,
                                           uint64_t address, bool write, const struct rmp_table *check)
{
    bool valid = (device->words[0] & DTE_VALID) != 0;
    uint64_t rights = valid ? device->words[0] : IO_READ | IO_WRITE;
    if (valid)
    {
        enum io_status status = check_device(state, device);
        if (status == IO_MAPPED && (rights & (write ? IO_WRITE : IO_READ)) == 0) status = IO_RIGHTS;
        if (status != IO_MAPPED) return io_result(0, status, 0, 0, status == IO_RIGHTS ? io_rights(rights) : 0);
        if ((rights & DTE_GUEST) != 0 && (rights & DTE_GUEST_PROTECTION) != 0) return io_result(0, IO_GUEST, 0, 0, 0);
        int mode = mode_of(device);
        if (mode != 0 && mode < 6 && address >> io_shift(mode + 1) != 0) return io_result(0, IO_OUT_OF_REACH, 0, 0, 0);
        if (mode != 0) return io_walk(memory, state, rights, address, write, check);
    }

    if (address >= ADDRESS_LIMIT) return io_result(0, IO_OUT_OF_REACH, 0, 0, 0);
    enum io_status status = may_access(state, check, address, PAGE_SHIFT_4K, write) ? IO_MAPPED : IO_RMP;
    return io_result(address, status, 0, PAGE_SHIFT_4K, io_rights(rights));
}

static ALWAYS_INLINE struct io_translation io_translate(const struct walk_memory *memory, const struct io_state *state, uint64_t id,
                                                        uint64_t address, bool write, const struct rmp_table *check)
{
    if (address - UINT64_C(0xFEE00000) < UINT64_C(0x100000)) return io_result(0, IO_INTERRUPT, 0, 0, 0);
    uint64_t at = state->table_base + id * 32;
    if (id >= state->entries) return io_result(at, IO_BEYOND, 0, 0, 0);
    uint64_t word0, word1, word2, word3;
    if (!io_read(memory, at, &word0) || !io_read(memory, at + 8, &word1) || !io_read(memory, at + 16, &word2)
        || !io_read(memory, at + 24, &word3))
    {
        return io_result(at, IO_NO_DEVICE_TABLE, 0, 0, 0);
    }

    int mode = (int)((word0 & IO_LEVEL) >> IO_LEVEL_SHIFT);
    uint64_t need = DTE_VALID | DTE_TRANSLATED | (write ? IO_WRITE : IO_READ);
    if ((word0 & (need | DTE_GUEST | state->reserved[0])) != need || (word1 & state->reserved[1]) != 0 || (word2 & state->reserved[2]) != 0
        || (word3 & state->reserved[3]) != 0 || (unsigned)(mode - 1) >= state->largest_mode
        || (mode < 6 && address >> io_shift(mode + 1) != 0))
    {
        const struct device device = { { word0, word1, word2, word3 } };
        return io_other(memory, state, &device, address, write, check);
    }

    return io_walk(memory, state, word0, address, write, check);
}

/* Each request needs the result of the one before, in a way that adds zero. */
static ALWAYS_INLINE uint64_t io_dependent(const struct walk_memory *memory, const struct io_state *state, const struct rmp_table *check,
                                           const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    uint64_t sum = 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct io_translation result = io_translate(memory, state, 24, addresses[i] + (last & zero), true, check);
        last = result.address + result.outcome;
        sum += result.address + (result.outcome & 0xFF) + ((result.outcome >> 24) & 0xFF);
    }

    return sum;
}

EXPORT uint64_t iommu_walk(const struct walk_memory *memory, const struct io_state *state, const uint64_t *addresses, uint64_t iterations,
                           uint64_t zero)
{
    return io_dependent(memory, state, NULL, addresses, iterations, zero);
}

EXPORT uint64_t iommu_walk_checked(const struct walk_memory *memory, const struct io_state *state, const struct rmp_table *table,
                                   const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    return io_dependent(memory, state, table, addresses, iterations, zero);
}

EXPORT uint64_t iommu_independent(const struct walk_memory *memory, const struct io_state *state, const uint64_t *addresses,
                                  uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct io_translation result = io_translate(memory, state, 24, addresses[i], true, NULL);
        sum += result.address + (result.outcome & 0xFF) + ((result.outcome >> 24) & 0xFF);
    }

    return sum;
}

/* Batches: for 16 requests at a time the tables are read ahead, one level of each after the other, before each is walked as a single one:
 * the algorithm of the library's batches. The results are in memory, as the library's do, before they are added up. */
#define GROUP 16
#define MOST_RESULTS 1024

static ALWAYS_INLINE void io_prefetch(const struct walk_memory *memory, uint64_t at)
{
    if (at - memory->start <= memory->last_qword) __builtin_prefetch(memory->zero + at);
}

static void io_read_ahead(const struct walk_memory *memory, const struct io_state *state, uint64_t device, const uint64_t *addresses,
                          uint64_t count)
{
    uint64_t next[GROUP];
    uint8_t levels[GROUP];
    uint64_t address_mask = IO_ADDRESS & ~state->encryption;
    int mode = (int)((device & IO_LEVEL) >> IO_LEVEL_SHIFT);
    for (uint64_t i = 0; i < count; i++)
    {
        next[i] = (device & address_mask) + ((addresses[i] >> io_shift(mode)) & 511) * 8;
        levels[i] = (uint8_t)mode;
    }

    for (int level = mode; level > 1; level--)
    {
        for (uint64_t i = 0; i < count; i++)
        {
            uint64_t entry;
            if (levels[i] != level || !io_read(memory, next[i], &entry)) continue;
            int below = (int)((entry & IO_LEVEL) >> IO_LEVEL_SHIFT);
            if ((entry & IO_PRESENT) == 0 || below == 0 || below >= level) continue;
            next[i] = (entry & address_mask) + ((addresses[i] >> io_shift(below)) & 511) * 8;
            levels[i] = (uint8_t)below;
            io_prefetch(memory, next[i]);
        }
    }
}

EXPORT uint64_t iommu_batch(const struct walk_memory *memory, const struct io_state *state, const uint64_t *addresses, uint64_t iterations)
{
    struct io_translation results[MOST_RESULTS];
    uint64_t sum = 0;
    uint64_t device = 0;
    (void)io_read(memory, state->table_base + 24 * 32, &device);
    for (uint64_t done = 0; done < iterations; done += MOST_RESULTS)
    {
        uint64_t batch = iterations - done < MOST_RESULTS ? iterations - done : MOST_RESULTS;
        for (uint64_t i = 0; i < batch; i++)
        {
            if (i % GROUP == 0) io_read_ahead(memory, state, device, addresses + done + i, batch - i < GROUP ? batch - i : GROUP);
            results[i] = io_translate(memory, state, 24, addresses[done + i], true, NULL);
        }

        for (uint64_t i = 0; i < batch; i++)
        {
            sum += results[i].address + (results[i].outcome & 0xFF) + ((results[i].outcome >> 24) & 0xFF);
        }
    }

    return sum;
}
