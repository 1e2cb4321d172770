/* What a call of libfastrmp takes, beside the same algorithm in C behind a call that is not inlined.
 *
 * Both sides run in turns in one process; a row is the quotient of the medians of both. One row a line: name, nanoseconds of the library,
 * nanoseconds of C. The last ones have no C: milliseconds until the library is loaded, started, and has answered for the first time. */
#include "abi.h"

#include "../guest_instructions.h"
#include "../host.c"
#include "../rmpupdate_atomic.c"
#include "../walk_batch.c"

#define COVERED (UINT64_C(8) << 20)
#define STORAGE (FRMP_BOOKKEEPING_BYTES + 16 * (COVERED >> PAGE_SHIFT_4K))
#define RAM (UINT64_C(64) << 12)
#define LEAF_TABLES 65536 /* page tables of 256 MiB: beyond the caches, which is what arrays of walks are for */
#define FAR_TABLES (UINT64_C(1) << 30) /* where they are */
#define FAR_WALKS 65536

struct work
{
    frmp_table table;
    struct frmp_view view;
    frmp_memory memory;
    struct frmp_paging paging;
    struct rmp_table c_table;
    struct rmp_processor host;
    struct rmp_processor guest;
    struct walk_memory c_memory;
    struct walk_state c_state;
    uint64_t pages[COUNT];
    uint64_t addresses[COUNT];
    struct frmp_guest_page guest_pages[COUNT];
    struct rmp_page c_guest_pages[COUNT];
    struct far_tables
    {
        frmp_memory memory;
        struct frmp_paging paging;
        struct walk_memory c_memory;
        struct walk_state c_state;
        uint64_t *addresses;
        uint64_t next;
    } far;
    uint64_t zero; /* which no compiler knows */
};

/* ---- Instructions ---- */

static const uint64_t assign[2] = { 0x40000000, OPERAND_ASSIGNED | UINT64_C(1) << OPERAND_ASID_SHIFT };
static const uint64_t give_back[2] = { 0, 0 };

static CALL int c_rmpupdate(const struct rmp_table *table, const struct rmp_processor *processor, uint64_t page,
                            const struct rmp_operand *operand)
{
    return update(table, false, processor, page, operand);
}

static uint64_t update_library(struct work *work)
{
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i++)
    {
        sum += frmp_rmpupdate(work->table, FRMP_CPU_HOST, work->pages[i], assign);
        sum += frmp_rmpupdate(work->table, FRMP_CPU_HOST, work->pages[i], give_back);
    }

    return sum;
}

static uint64_t update_c(struct work *work)
{
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i++)
    {
        sum += (uint64_t)c_rmpupdate(&work->c_table, &work->host, work->pages[i], (const struct rmp_operand *)assign);
        sum += (uint64_t)c_rmpupdate(&work->c_table, &work->host, work->pages[i], (const struct rmp_operand *)give_back);
    }

    return sum;
}

#define REGIONS (COVERED >> PAGE_SHIFT_2M)

static const uint64_t assign_large[2] = { 0x40000000, OPERAND_ASSIGNED | OPERAND_LARGE | UINT64_C(1) << OPERAND_ASID_SHIFT };
static const uint64_t give_back_large[2] = { 0, OPERAND_LARGE };

static uint64_t update_large_library(struct work *work)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < REGIONS; i++)
    {
        sum += frmp_rmpupdate(work->table, FRMP_CPU_HOST, i << PAGE_SHIFT_2M, assign_large);
        sum += frmp_rmpupdate(work->table, FRMP_CPU_HOST, i << PAGE_SHIFT_2M, give_back_large);
    }

    return sum;
}

static uint64_t update_large_c(struct work *work)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < REGIONS; i++)
    {
        sum += (uint64_t)c_rmpupdate(&work->c_table, &work->host, i << PAGE_SHIFT_2M, (const struct rmp_operand *)assign_large);
        sum += (uint64_t)c_rmpupdate(&work->c_table, &work->host, i << PAGE_SHIFT_2M, (const struct rmp_operand *)give_back_large);
    }

    return sum;
}

