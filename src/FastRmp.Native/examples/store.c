/* A page given to a guest, and what the host's stores to it and beside it come to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fastrmp.h"

static void require(int32_t code)
{
    char text[256];
    if (code == FRMP_OK) return;
    frmp_last_error(text, sizeof text);
    fprintf(stderr, "error %d: %s\n", (int)code, text);
    exit(1);
}

int main(void)
{
    require(frmp_init(FRMP_ABI_VERSION));

    /* 256 MiB of RAM and the RMP above it: 16 KiB of bookkeeping and 16 bytes for each page. */
    uint64_t pages = UINT64_C(0x10000000) >> FRMP_PAGE_SHIFT_4K;
    struct frmp_table_config config = { .size = sizeof config, .rmp_base = 0x10000000, .processor = { .preset = FRMP_GENOA } };
    config.rmp_end = config.rmp_base + FRMP_BOOKKEEPING_BYTES + 16 * pages - 1;
    uint64_t bytes;
    require(frmp_table_bytes(&config, &bytes));
    void *storage = aligned_alloc(4096, bytes);
    if (storage == NULL) return 1;
    memset(storage, 0, bytes);
    frmp_table table;
    struct frmp_view view;
    require(frmp_table_create(&config, storage, bytes, &table));
    require(frmp_table_view(table, &view));

    uint64_t page = 0x5000;
    uint64_t guest_page[2] = { 0x1000, FRMP_RMPUPDATE_ASSIGNED | UINT64_C(5) << FRMP_RMPUPDATE_ASID_SHIFT };
    printf("store before: %s\n", frmp_may_write(&view, page, FRMP_PAGE_4K) ? "passes" : "faults");
    frmp_word word = frmp_rmpupdate(table, FRMP_CPU_HOST, page, guest_page);
    printf("RMPUPDATE: EAX %u, fault %u\n", FRMP_STATUS_OF(word), FRMP_FAULT_OF(word));
    printf("store after: %s\n", frmp_may_write(&view, page, FRMP_PAGE_4K) ? "passes" : "faults");
    printf("store beside it, 4 KiB mapping: %s\n", frmp_may_write(&view, 0x6000, FRMP_PAGE_4K) ? "passes" : "faults");
    printf("store beside it, 2 MiB mapping: %s\n", frmp_may_write(&view, 0x6000, FRMP_PAGE_2M) ? "passes" : "faults");
    printf("#PF error code: 0x%llx\n", (unsigned long long)frmp_check_host(table, FRMP_ACCESS_WRITE, page, FRMP_PAGE_4K, 0));

    struct frmp_guest_page where = { .gpa = 0x1000, .spa = page, .nested_size = FRMP_PAGE_4K };
    uint64_t exitinfo1;
    word = frmp_pvalidate(table, FRMP_CPU_GUEST(5, 0), &where, FRMP_PAGE_4K, 1, &exitinfo1);
    printf("PVALIDATE: EAX %u, CF %u\n", FRMP_STATUS_OF(word), FRMP_CARRY_OF(word));
    word = frmp_pvalidate(table, FRMP_CPU_GUEST(6, 0), &where, FRMP_PAGE_4K, 1, &exitinfo1);
    printf("PVALIDATE of another guest: fault %u, EXITINFO1 0x%llx\n", FRMP_FAULT_OF(word), (unsigned long long)exitinfo1);

    struct frmp_lookup_result entry;
    require(frmp_lookup(table, page, &entry));
    printf("entry: ASID %u, validated %u, state %u\n", entry.asid, entry.validated, entry.state);
    require(frmp_destroy(table));
    free(storage);
    return 0;
}
