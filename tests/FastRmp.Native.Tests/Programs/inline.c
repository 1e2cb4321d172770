/* Reads entries and questions from the standard input and answers them by the inline check: one byte each.
 * Input: the number of pages, the entries, the number of marks and their pages, the number of questions, address and mapping of each. */
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

static uint64_t number(void)
{
    uint64_t value;
    if (fread(&value, sizeof value, 1, stdin) != 1) exit(2);
    return value;
}

int main(void)
{
    require(frmp_init(FRMP_ABI_VERSION));
    uint64_t pages = number();
    struct frmp_table_config config = { .size = sizeof config, .rmp_base = 0x40000000, .processor = { .preset = FRMP_GENOA } };
    config.rmp_end = config.rmp_base + FRMP_BOOKKEEPING_BYTES + 16 * pages - 1;
    uint64_t bytes;
    require(frmp_table_bytes(&config, &bytes));
    char *storage = aligned_alloc(4096, bytes);
    if (storage == NULL) return 1;
    memset(storage, 0, bytes);
    if (fread(storage + FRMP_BOOKKEEPING_BYTES, 16, pages, stdin) != pages) return 2;
    frmp_table table;
    struct frmp_view view;
    require(frmp_table_create(&config, storage, bytes, &table));
    require(frmp_table_view(table, &view));
    for (uint64_t marks = number(); marks > 0; marks--) require(frmp_mark_in_use(table, number()));
    for (uint64_t questions = number(); questions > 0; questions--)
    {
        uint64_t address = number();
        putchar('0' + frmp_may_write(&view, address, (uint32_t)number()));
    }

    require(frmp_destroy(table));
    putchar('0' + frmp_may_write(&view, UINT64_C(1) << 40, FRMP_PAGE_4K)); /* the library refuses */
    free(storage);
    return 0;
}