/* A region in which one page is assigned; released or smashed, then put back by a copy. */
#define REGION_BYTES_2M 8192
static uint64_t large_region[REGION_BYTES_2M / 8];

static uint64_t *region_of(struct work *work, uint64_t region)
{
    return work->c_table.words + 2 * (RMP_FIRST_ENTRY + region * (RMP_LAST_SUBPAGE + 1));
}

static void put_back(struct work *work, uint64_t region)
{
    memcpy(region_of(work, region), large_region, REGION_BYTES_2M);
}

static uint64_t release_large_library(struct work *work)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < REGIONS; i++)
    {
        sum += frmp_rmpupdate(work->table, FRMP_CPU_HOST, i << PAGE_SHIFT_2M, give_back_large);
        put_back(work, i);
    }

    return sum;
}

static uint64_t release_large_c(struct work *work)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < REGIONS; i++)
    {
        sum += (uint64_t)c_rmpupdate(&work->c_table, &work->host, i << PAGE_SHIFT_2M, (const struct rmp_operand *)give_back_large);
        put_back(work, i);
    }

    return sum;
}

static CALL int c_psmash(const struct rmp_table *table, const struct rmp_processor *processor, uint64_t page)
{
    return psmash(table, processor, page);
}

static uint64_t smash_library(struct work *work)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < REGIONS; i++)
    {
        sum += frmp_psmash(work->table, FRMP_CPU_HOST, i << PAGE_SHIFT_2M);
        put_back(work, i);
    }

    return sum;
}

static uint64_t smash_c(struct work *work)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < REGIONS; i++)
    {
        sum += (uint64_t)c_psmash(&work->c_table, &work->host, i << PAGE_SHIFT_2M);
        put_back(work, i);
    }

    return sum;
}

/* The table is as it was before and after. */
static void large_pages(struct work *work)
{
    for (uint64_t i = 0; i < REGIONS; i++)
        require(frmp_rmpupdate(work->table, FRMP_CPU_HOST, i << PAGE_SHIFT_2M, assign_large) == 0, "RMPUPDATE");
    memcpy(large_region, region_of(work, 0), sizeof large_region);
    row("RMPUPDATE of 2 MiB, release, with the copy that takes it back", release_large_library, release_large_c, work, REGIONS);
    row("PSMASH, with the copy that takes it back", smash_library, smash_c, work, REGIONS);
    for (uint64_t i = 0; i < REGIONS; i++)
        require(frmp_rmpupdate(work->table, FRMP_CPU_HOST, i << PAGE_SHIFT_2M, give_back_large) == 0, "RMPUPDATE");
    work->c_table.words[1] = 0; /* the counter of the ASID, of which many more were released than assigned */
}

static CALL struct guest_result c_pvalidate(const struct rmp_table *table, const struct rmp_processor *processor,
                                            const struct rmp_page *page, bool large, bool validate)
{
    return pvalidate(table, processor, page, large, validate);
}

static uint64_t validate_library(struct work *work)
{
    uint64_t sum = 0, exitinfo1;
    for (int i = 0; i < COUNT; i++)
    {
        sum += frmp_pvalidate(work->table, FRMP_CPU_GUEST(1, 0), &work->guest_pages[i], 0, 1, &exitinfo1);
        sum += frmp_pvalidate(work->table, FRMP_CPU_GUEST(1, 0), &work->guest_pages[i], 0, 0, &exitinfo1);
    }

    return sum;
}

static uint64_t validate_c(struct work *work)
{
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i++)
    {
        sum += c_pvalidate(&work->c_table, &work->guest, &work->c_guest_pages[i], false, true).value;
        sum += c_pvalidate(&work->c_table, &work->guest, &work->c_guest_pages[i], false, false).value;
    }

    return sum;
}

/* ---- Walks ---- */

static CALL void c_walk(const struct walk_memory *memory, const struct walk_state *state, uint64_t address, struct access access,
                        const struct rmp_table *check, struct translation *result)
{
    *result = access.kind == ACCESS_WRITE ? translate(memory, state, address, kernel_write, check)
                                          : translate(memory, state, address, kernel_read, NULL);
}

