/* The direct map's set_memory_4k on a 2 MiB leaf, and the join that restores it: the same table pages, free list and counters as the
 * library's. A split fills 512 entries, publishes the table by compare-and-swap and counts; a join compares 512 entries and publishes. */
#include <stdatomic.h>

#include "fastrmp_bench.h"

#define NO_PAGE (~UINT64_C(0))
#define TABLE_FLAGS (PAGE_PRESENT | PAGE_WRITABLE | PAGE_ACCESSED | PAGE_DIRTY)

typedef _Atomic uint64_t word;

static ALWAYS_INLINE uint64_t *table_words(const struct direct_map *map, uint64_t page)
{
    return (uint64_t *)(map->tables + (page - map->tables_start));
}

static ALWAYS_INLINE word *entry_at(const struct direct_map *map, uint64_t address)
{
    return (word *)(map->tables + (address - map->tables_start));
}

static ALWAYS_INLINE int shift_of(int level)
{
    return 3 + 9 * level;
}

static ALWAYS_INLINE uint64_t next_entry(const struct direct_map *map, uint64_t position, int level)
{
    uint64_t address = map->virtual_base + position;
    return (((address >> shift_of(level)) + 1) << shift_of(level)) - map->virtual_base;
}

static ALWAYS_INLINE bool is_leaf(uint64_t entry, int level)
{
    return level == 1 || (level <= 3 && (entry & PAGE_LARGE) != 0);
}

static ALWAYS_INLINE uint64_t entry_address(uint64_t table, uint64_t address, int level)
{
    return table + ((address >> shift_of(level)) & 511) * 8;
}

static bool find_leaf(const struct direct_map *map, uint64_t page, int *found, uint64_t *at)
{
    uint64_t address = map->virtual_base + page;
    uint64_t table = map->root;
    for (int level = (int)map->levels;; level--)
    {
        *found = level;
        *at = entry_address(table, address, level);
        uint64_t entry = atomic_load_explicit(entry_at(map, *at), memory_order_acquire);
        if ((entry & PAGE_PRESENT) == 0) return false;
        if (is_leaf(entry, level)) return true;
        table = entry & PAGE_ADDRESS;
    }
}

static uint64_t take(struct direct_map *map)
{
    map->taken++;
    if (map->taken > map->peak_tables) map->peak_tables = map->taken;
    if (map->free_offset == NO_PAGE) return map->tables_start + ((uint64_t)map->untouched++ << PAGE_SHIFT_4K);
    uint64_t page = map->tables_start + map->free_offset;
    map->free_offset = table_words(map, page)[0];
    return page;
}

static void give_back(struct direct_map *map, uint64_t page)
{
    table_words(map, page)[0] = map->free_offset;
    map->free_offset = page - map->tables_start;
    map->taken--;
}

static void count_leaves(struct direct_map *map, int size, int64_t delta)
{
    map->leaves[size] += delta;
    if (map->leaves[0] > map->peak_4k) map->peak_4k = map->leaves[0];
}

static int64_t tables_needed(const struct direct_map *map, uint64_t start, uint64_t end)
{
    int64_t needed = 0;
    for (uint64_t position = start; position < end;)
    {
        int level;
        uint64_t at;
        bool mapped = find_leaf(map, position, &level, &at);
        uint64_t next = next_entry(map, position, mapped && level == 1 ? 2 : level);
        if (mapped && level == 2) needed++;
        if (mapped && level == 3)
        {
            uint64_t last = (next < end ? next : end) - 1;
            needed += 2 + (int64_t)((last >> PAGE_SHIFT_2M) - (position >> PAGE_SHIFT_2M));
        }

        position = next;
    }

    return needed;
}

static void fill(uint64_t *words, uint64_t leaf, int size)
{
    uint64_t offset = (UINT64_C(1) << (PAGE_SHIFT_4K + 9 * size)) - 1;
    uint64_t step = UINT64_C(1) << (PAGE_SHIFT_4K + 9 * (size - 1));
    uint64_t flags = leaf & ~(PAGE_ADDRESS & ~offset);
    if (size == 1)
    {
        bool pat = (flags & PAGE_PAT_LARGE) != 0;
        flags &= ~(PAGE_LARGE | PAGE_PAT_LARGE);
        if (pat) flags |= PAGE_PAT_4K;
    }

    uint64_t value = (leaf & PAGE_ADDRESS & ~offset) | flags;
    for (int i = 0; i < 512; i++)
    {
        words[i] = value + (uint64_t)i * step;
    }
}

static uint64_t split_leaf(struct direct_map *map, uint64_t at, int level)
{
    uint64_t table = take(map);
    uint64_t *words = table_words(map, table);
    word *entry = entry_at(map, at);
    int size = level - 1;
    uint64_t leaf = atomic_load_explicit(entry, memory_order_acquire);
    do
    {
        fill(words, leaf, size);
    } while (!atomic_compare_exchange_strong(entry, &leaf, table | TABLE_FLAGS));

    count_leaves(map, size, -1);
    count_leaves(map, size - 1, 512);
    map->splits[size]++;
    map->global_flushes++;
    return table;
}

