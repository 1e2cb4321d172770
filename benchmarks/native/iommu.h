/* What both baselines of devices' requests know of an AMD IOMMU: device table entries and v1 tables. */
#ifndef IOMMU_H
#define IOMMU_H

#include "rmp_protocol.h"

#define DTE_VALID BITS(0, 0)
#define DTE_TRANSLATED BITS(1, 1)
#define DTE_GUEST BITS(55, 55)
#define DTE_GUEST_PROTECTION BITS(54, 54)
#define IO_PRESENT BITS(0, 0)
#define IO_LEVEL BITS(11, 9)
#define IO_LEVEL_SHIFT 9
#define IO_ONE_LEVEL BITS(9, 9)
#define IO_ADDRESS BITS(51, 12)
#define IO_RESERVED BITS(58, 52)
#define IO_RESERVED_TABLE BITS(60, 52)
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
    IO_FORBIDDEN = 12,
    IO_SKIPPED = 13,
    IO_FORBIDDEN_DEVICE = 14,
    IO_BEYOND = 15,
    IO_INVALID_GCR3 = 16,
    IO_PASID_OUT_OF_REACH = 17,
    IO_NON_CANONICAL = 18,
    IO_GUEST = 255, /* guest tables, in the baseline that has none */
};

struct device
{
    uint64_t words[4];
};

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

static ALWAYS_INLINE int mode_of(const struct device *device)
{
    return (int)((device->words[0] & IO_LEVEL) >> IO_LEVEL_SHIFT);
}

static ALWAYS_INLINE bool may_access(const struct io_state *state, const struct rmp_table *check, uint64_t address, int size, bool write)
{
    return check == NULL || (!write && !state->checks_reads) || hypervisor_owned(check, address, size >= PAGE_SHIFT_2M);
}

/* A v1 entry that is neither a table one level below nor a 4 KiB page, or lacks the right. */
static COLD enum io_status io_classify(uint64_t entry, bool refused, int level, uint64_t address, int *below, int *size)
{
    int next = (int)((entry & IO_LEVEL) >> IO_LEVEL_SHIFT);
    bool page = next == 0 || next == 7;
    *below = 0;
    *size = 0;
    if ((entry & IO_PRESENT) == 0) return IO_NOT_PRESENT;
    if ((entry & (page ? IO_RESERVED : IO_RESERVED_TABLE)) != 0) return IO_FORBIDDEN;
    if (page)
    {
        int bits = next == 0 ? io_shift(level) : 1 + __builtin_ctzll(~((entry & IO_ADDRESS) | OFFSET_4K));
        bool fits = next == 0 ? level != 4 && level != 6 : level != 6 && bits > io_shift(level) && bits < io_shift(level + 1) && bits <= 51;
        *size = fits ? bits : 0;
        return refused ? IO_RIGHTS : fits ? IO_MAPPED : IO_MALFORMED;
    }

    if (refused) return IO_RIGHTS;
    *below = next;
    if (next >= level) return IO_MALFORMED;
    return (address & ((UINT64_C(1) << io_shift(level)) - 1)) >> io_shift(next + 1) != 0 ? IO_SKIPPED : IO_MAPPED;
}

static ALWAYS_INLINE enum io_status check_device(const struct io_state *state, const struct device *device)
{
    uint64_t forbidden = 0;
    for (int i = 0; i < 4; i++)
    {
        forbidden |= device->words[i] & state->reserved[i];
    }

    int mode = mode_of(device);
    bool guest = (device->words[0] & DTE_GUEST) != 0;
    if (forbidden != 0) return IO_FORBIDDEN_DEVICE;
    if ((device->words[0] & DTE_TRANSLATED) == 0) return IO_NO_TRANSLATION;
    if (mode == 7 || mode > state->largest_mode) return IO_ILLEGAL;
    if (mode == 0 && state->snp_enabled && !(guest && state->gcr3_is_guest_physical)) return IO_ILLEGAL;
    uint32_t glx = device->words[0] >> 56 & 3;
    if (guest && (glx == 3 || glx > state->largest_glx || (device->words[2] >> 54 & 3) > state->largest_paging_mode)) return IO_ILLEGAL;
    return IO_MAPPED;
}

#endif