static uint64_t walks_library(struct work *work, frmp_table table, uint32_t access)
{
    struct frmp_walk_result result;
    uint64_t sum = 0, last = 0;
    for (int i = 0; i < COUNT; i++)
    {
        (void)frmp_walk(work->memory, &work->paging, table, work->addresses[i] + (last & work->zero), access, &result);
        last = result.address + result.status + result.rights;
        sum += last;
    }

    return sum;
}

static uint64_t walks_c(struct work *work, struct access access)
{
    struct translation result;
    uint64_t sum = 0, last = 0;
    for (int i = 0; i < COUNT; i++)
    {
        c_walk(&work->c_memory, &work->c_state, work->addresses[i] + (last & work->zero), access, &work->c_table, &result);
        last = digest(result);
        sum += last;
    }

    return sum;
}

static uint64_t read_library(struct work *work)
{
    return walks_library(work, 0, FRMP_ACCESS_READ);
}

static uint64_t read_c(struct work *work)
{
    return walks_c(work, kernel_read);
}

static uint64_t write_library(struct work *work)
{
    return walks_library(work, work->table, FRMP_ACCESS_WRITE);
}

static uint64_t write_c(struct work *work)
{
    return walks_c(work, kernel_write);
}

/* ---- Arrays, of 64 elements ---- */

#define ELEMENTS 64

static CALL void c_walk_array(const struct walk_memory *memory, const struct walk_state *state, const uint64_t *addresses, uint64_t count,
                              struct translation *results)
{
    struct pending group[GROUP];
    for (uint64_t first = 0; first < count; first += GROUP)
    {
        uint64_t size = count - first < GROUP ? count - first : GROUP;
        translate_group(memory, state, kernel_read, addresses + first, size, group, results + first);
    }
}

static const uint64_t *next_addresses(struct work *work)
{
    work->far.next = (work->far.next + COUNT) % FAR_WALKS;
    return work->far.addresses + work->far.next;
}

static uint64_t walk_array_library(struct work *work)
{
    struct frmp_walk_result results[ELEMENTS];
    const uint64_t *addresses = next_addresses(work);
    uint64_t wrong = 0;
    for (int i = 0; i < COUNT; i += ELEMENTS)
    {
        (void)frmp_walk_array(work->far.memory, &work->far.paging, 0, addresses + i, ELEMENTS, FRMP_ACCESS_READ, results);
        for (int j = 0; j < ELEMENTS; j++) wrong += results[j].address != addresses[i + j] || results[j].status != FRMP_WALK_MAPPED;
    }

    return wrong;
}

static uint64_t walk_array_c(struct work *work)
{
    struct translation results[ELEMENTS];
    const uint64_t *addresses = next_addresses(work);
    uint64_t wrong = 0;
    for (int i = 0; i < COUNT; i += ELEMENTS)
    {
        c_walk_array(&work->far.c_memory, &work->far.c_state, addresses + i, ELEMENTS, results);
        for (int j = 0; j < ELEMENTS; j++) wrong += results[j].address != addresses[i + j] || results[j].status != WALK_MAPPED;
    }

    return wrong;
}

static CALL void c_check_array(const struct rmp_table *table, const uint64_t *addresses, uint64_t count, bool large, uint32_t *codes)
{
    for (uint64_t i = 0; i < count; i++) codes[i] = (uint32_t)check_host(table, true, addresses[i], large, false);
}

static uint64_t check_array_library(struct work *work)
{
    uint32_t codes[ELEMENTS];
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i += ELEMENTS)
    {
        (void)frmp_check_host_array(work->table, FRMP_ACCESS_WRITE, FRMP_PAGE_4K, 0, work->pages + i, ELEMENTS, codes);
        for (int j = 0; j < ELEMENTS; j++) sum += codes[j];
    }

    return sum;
}