static int set_memory_4k(struct direct_map *map, uint64_t start, uint64_t pages)
{
    uint64_t first = start & ~OFFSET_4K;
    uint64_t most = ADDRESS_LIMIT >> PAGE_SHIFT_4K;
    uint64_t end = first + ((pages < most ? pages : most) << PAGE_SHIFT_4K);
    const struct physical_range *top = &map->ram[map->ram_count - 1];
    if (end > top->start + top->length) end = top->start + top->length;
    int64_t needed = tables_needed(map, first, end);
    if (needed > map->capacity - map->taken) return 2;
    for (uint64_t position = first; position < end;)
    {
        int level;
        uint64_t at;
        if (find_leaf(map, position, &level, &at))
        {
            for (; level > 1; level--)
            {
                uint64_t table = split_leaf(map, at, level);
                at = entry_address(table, map->virtual_base + position, level - 1);
            }

            level = 2; /* the whole table is 4 KiB leaves now */
        }

        position = next_entry(map, position, level);
    }

    return needed > 0 ? 1 : 0;
}

static bool inside_ram(const struct direct_map *map, uint64_t address, uint64_t bytes)
{
    int64_t low = 0;
    int64_t high = (int64_t)map->ram_count - 1;
    while (low <= high)
    {
        int64_t middle = (low + high) >> 1;
        const struct physical_range *range = &map->ram[middle];
        if (address < range->start)
        {
            high = middle - 1;
        }
        else if (address >= range->start + range->length)
        {
            low = middle + 1;
        }
        else
        {
            return bytes <= range->length && address - range->start <= range->length - bytes;
        }
    }

    return false;
}

static bool can_join(const uint64_t *words, int size, uint64_t start, uint64_t *joined)
{
    const uint64_t history_mask = PAGE_ACCESSED | PAGE_DIRTY;
    uint64_t form = size == 0 ? PAGE_PRESENT : PAGE_PRESENT | PAGE_LARGE;
    uint64_t step = UINT64_C(1) << (PAGE_SHIFT_4K + 9 * size);
    uint64_t expected = words[0] & ~history_mask;
    uint64_t difference = 0;
    if ((expected & form) != form || (expected & PAGE_KERNEL_4K) != 0) return false;
    if ((expected & PAGE_ADDRESS & ~(step - 1)) != start) return false;
    for (int i = 0; i < 512; i++)
    {
        difference |= words[i] ^ (expected + (uint64_t)i * step);
    }

    *joined = expected | history_mask;
    return (difference & ~history_mask) == 0;
}

static uint64_t parent(const struct direct_map *map, uint64_t page, int wanted)
{
    uint64_t address = map->virtual_base + page;
    uint64_t table = map->root;
    for (int level = (int)map->levels;; level--)
    {
        uint64_t at = entry_address(table, address, level);
        if (level == wanted) return at;
        table = atomic_load_explicit(entry_at(map, at), memory_order_relaxed) & PAGE_ADDRESS;
    }
}

static void publish(struct direct_map *map, uint64_t at, uint64_t leaf, uint64_t table, int size)
{
    (void)atomic_exchange(entry_at(map, at), leaf); /* a full fence: the caller looks at the RMP again after it */
    give_back(map, table);
    count_leaves(map, size, 1);
    count_leaves(map, size - 1, -512);
    map->rejoins[size]++;
}

static void rejoin_gigabyte(struct direct_map *map, uint64_t start)
{
    if (map->gigabyte_pages == 0 || !inside_ram(map, start, UINT64_C(1) << 30)) return;
    uint64_t table = parent(map, start, 2) & ~OFFSET_4K;
    uint64_t leaf;
    if (can_join(table_words(map, table), 1, start, &leaf)) publish(map, parent(map, start, 3), leaf, table, 2);
}

static bool rejoin(struct direct_map *map, uint64_t address)
{
    uint64_t region = address & ~OFFSET_2M;
    int level;
    uint64_t at;
    if (!find_leaf(map, region, &level, &at) || level != 1) return false;
    if (!inside_ram(map, region, UINT64_C(1) << PAGE_SHIFT_2M)) return false;
    uint64_t table = at & ~OFFSET_4K;
    uint64_t small;
    if (!can_join(table_words(map, table), 0, region, &small)) return false;
    uint64_t leaf = (small & ~PAGE_PAT_4K) | PAGE_LARGE | ((small & PAGE_PAT_4K) != 0 ? PAGE_PAT_LARGE : 0);
    publish(map, parent(map, region, 2), leaf, table, 1);
    rejoin_gigabyte(map, region & ~((UINT64_C(1) << 30) - 1));
    map->global_flushes++;
    return true;
}

EXPORT uint64_t split_rejoin(struct direct_map *map, const uint64_t *pages, uint64_t iterations)
{
    uint64_t outcomes = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        outcomes += (uint64_t)set_memory_4k(map, pages[i], 1);
        outcomes += rejoin(map, pages[i]) ? 1 : 0;
    }

    return outcomes;
}
