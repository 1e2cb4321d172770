/* Walks of guests and devices: as abi.c. */
#include "abi.h"

#include "../iommu.c"
#include "../nested_walk.h"

#define COVERED (UINT64_C(8) << 20)
#define STORAGE (FRMP_BOOKKEEPING_BYTES + 16 * (COVERED >> PAGE_SHIFT_4K))
#define RAM (UINT64_C(2) << 20) /* of tables, from 0: the guest's, the host's, the device's */
#define HOST_TABLES (UINT64_C(1) << 20)
#define DEVICE_TABLES (UINT64_C(3) << 19)
#define DATA (UINT64_C(4) << 20)
#define DATA_PAGES 1024
#define GUEST_OFFSET UINT64_C(0x40000000) /* guest physical addresses lie above the system physical ones */
#define VIRTUAL_BASE UINT64_C(0xFFFF888000000000)
#define ENCRYPTION_BIT 51
#define ASID 1
#define DEVICE 24
#define DEVICES 128
#define DEVICE_LEVELS 4

struct work
{
    frmp_table table;
    frmp_memory memory;
    frmp_iommu iommu;
    struct frmp_nested nested;
    struct rmp_table c_table;
    struct walk_memory c_memory;
    struct nested_walk_state c_state;
    struct io_state c_iommu;
    uint64_t *ram;
    uint64_t addresses[COUNT];
    uint64_t device_addresses[COUNT];
    uint64_t zero; /* which no compiler knows */
};

/* ---- A guest's write through four levels over four nested ones ---- */

static CALL void c_nested_walk(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                               uint64_t address, struct guest_translation *result)
{
    const struct access write = { GUEST_WRITE, false, false };
    *result = table == NULL ? translate(memory, state, address, write, NULL, WALK_JUDGES_PAGE)
                            : translate(memory, state, address, write, table, WALK_JUDGES_PAGE);
}

static uint64_t nested_library(struct work *work, frmp_table table)
{
    struct frmp_nested_result of;
    uint64_t sum = 0, last = 0;
    for (int i = 0; i < COUNT; i++)
    {
        (void)frmp_nested_walk(work->memory, &work->nested, table, ASID, 0, work->addresses[i] + (last & work->zero), FRMP_ACCESS_WRITE,
                               &of);
        last = of.gpa + of.address + of.status + of.guest_rights + of.nested_rights + of.error_code + of.exitinfo1
            + (of.flags & FRMP_NESTED_PRIVATE);
        sum += last;
    }

    return sum;
}

static uint64_t nested_c(struct work *work, const struct rmp_table *table)
{
    struct guest_translation of;
    uint64_t sum = 0, last = 0;
    for (int i = 0; i < COUNT; i++)
    {
        c_nested_walk(&work->c_memory, &work->c_state, table, work->addresses[i] + (last & work->zero), &of);
        last = of.guest.address + of.nested.address + of.status + of.guest.rights + of.nested.rights + of.code + of.is_private;
        sum += last;
    }

    return sum;
}

static uint64_t plain_guest_library(struct work *work)
{
    return nested_library(work, 0);
}

static uint64_t plain_guest_c(struct work *work)
{
    return nested_c(work, NULL);
}

static uint64_t checked_guest_library(struct work *work)
{
    return nested_library(work, work->table);
}

static uint64_t checked_guest_c(struct work *work)
{
    return nested_c(work, &work->c_table);
}

/* ---- A device's write through four levels ---- */

static CALL void c_device_walk(const struct walk_memory *memory, const struct io_state *iommu, const struct rmp_table *table,
                               const struct frmp_device_request *request, struct io_translation *result)
{
    bool write = (request->flags & FRMP_DEVICE_WRITE) != 0;
    *result = io_translate(memory, iommu, request->device, request->address, write, table);
}

static uint64_t device_library(struct work *work, frmp_table table)
{
    struct frmp_device_request request = { .device = DEVICE, .flags = FRMP_DEVICE_WRITE };
    struct frmp_iommu_result of;
    uint64_t sum = 0, last = 0;
    for (int i = 0; i < COUNT; i++)
    {
        request.address = work->device_addresses[i] + (last & work->zero);
        (void)frmp_iommu_walk(work->iommu, work->memory, table, &request, &of);
        last = of.address + of.status + of.rights;
        sum += last;
    }

    return sum;
}

