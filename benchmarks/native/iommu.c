/* A device's request through an AMD IOMMU: device table entry, v1 tables of any mode with skipped levels and encoded sizes, rights and,
 * where asked for, the RMP check: what the library's walker answers for host tables, but for reserved bits, which are not tested here. One
 * loop, as there; faults are classified out of line. */
#include "rmp_protocol.h"

#define DTE_VALID BITS(0, 0)
#define DTE_TRANSLATED BITS(1, 1)
#define DTE_GUEST BITS(55, 55)
#define IO_PRESENT BITS(0, 0)
#define IO_LEVEL BITS(11, 9)
#define IO_LEVEL_SHIFT 9
#define IO_ONE_LEVEL BITS(9, 9)
#define IO_ADDRESS BITS(51, 12)
#define IO_READ BITS(61, 61)
#define IO_WRITE BITS(62, 62)

enum io_status
{
    IO_NOT_PRESENT = 0,
    IO_MAPPED = 1,
    IO_MALFORMED = 2,
    IO_RIGHTS = 3,
    IO_RMP = 4,
    IO_OUT_OF_REACH = 5,
    IO_OUTSIDE = 6,
    IO_NO_TRANSLATION = 8,
    IO_ILLEGAL = 9,
    IO_NO_DEVICE_TABLE = 10,
    IO_INTERRUPT = 11,
    IO_GUEST = 12,
};

struct io_translation
{
    uint64_t address;
    uint64_t outcome; /* rights [31:24], exponent of the size [23:16], level [15:8], status [7:0] */
};

static ALWAYS_INLINE struct io_translation io_result(uint64_t address, uint64_t status, uint64_t level, uint64_t size, uint64_t rights)
{
    return (struct io_translation){ address, status | level << 8 | size << 16 | rights << 24 };
}

static ALWAYS_INLINE bool io_read(const struct walk_memory *memory, uint64_t address, uint64_t *value)
{
    if (address - memory->start > memory->last_qword) return false;
    *value = atomic_load_explicit((_Atomic uint64_t *)(memory->zero + address), memory_order_relaxed);
    return true;
}

static ALWAYS_INLINE int io_shift(int level)
{
    return 12 + 9 * (level - 1);
}

static COLD enum io_status io_classify(uint64_t entry, int level, uint64_t address, int *below, int *size)
{
    int next = (int)((entry & IO_LEVEL) >> IO_LEVEL_SHIFT);
    *below = 0;
    *size = 0;
    if ((entry & IO_PRESENT) == 0) return IO_NOT_PRESENT;
    if (next == 0)
    {
        *size = io_shift(level);
        return level == 4 || level == 6 ? IO_MALFORMED : IO_MAPPED;
    }

    if (next == 7)
    {
        *size = 1 + __builtin_ctzll(~((entry & IO_ADDRESS) | OFFSET_4K));
        return *size > io_shift(level) && *size < io_shift(level + 1) && *size <= 51 ? IO_MAPPED : IO_MALFORMED;
    }

    *below = next;
    if (next >= level) return IO_MALFORMED;
    return (address & ((UINT64_C(1) << io_shift(level)) - 1)) >> io_shift(next + 1) != 0 ? IO_NOT_PRESENT : IO_MAPPED;
}

static COLD struct io_translation io_untranslated(uint64_t device, int mode, uint64_t address, bool write, const struct rmp_table *check)
{
    uint64_t rights = device;
    if ((device & DTE_VALID) == 0) rights = IO_READ | IO_WRITE;
    else if ((device & DTE_TRANSLATED) == 0) return io_result(0, IO_NO_TRANSLATION, 0, 0, 0);
    else if ((device & DTE_GUEST) != 0) return io_result(0, IO_GUEST, 0, 0, 0);
    else if (check != NULL || mode != 0) return io_result(0, IO_ILLEGAL, 0, 0, 0);
    if (address >= ADDRESS_LIMIT) return io_result(0, IO_OUT_OF_REACH, 0, 0, 0);
    enum io_status status = (rights & (write ? IO_WRITE : IO_READ)) == 0 ? IO_RIGHTS
        : check == NULL || hypervisor_owned(check, address, false) ? IO_MAPPED : IO_RMP;
    return io_result(address, status, 0, 12, (rights >> 61) & 3);
}

