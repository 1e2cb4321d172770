/* A fuzz target over sequences of RMP instructions: whatever the bytes ask for, the call is not refused, a failed RMPUPDATE changed no
 * entry, the inline check and the library agree, and in the end counts and sizes are consistent.
 *
 *   libFuzzer: clang -g -fsanitize=fuzzer,address fuzz.c -lfastrmp
 *   AFL++:     afl-clang-fast -g -fsanitize=fuzzer fuzz.c -lfastrmp, then afl-fuzz -i seeds -o out -- ./a.out
 *   neither:   cc -DFUZZ_MAIN fuzz.c -lfastrmp; ./a.out < input */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fastrmp.h"

#define REGIONS 4
#define PAGES (REGIONS * FRMP_PAGES_PER_REGION)
#define STORAGE (FRMP_BOOKKEEPING_BYTES + 16 * PAGES)
#define RECORD 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Alignas(4096) uint8_t storage[STORAGE];

static void require(int holds, const char *what)
{
    char text[256];
    if (holds) return;
    frmp_last_error(text, sizeof text);
    fprintf(stderr, "%s; %s\n", what, text);
    abort();
}

static void update(frmp_table table, const struct frmp_view *view, const uint8_t *record)
{
    static uint8_t before[STORAGE];
    uint64_t page = (uint64_t)(record[1] | record[2] << 8) % (PAGES + 1) << FRMP_PAGE_SHIFT_4K;
    int large = (record[0] & 1) != 0;
    if (large && (record[0] & 2) != 0) page &= ~(uint64_t)(FRMP_PAGES_PER_REGION * 4096 - 1);
    uint64_t operand[2] = { (uint64_t)(record[3] | record[4] << 8) << FRMP_PAGE_SHIFT_4K, 0 };
    if ((record[0] & 4) != 0) operand[1] |= FRMP_RMPUPDATE_ASSIGNED;
    if (large) operand[1] |= FRMP_RMPUPDATE_PAGE_SIZE;
    if (record[5] > 250) operand[1] |= FRMP_RMPUPDATE_IMMUTABLE;
    operand[1] |= (uint64_t)(record[6] & 3) << FRMP_RMPUPDATE_ASID_SHIFT;
    memcpy(before, storage, STORAGE);
    frmp_word word = frmp_rmpupdate(table, FRMP_CPU_HOST, page, operand);
    require(FRMP_ERROR_OF(word) == FRMP_OK, "the call was refused");
    if (word != 0) require(memcmp(before, storage, STORAGE) == 0, "a failed RMPUPDATE changed the table");
    for (uint32_t mapping = FRMP_PAGE_4K; mapping <= FRMP_PAGE_2M; mapping++)
    {
        int passes = frmp_check_host(table, FRMP_ACCESS_WRITE, page, mapping, 0) == 0;
        require(passes == frmp_may_write(view, page, mapping), "the inline check and the library differ");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int started;
    if (!started) require(frmp_init(FRMP_ABI_VERSION) == FRMP_OK, "frmp_init");
    started = 1;
    memset(storage, 0, STORAGE);
    struct frmp_table_config config = { .size = sizeof config, .rmp_base = 0x40000000, .rmp_end = 0x40000000 + STORAGE - 1 };
    config.processor.preset = FRMP_GENOA;
    frmp_table table;
    struct frmp_view view;
    require(frmp_table_create(&config, storage, STORAGE, &table) == FRMP_OK, "frmp_table_create");
    require(frmp_table_view(table, &view) == FRMP_OK, "frmp_table_view");
    for (; size >= RECORD; data += RECORD, size -= RECORD)
    {
        struct frmp_guest_page page = { (uint64_t)data[3] << FRMP_PAGE_SHIFT_4K, (uint64_t)data[1] << FRMP_PAGE_SHIFT_4K, data[5] & 1, 0 };
        uint64_t exitinfo1;
        frmp_word word = 0;
        switch (data[7] & 3)
        {
        case 0: word = frmp_psmash(table, FRMP_CPU_HOST, (uint64_t)(data[1] % REGIONS) << 21); break;
        case 1: word = frmp_pvalidate(table, FRMP_CPU_GUEST(data[6] & 3, 0), &page, data[5] & 3, data[4] & 1, &exitinfo1); break;
        default: update(table, &view, data); break;
        }

        require(FRMP_ERROR_OF(word) == FRMP_OK, "the call was refused");
    }

    struct frmp_census_result census;
    require(frmp_census(table, &census) == FRMP_OK, "frmp_census");
    for (int kind = 0; kind < FRMP_FINDINGS; kind++)
    {
        int is_allowed = kind == FRMP_FINDING_INVALID_STATE; /* an immutable page of a guest, say: RMPUPDATE makes it all the same */
        require(is_allowed || census.findings[kind] == 0, "the table is inconsistent");
    }

    require(frmp_destroy(table) == FRMP_OK, "frmp_destroy");
    return 0;
}

#ifdef FUZZ_MAIN
int main(void)
{
    static uint8_t input[1 << 20];
    return LLVMFuzzerTestOneInput(input, fread(input, 1, sizeof input, stdin));
}
#endif