static uint64_t device_c(struct work *work, const struct rmp_table *table)
{
    struct frmp_device_request request = { .device = DEVICE, .flags = FRMP_DEVICE_WRITE };
    struct io_translation of;
    uint64_t sum = 0, last = 0;
    for (int i = 0; i < COUNT; i++)
    {
        request.address = work->device_addresses[i] + (last & work->zero);
        c_device_walk(&work->c_memory, &work->c_iommu, table, &request, &of);
        last = of.address + (of.outcome & 0xFF) + ((of.outcome >> 24) & 0xFF);
        sum += last;
    }

    return sum;
}

static uint64_t plain_device_library(struct work *work)
{
    return device_library(work, 0);
}

static uint64_t plain_device_c(struct work *work)
{
    return device_c(work, NULL);
}

static uint64_t checked_device_library(struct work *work)
{
    return device_library(work, work->table);
}

static uint64_t checked_device_c(struct work *work)
{
    return device_c(work, &work->c_table);
}

/* ---- Set-up ---- */

static uint64_t new_table(uint64_t *next)
{
    *next += 4096;
    return *next - 4096;
}

/* Maps a page; tables are new ones where there are none, and their entries hold their addresses plus an offset. */
static void map(uint64_t *ram, uint64_t root, uint64_t address, uint64_t page, uint64_t offset, uint64_t flags, uint64_t *next)
{
    const uint64_t usable = PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER | PAGE_ACCESSED | PAGE_DIRTY;
    uint64_t table = root;
    for (int level = 4; level > 1; level--)
    {
        uint64_t *entry = &ram[table / 8 + ((address >> (3 + 9 * level)) & 511)];
        if (*entry == 0) *entry = (new_table(next) + offset) | usable | flags;
        table = (*entry & PAGE_ADDRESS & ~flags) - offset;
    }

    ram[table / 8 + ((address >> PAGE_SHIFT_4K) & 511)] = page | usable | flags;
}

/* A page of the guest's: nested entries, and an RMP entry that is assigned and validated. */
static void map_nested(struct work *work, uint64_t root, uint64_t page, uint64_t *next)
{
    uint64_t gpa = page + GUEST_OFFSET, exitinfo1;
    uint64_t operand[2] = { gpa, OPERAND_ASSIGNED | (uint64_t)ASID << OPERAND_ASID_SHIFT };
    struct frmp_guest_page place = { gpa, page, FRMP_PAGE_4K, 0 };
    require(frmp_rmpupdate(work->table, FRMP_CPU_HOST, page, operand) == 0, "RMPUPDATE");
    require(frmp_pvalidate(work->table, FRMP_CPU_GUEST(ASID, 0), &place, 0, 1, &exitinfo1) == 0, "PVALIDATE");
    map(work->ram, root, gpa, page, 0, 0, next);
}

static struct walk_state state_of(uint64_t root, uint64_t address_mask)
{
    return (struct walk_state){
        .root = root, .upper_table_test = PAGE_PRESENT | BITS(8, 7), .lower_table_test = PAGE_PRESENT | PAGE_LARGE,
        .small_leaf_test = PAGE_PRESENT, .large_leaf_test = PAGE_PRESENT | PAGE_LARGE | BITS(20, 13),
        .gigabyte_leaf_test = PAGE_PRESENT | PAGE_LARGE | BITS(29, 13), .address_mask = address_mask, .levels = 4, .write_protect = 1,
        .no_execute = 1, .reports_fetch = 1,
    };
}

static void open_guest(struct work *work)
{
    const uint64_t c_bit = BITS(ENCRYPTION_BIT, ENCRYPTION_BIT);
    uint64_t next_guest = 0, next_host = HOST_TABLES, guest_root = new_table(&next_guest), host_root = new_table(&next_host);
    for (uint64_t i = 0; i < DATA_PAGES; i++)
    {
        uint64_t page = DATA + (i << PAGE_SHIFT_4K);
        map_nested(work, host_root, page, &next_host);
        map(work->ram, guest_root, VIRTUAL_BASE + (i << PAGE_SHIFT_4K), page + GUEST_OFFSET, GUEST_OFFSET, c_bit, &next_guest);
    }

    for (uint64_t table = 0; table < next_guest; table += 4096) map_nested(work, host_root, table, &next_host);
    struct frmp_paging_registers host = { .size = sizeof host, .cr0 = 0x80010001, .cr3 = host_root, .cr4 = 0x20, .efer = 0xD00 };
    host.processor.preset = FRMP_GENOA;
    struct frmp_paging_registers guest = host;
    guest.cr3 = guest_root + GUEST_OFFSET;
    guest.encryption_bit = ENCRYPTION_BIT;
    require(frmp_nested_init(&work->nested, &guest, &host, FRMP_NESTED_SNP_GUEST, 0) == FRMP_OK, "frmp_nested_init");
    work->c_state = (struct nested_walk_state){
        .guest = state_of(guest_root + GUEST_OFFSET, PAGE_ADDRESS & ~c_bit), .host = state_of(host_root, PAGE_ADDRESS),
        .guest_address = PAGE_ADDRESS & ~c_bit, .host_address = PAGE_ADDRESS, .encryption = c_bit, .asid = ASID,
    };
}