static ALWAYS_INLINE struct io_translation io_translate(const struct walk_memory *memory, uint64_t table_base, uint64_t entries,
                                                        uint64_t id, uint64_t address, bool write, const struct rmp_table *check)
{
    if (address - UINT64_C(0xFEE00000) < UINT64_C(0x100000)) return io_result(0, IO_INTERRUPT, 0, 0, 0);
    uint64_t device_address = table_base + id * 32;
    if (id >= entries) return io_result(device_address, IO_ILLEGAL, 0, 0, 0);
    uint64_t device, rest;
    if (!io_read(memory, device_address, &device) || !io_read(memory, device_address + 8, &rest)
        || !io_read(memory, device_address + 16, &rest) || !io_read(memory, device_address + 24, &rest))
    {
        return io_result(device_address, IO_NO_DEVICE_TABLE, 0, 0, 0);
    }

    int mode = (int)((device & IO_LEVEL) >> IO_LEVEL_SHIFT);
    if ((device & (DTE_VALID | DTE_TRANSLATED | DTE_GUEST)) != (DTE_VALID | DTE_TRANSLATED) || (unsigned)(mode - 1) >= 6)
    {
        return io_untranslated(device, mode, address, write, check);
    }

    if (mode < 6 && address >> io_shift(mode + 1) != 0) return io_result(0, IO_OUT_OF_REACH, 0, 0, 0);
    int level = mode;
    int shift = io_shift(mode);
    uint64_t table = device & IO_ADDRESS;
    uint64_t all = device;
    uint64_t expected = IO_PRESENT | (uint64_t)(mode - 1) << IO_LEVEL_SHIFT;
    for (;;)
    {
        uint64_t entry_address = table + ((address >> shift) & 511) * 8;
        uint64_t entry;
        if (!io_read(memory, entry_address, &entry)) return io_result(entry_address, IO_OUTSIDE, (uint64_t)level, 0, 0);
        all &= entry;
        if ((entry & (IO_PRESENT | IO_LEVEL)) == expected && level != 1)
        {
            table = entry & IO_ADDRESS;
            level--;
            shift -= 9;
            expected -= IO_ONE_LEVEL;
            continue;
        }

        int size = 12;
        if ((entry & (IO_PRESENT | IO_LEVEL)) != IO_PRESENT || level != 1)
        {
            int below;
            enum io_status kind = io_classify(entry, level, address, &below, &size);
            if (kind != IO_MAPPED) return io_result(entry_address, kind, (uint64_t)level, 0, 0);
            if (below != 0)
            {
                table = entry & IO_ADDRESS;
                level = below;
                shift = io_shift(below);
                expected = IO_PRESENT | (uint64_t)(below - 1) << IO_LEVEL_SHIFT;
                continue;
            }
        }

        uint64_t offset = (UINT64_C(1) << size) - 1;
        uint64_t page = (entry & IO_ADDRESS & ~offset) | (address & offset);
        enum io_status status = IO_MAPPED;
        if ((all & (write ? IO_WRITE : IO_READ)) == 0) status = IO_RIGHTS;
        else if (check != NULL && !hypervisor_owned(check, page, size >= PAGE_SHIFT_2M)) status = IO_RMP;
        return io_result(page, status, (uint64_t)level, (uint64_t)size, (all >> 61) & 3);
    }
}

/* Each request needs the result of the one before, in a way that adds zero. */
static ALWAYS_INLINE uint64_t io_dependent(const struct walk_memory *memory, uint64_t table_base, const struct rmp_table *check,
                                           const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    uint64_t sum = 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        struct io_translation result = io_translate(memory, table_base, 128, 24, addresses[i] + (last & zero), true, check);
        last = result.address + result.outcome;
        sum += result.address + (result.outcome & 0xFF) + ((result.outcome >> 24) & 0xFF);
    }

    return sum;
}

EXPORT uint64_t iommu_walk(const struct walk_memory *memory, uint64_t table_base, const uint64_t *addresses, uint64_t iterations,
                           uint64_t zero)
{
    return io_dependent(memory, table_base, NULL, addresses, iterations, zero);
}

EXPORT uint64_t iommu_walk_checked(const struct walk_memory *memory, uint64_t table_base, const struct rmp_table *table,
                                   const uint64_t *addresses, uint64_t iterations, uint64_t zero)
{
    return io_dependent(memory, table_base, table, addresses, iterations, zero);
}