static uint64_t check_array_c(struct work *work)
{
    uint32_t codes[ELEMENTS];
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i += ELEMENTS)
    {
        c_check_array(&work->c_table, work->pages + i, ELEMENTS, false, codes);
        for (int j = 0; j < ELEMENTS; j++) sum += codes[j];
    }

    return sum;
}

/* ---- The check in the header, and the one behind a call ---- */

static uint64_t inline_library(struct work *work)
{
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i++) sum += (uint64_t)!frmp_may_write(&work->view, work->pages[i], (uint32_t)i & 1);
    return sum;
}

static uint64_t inline_c(struct work *work)
{
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i++) sum += check_host(&work->c_table, true, work->pages[i], (i & 1) != 0, false) != 0;
    return sum;
}

static uint64_t call_library(struct work *work)
{
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i++) sum += frmp_check_host(work->table, FRMP_ACCESS_WRITE, work->pages[i], (uint32_t)i & 1, 0);
    return sum;
}

/* ---- Set-up ---- */

static void open_paging(uint64_t start, uint64_t length, uint64_t *ram, frmp_memory *memory, struct frmp_paging *paging,
                        struct walk_memory *c_memory, struct walk_state *c_state)
{
    struct frmp_segment segment = { start, length, ram };
    require(frmp_memory_create(&segment, 1, memory) == FRMP_OK, "frmp_memory_create");
    struct frmp_paging_registers registers = { .size = sizeof registers, .cr0 = 0x80010001, .cr4 = 0x20, .efer = 0xD00 };
    registers.processor.preset = FRMP_GENOA;
    registers.cr3 = start;
    require(frmp_paging_init(paging, &registers) == FRMP_OK, "frmp_paging_init");
    *c_memory = (struct walk_memory){ (uint8_t *)ram - start, start, length - 8 };
    *c_state = (struct walk_state){
        .root = start, .upper_table_test = PAGE_PRESENT | BITS(8, 7), .lower_table_test = PAGE_PRESENT | PAGE_LARGE,
        .small_leaf_test = PAGE_PRESENT, .large_leaf_test = PAGE_PRESENT | PAGE_LARGE | BITS(20, 13),
        .gigabyte_leaf_test = PAGE_PRESENT | PAGE_LARGE | BITS(29, 13), .address_mask = PAGE_ADDRESS, .levels = 4, .write_protect = 1,
        .no_execute = 1, .reports_fetch = 1,
    };
}

/* Maps pages to themselves, from address 0 on: the tables of each level one after the other, the root first. */
static uint64_t map(uint64_t start, uint64_t *ram, uint64_t leaf_tables)
{
    const uint64_t rights = PAGE_PRESENT | PAGE_WRITABLE;
    uint64_t directories = (leaf_tables + 511) / 512, pointers = (directories + 511) / 512;
    uint64_t pointer = 512, directory = pointer + 512 * pointers, leaf = directory + 512 * directories;
    for (uint64_t i = 0; i < pointers; i++) ram[i] = (start + 8 * pointer + (i << 12)) | rights;
    for (uint64_t i = 0; i < directories; i++) ram[pointer + i] = (start + 8 * directory + (i << 12)) | rights;
    for (uint64_t i = 0; i < leaf_tables; i++) ram[directory + i] = (start + 8 * leaf + (i << 12)) | rights;
    for (uint64_t i = 0; i < leaf_tables * 512; i++) ram[leaf + i] = i << 12 | rights;
    return 8 * leaf + (leaf_tables << 12);
}

static void open_far(struct work *work)
{
    uint64_t bytes = (uint64_t)(LEAF_TABLES + LEAF_TABLES / 512 + 2) << 12;
    uint64_t *ram = zeroed(bytes), seed = 29;
    require(map(FAR_TABLES, ram, LEAF_TABLES) <= bytes, "map");
    open_paging(FAR_TABLES, bytes, ram, &work->far.memory, &work->far.paging, &work->far.c_memory, &work->far.c_state);
    work->far.addresses = zeroed(FAR_WALKS * sizeof(uint64_t));
    for (int i = 0; i < FAR_WALKS; i++) work->far.addresses[i] = random_number(&seed) % (LEAF_TABLES * UINT64_C(512)) << PAGE_SHIFT_4K;
}