/* Four levels that map 4 MiB to themselves. */
static void open_device(struct work *work)
{
    const uint64_t rights = IO_READ | IO_WRITE;
    uint64_t *tables = work->ram + DEVICE_TABLES / 8, table = DEVICE_TABLES;
    tables[DEVICE * 4] = DTE_VALID | DTE_TRANSLATED | (uint64_t)DEVICE_LEVELS << IO_LEVEL_SHIFT | (table + 4096) | rights;
    for (int level = DEVICE_LEVELS; level > 1; level--)
    {
        table += 4096;
        uint64_t *entries = work->ram + table / 8;
        for (uint64_t i = 0; i < (level == 2 ? 2 : 1); i++)
            entries[i] = IO_PRESENT | (uint64_t)(level - 1) << IO_LEVEL_SHIFT | (table + 4096 * (i + 1)) | rights;
    }

    uint64_t *leaves = work->ram + (table + 4096) / 8;
    for (uint64_t i = 0; i < 1024; i++) leaves[i] = IO_PRESENT | i << PAGE_SHIFT_4K | rights;
    struct frmp_iommu_config config = { .size = sizeof config, .flags = FRMP_IOMMU_SNP, .device_table_base = DEVICE_TABLES };
    require(frmp_iommu_create(&config, &work->iommu) == FRMP_OK, "frmp_iommu_create");
    work->c_iommu = (struct io_state){
        .table_base = DEVICE_TABLES, .entries = DEVICES,
        .reserved = { BITS(63, 63) | BITS(6, 2), BITS(42, 42), BITS(59, 59) | BITS(53, 52), BITS(53, 0) },
        .pasid_bits = 32, .largest_mode = 6, .largest_glx = 3, .largest_paging_mode = 1, .gcr3_is_guest_physical = 1, .has_no_execute = 1,
        .snp_enabled = 1,
    };
}

static struct work *open(void)
{
    struct work *work = zeroed((sizeof *work + 4095) & ~UINT64_C(4095));
    uint64_t *storage = zeroed(STORAGE), seed = 31;
    work->table = open_table(storage, STORAGE);
    work->c_table = (struct rmp_table){
        .words = storage, .covered_pages = COVERED >> PAGE_SHIFT_4K, .gpa_mask = BITS(51, 0), .vmpl0 = 0x1F, .blocked_base = RMP_LARGE,
        .versions = zeroed(4096), .in_use = zeroed(4096), .max_asid = 1006,
        .choices = CHOICE_LOCK_FOLLOWS_IMMUTABLE | CHOICE_IN_USE_ERRATUM,
    };
    work->ram = zeroed(RAM);
    struct frmp_segment segment = { 0, RAM, work->ram };
    require(frmp_memory_create(&segment, 1, &work->memory) == FRMP_OK, "frmp_memory_create");
    work->c_memory = (struct walk_memory){ (uint8_t *)work->ram, 0, RAM - 8 };
    open_guest(work);
    open_device(work);
    for (int i = 0; i < COUNT; i++)
    {
        work->addresses[i] = VIRTUAL_BASE + (random_number(&seed) % DATA_PAGES << PAGE_SHIFT_4K);
        work->device_addresses[i] = (512 + random_number(&seed) % 512) << PAGE_SHIFT_4K; /* pages that no guest has */
    }

    return work;
}

void guests_and_devices(void)
{
    struct work *work = open();
    row("nested walk, guest write", plain_guest_library, plain_guest_c, work, COUNT);
    row("nested walk, guest write, RMP checks", checked_guest_library, checked_guest_c, work, COUNT);
    row("IOMMU walk, device write", plain_device_library, plain_device_c, work, COUNT);
    row("IOMMU walk, device write, RMP check", checked_device_library, checked_device_c, work, COUNT);
}