static struct work *open(void)
{
    struct work *work = zeroed((sizeof *work + 4095) & ~UINT64_C(4095));
    uint64_t *storage = zeroed(STORAGE);
    work->table = open_table(storage, STORAGE);
    require(frmp_table_view(work->table, &work->view) == FRMP_OK, "frmp_table_view");
    work->c_table = (struct rmp_table){
        .words = storage, .covered_pages = COVERED >> PAGE_SHIFT_4K, .gpa_mask = BITS(51, 0), .vmpl0 = 0x1F, .blocked_base = RMP_LARGE,
        .versions = zeroed(4096), .in_use = zeroed(4096), .max_asid = 1006,
        .choices = CHOICE_LOCK_FOLLOWS_IMMUTABLE | CHOICE_IN_USE_ERRATUM,
    };
    work->host = (struct rmp_processor){ 1, 0, 0, 1, 0, 0 };
    work->guest = (struct rmp_processor){ 1, 0, 1, 1, 0, 1 };
    uint64_t *ram = zeroed(RAM), seed = 17;
    (void)map(0, ram, 2);
    open_paging(0, RAM, ram, &work->memory, &work->paging, &work->c_memory, &work->c_state);
    for (int i = 0; i < COUNT; i++)
    {
        work->pages[i] = random_number(&seed) % (COVERED >> PAGE_SHIFT_4K) << PAGE_SHIFT_4K;
        work->addresses[i] = random_number(&seed) % 1024 << PAGE_SHIFT_4K;
        uint64_t page = (COVERED / 2) + ((uint64_t)i << PAGE_SHIFT_4K);
        work->guest_pages[i] = (struct frmp_guest_page){ 0x40000000 + page, page, FRMP_PAGE_4K, 0 };
        work->c_guest_pages[i] = (struct rmp_page){ 0x40000000 + page, page, 0 };
    }

    return work;
}

int main(void)
{
    double begun = now();
    require(frmp_init(FRMP_ABI_VERSION) == FRMP_OK, "frmp_init");
    double started = now();
    struct work *work = open();
    double opened = now();
    (void)frmp_rmpupdate(work->table, FRMP_CPU_HOST, 0, assign);
    (void)frmp_rmpupdate(work->table, FRMP_CPU_HOST, 0, give_back);
    printf("start\t%.3f\t0\nset-up\t%.3f\t0\nfirst call\t%.3f\t0\n", (started - begun) / 1e6, (opened - started) / 1e6,
           (now() - opened) / 1e6);
    open_far(work);
    row("RMPUPDATE, assign and release", update_library, update_c, work, COUNT);
    row("RMPUPDATE of 2 MiB, assign and release", update_large_library, update_large_c, work, REGIONS);
    large_pages(work);
    row("walk, kernel read", read_library, read_c, work, COUNT);
    row("walk, kernel write, RMP check", write_library, write_c, work, COUNT);
    row("arrays of 64 walks, 256 MiB of page tables", walk_array_library, walk_array_c, work, COUNT);
    row("arrays of 64 host checks", check_array_library, check_array_c, work, COUNT);
    row("host check in the header", inline_library, inline_c, work, COUNT);
    row("host check by a call", call_library, inline_c, work, COUNT);
    for (int i = 0; i < COUNT; i++)
    {
        uint64_t operand[2] = { work->guest_pages[i].gpa, assign[1] };
        require(frmp_rmpupdate(work->table, FRMP_CPU_HOST, work->guest_pages[i].spa, operand) == 0, "RMPUPDATE");
    }

    row("PVALIDATE, validate and rescind", validate_library, validate_c, work, COUNT);
    require(frmp_destroy(work->table) == FRMP_OK && frmp_destroy(work->memory) == FRMP_OK, "frmp_destroy"); /* one of each, as usual */
    guests_and_devices();
    return 0;
}
