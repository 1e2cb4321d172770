/* The census of an RMP: pages by state and by owner, counts against entries. What is alike for a whole region is counted as a run; else
 * blocks of plain entries are tallied, one increment an entry, and only blocks in doubt are gone through run by run. The same algorithm as
 * the library's. Beside it the state of one page, and a plain read of memory: what no census can be faster than. */
#include "rmp_protocol.h"
#include "scan.h"
#include <string.h>

#define REGION_ENTRIES 512
#define SCALAR_ENTRIES 4
#define BLOCK_ENTRIES 64
#define TALLY_ROWS 4
#define ROW_LENGTH ((1 << 16) + 48)
#define ROTATION_TO_INDEX (64 - RMP_ASID_SHIFT)
#define IN_DOUBT (-1)
#define LOCK_ASID 0x3FF
#define IN_USE_ASID 0x3FE /* with LOCK: a VM save area in use */
#define MARK_BIT (RMP_ASID & (~RMP_ASID + 1)) /* with it IN_USE_ASID is LOCK_ASID */
#define TAG_MASK BITS(50, 48)
#define METADATA_TAG BITS(48, 48)
#define IOMMU_GPA (BITS(49, 49) | BITS(12, 12))

enum page_state
{
    STATE_INVALID,
    STATE_DEFAULT,
    STATE_HYPERVISOR,
    STATE_HV_FIXED,
    STATE_FIRMWARE,
    STATE_FIRMWARE_IOMMU,
    STATE_RECLAIM,
    STATE_CONTEXT,
    STATE_METADATA,
    STATE_PRE_GUEST,
    STATE_PRE_SWAP,
    STATE_GUEST_INVALID,
    STATE_GUEST_VALID,
};

enum finding
{
    COUNT_TOO_LOW,
    COUNT_TOO_HIGH,
    COUNT_OF_LARGE_PAGE,
    COUNT_OF_SUBPAGE,
    LOST_SUBPAGE,
    UNASSIGNED_LARGE_PAGE,
    LARGE_SUBPAGE,
    INVALID_STATE,
    IN_TRANSITION,
};

static ALWAYS_INLINE enum page_state decode_unassigned(uint64_t low)
{
    if ((low & (RMP_VALIDATED | RMP_ASID)) != 0) return STATE_INVALID;
    return (low & RMP_IMMUTABLE) != 0 ? STATE_HV_FIXED : STATE_HYPERVISOR;
}

static ALWAYS_INLINE enum page_state decode_guest(uint64_t low)
{
    bool validated = (low & RMP_VALIDATED) != 0;
    if ((low & RMP_IMMUTABLE) != 0) return validated ? STATE_PRE_SWAP : STATE_PRE_GUEST;
    return validated ? STATE_GUEST_VALID : STATE_GUEST_INVALID;
}

static ALWAYS_INLINE enum page_state decode_firmware(uint64_t low)
{
    if ((low & RMP_VALIDATED) != 0) return STATE_INVALID;
    if ((low & RMP_IMMUTABLE) == 0) return (low & RMP_LOCK) != 0 ? STATE_INVALID : STATE_RECLAIM;
    uint64_t gpa = low & RMP_GPA;
    if (gpa == 0) return (low & RMP_VMSA) != 0 ? STATE_CONTEXT : STATE_FIRMWARE;
    if ((gpa & TAG_MASK) == METADATA_TAG && gpa != METADATA_TAG) return STATE_METADATA;
    return gpa == IOMMU_GPA && (low & RMP_VMSA) == 0 ? STATE_FIRMWARE_IOMMU : STATE_INVALID;
}

static ALWAYS_INLINE enum page_state decode(uint64_t low)
{
    if ((low & RMP_ASSIGNED) == 0) return decode_unassigned(low);
    return asid_of(low) == 0 ? decode_firmware(low) : decode_guest(low);
}

static ALWAYS_INLINE uint64_t run_length_scalar(const uint64_t *words, uint64_t entries, uint64_t pattern, uint64_t mask)
{
    uint64_t i = 0;
    while (i < entries && ((words[2 * i] ^ pattern) & mask) == 0)
    {
        i++;
    }

    return i;
}

static uint64_t run_length_vector(const uint64_t *words, uint64_t entries, uint64_t pattern, uint64_t mask)
{
    const vector low = LOW_WORDS;
    const vector wanted = (vector){ 0 } + pattern;
    const vector counts = low * mask;
    uint64_t end = 2 * entries;
    uint64_t i = 0;
    for (; i + STEP <= end; i += STEP)
    {
        const vector *at = (const vector *)(words + i);
        if (has_any(((at[0] ^ wanted) | (at[1] ^ wanted) | (at[2] ^ wanted) | (at[3] ^ wanted)) & counts)) break;
    }

#if defined(__AVX512F__)
    for (; i + WORDS_PER_VECTOR <= end; i += WORDS_PER_VECTOR)
    {
        vector differ = (*(const vector *)(words + i) ^ wanted) & counts;
        uint32_t unequal = _mm512_test_epi64_mask((__m512i)differ, (__m512i)differ);
        if (unequal != 0) return (i + (uint64_t)__builtin_ctz(unequal)) / 2;
    }
#endif

    return i / 2 + run_length_scalar(words + i, entries - i / 2, pattern, mask);
}

static ALWAYS_INLINE uint64_t run_length(const uint64_t *words, uint64_t entries, uint64_t pattern, uint64_t mask)
{
    uint64_t start = run_length_scalar(words, entries < SCALAR_ENTRIES ? entries : SCALAR_ENTRIES, pattern, mask);
    if (start < SCALAR_ENTRIES) return start;
    return start + run_length_vector(words + 2 * start, entries - start, pattern, mask);
}

static COLD void report(struct rmp_census *census, enum finding kind, uint64_t times)
{
    census->inconsistent = 1;
    census->by_finding[kind] += times;
}

static ALWAYS_INLINE bool is_vmsa_in_use(uint64_t low)
{
    return asid_of(low) == IN_USE_ASID && (low & (RMP_ASSIGNED | RMP_LOCK | RMP_IMMUTABLE)) == (RMP_ASSIGNED | RMP_LOCK);
}

static ALWAYS_INLINE bool in_transition(uint64_t low)
{
    if (is_vmsa_in_use(low)) return false;
    return asid_of(low) >= IN_USE_ASID || (low & (RMP_LOCK | RMP_IMMUTABLE)) == RMP_LOCK;
}

static ALWAYS_INLINE enum page_state add_kind(struct rmp_census *census, uint64_t low, uint64_t pages)
{
    enum page_state state = decode(low);
    census->by_state[state] += pages;
    if ((low & RMP_ASSIGNED) == 0) return state;
    uint64_t asid = asid_of(low);
    if (asid < IN_USE_ASID) census->by_asid[asid] += pages;
    if ((low & RMP_VMSA) != 0 && asid != 0) census->vmsa += pages;
    return state;
}

static ALWAYS_INLINE void count_pages(struct rmp_census *census, uint64_t low, uint64_t pages, bool is_lost)
{
    enum page_state state = add_kind(census, low, pages);
    if ((low & RMP_ASSIGNED) != 0) census->assigned += pages;
    if (is_lost) report(census, LOST_SUBPAGE, pages);
    else if (state == STATE_INVALID) report(census, INVALID_STATE, pages);
}

static void add_large(struct rmp_census *census, const uint64_t *words)
{
    uint64_t top = words[0];
    census->large++;
    census->counted += (top & RMP_ASSIGNED) != 0 ? REGION_ENTRIES : 0;
    if ((top & RMP_COUNT) != 0) report(census, COUNT_OF_LARGE_PAGE, 1);
    if ((top & RMP_ASSIGNED) == 0) report(census, UNASSIGNED_LARGE_PAGE, 1);
    for (uint64_t i = 0; i < REGION_ENTRIES;)
    {
        uint64_t own = words[2 * i] & RMP_ASSIGNED;
        uint64_t length = run_length(words + 2 * i, REGION_ENTRIES - i, own, RMP_ASSIGNED);
        count_pages(census, (top & ~RMP_ASSIGNED) | own, length, own == 0 && i != 0);
        i += length;
    }
}

static void inspect(struct rmp_census *census, uint64_t low, uint64_t pages)
{
    if (is_large(low)) report(census, LARGE_SUBPAGE, pages);
    if ((low & RMP_COUNT) != 0) report(census, COUNT_OF_SUBPAGE, pages);
    if (in_transition(low)) report(census, IN_TRANSITION, pages);
}

static ALWAYS_INLINE void add_run(struct rmp_census *census, uint64_t low, uint64_t pages)
{
    count_pages(census, low, pages, false);
    if ((low & (RMP_LARGE | RMP_COUNT | RMP_LOCK | RMP_ASID)) != 0) inspect(census, low, pages);
}

static ALWAYS_INLINE uint64_t counted_bits(uint64_t low)
{
    return asid_of(low) == 0 ? ~UINT64_C(0) : ~RMP_GPA;
}

static void add_runs(struct rmp_census *census, const uint64_t *words, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to;)
    {
        uint64_t low = words[2 * i];
        uint64_t length = run_length(words + 2 * i, to - i, low, counted_bits(low));
        add_run(census, low, length);
        i += length;
    }
}

/* Low quadwords alone: a second load that begins one word early has them in its odd lanes. */
static ALWAYS_INLINE vector low_words(const uint64_t *words)
{
    const vector even = -(vector)LOW_WORDS;
    return (*(const vector *)words & even) | (*(const vector *)(words + WORDS_PER_VECTOR - 1) & ~even);
}

/* How many entries of a block are assigned; negative if one may not be plain. */
static ALWAYS_INLINE int count_plain(const uint64_t *words, uint64_t of_first)
{
    const vector zero = { 0 };
    vector unassigned = zero, seen = zero, locked = zero, frozen = zero, doubts = zero;
    vector counts = ~zero;
    counts[0] = of_first;
    vector low = low_words(words) & counts;
    for (uint64_t i = 0;;)
    {
        vector unowned = (low & RMP_ASSIGNED) - 1;
        vector asid = low & RMP_ASID;
        vector ownerless = low & (RMP_VALIDATED | (~unowned & RMP_GPA));
        vector firmware = (vector)(asid == zero);
        doubts |= (firmware & ownerless) | (~firmware & unowned);
        frozen |= (vector)((asid | MARK_BIT) == zero + RMP_ASID);
        locked |= low & ~(low << 61);
        seen |= low;
        unassigned += unowned;
        i += 2 * WORDS_PER_VECTOR;
        if (i == 2 * BLOCK_ENTRIES) break;
        low = low_words(words + i);
    }

    if (has_any(doubts | frozen | (locked & RMP_LOCK) | (seen & (RMP_LARGE | RMP_COUNT)))) return IN_DOUBT;
    uint64_t sum = BLOCK_ENTRIES;
    for (int lane = 0; lane < WORDS_PER_VECTOR; lane++)
    {
        sum += unassigned[lane];
    }

    return (int)sum;
}

static uint32_t tallies[TALLY_ROWS][ROW_LENGTH];

static ALWAYS_INLINE uint16_t index_of(uint64_t low)
{
    return (uint16_t)(low << ROTATION_TO_INDEX | low >> RMP_ASID_SHIFT);
}

static ALWAYS_INLINE void tally(const uint64_t *words, uint64_t entries)
{
    uint64_t i = 0;
    for (; i + TALLY_ROWS <= entries; i += TALLY_ROWS)
    {
        __builtin_prefetch(words + 2 * (i + REGION_ENTRIES));
        tallies[0][index_of(words[2 * i])]++;
        tallies[1][index_of(words[2 * i + 2])]++;
        tallies[2][index_of(words[2 * i + 4])]++;
        tallies[3][index_of(words[2 * i + 6])]++;
    }

    for (; i < entries; i++)
    {
        tallies[0][index_of(words[2 * i])]++;
    }
}

static void fold(struct rmp_census *census)
{
    for (uint64_t row = 0; row < TALLY_ROWS; row++)
    {
        for (uint64_t index = 0; index < 1 << 16; index += 2)
        {
            uint32_t *pair = &tallies[row][index];
            uint64_t both;
            memcpy(&both, pair, sizeof both);
            if (both == 0) continue;
            for (uint64_t one = 0; one < 2; one++)
            {
                if (pair[one] != 0) add_kind(census, (index + one) >> ROTATION_TO_INDEX | (index + one) << RMP_ASID_SHIFT, pair[one]);
                pair[one] = 0;
            }
        }
    }
}

static void add_blocks(struct rmp_census *census, const uint64_t *words)
{
    uint64_t from = 1;
    for (uint64_t block = 0; block < REGION_ENTRIES; block += BLOCK_ENTRIES)
    {
        int assigned = count_plain(words + 2 * block, block == 0 ? 0 : ~UINT64_C(0));
        if (assigned < 0) continue;
        add_runs(census, words, from, block);
        uint64_t first = block == 0 ? 1 : block;
        from = block + BLOCK_ENTRIES;
        census->assigned += (uint64_t)assigned;
        tally(words + 2 * first, from - first);
    }

    add_runs(census, words, from, REGION_ENTRIES);
}

static void add_small(struct rmp_census *census, const uint64_t *words)
{
    uint64_t top = words[0];
    uint64_t before = census->assigned + (top & RMP_ASSIGNED);
    count_pages(census, top, 1, false);
    bool is_one_run = run_length(words + 2, REGION_ENTRIES - 1, words[2], counted_bits(words[2])) == REGION_ENTRIES - 1;
    if (is_one_run) add_run(census, words[2], REGION_ENTRIES - 1);
    else add_blocks(census, words);
    uint64_t found = census->assigned - before;
    uint64_t recorded = (top & RMP_COUNT) >> 3;
    census->counted += recorded + (top & RMP_ASSIGNED);
    if (found != recorded) report(census, recorded < found ? COUNT_TOO_LOW : COUNT_TOO_HIGH, 1);
}

EXPORT uint64_t rmp_census(struct rmp_census *census, const uint64_t *words, uint64_t entries)
{
    for (; entries >= REGION_ENTRIES; entries -= REGION_ENTRIES, words += 2 * REGION_ENTRIES)
    {
        census->pages += REGION_ENTRIES;
        if (in_transition(words[0])) report(census, IN_TRANSITION, 1);
        if (is_large(words[0]))
        {
            add_large(census, words);
        }
        else
        {
            add_small(census, words);
        }
    }

    fold(census);
    return census->assigned;
}

/* The entry with the page's attributes, settled. */
static ALWAYS_INLINE uint64_t lookup(const struct rmp_table *table, uint64_t index)
{
    word *version = version_of(table, index);
    for (int attempt = 0;; attempt++)
    {
        uint64_t begun = acquire(version);
        struct entry top;
        bool settled = read_entry(table, index & ~RMP_LAST_SUBPAGE, &top);
        struct entry own = top;
        if ((index & RMP_LAST_SUBPAGE) != 0) settled &= read_entry(table, index, &own);
        settled &= acquire(version) == begun;
        if (settled || attempt == MAX_ATTEMPTS) return is_large(top.low) ? (top.low & ~RMP_ASSIGNED) | (own.low & RMP_ASSIGNED) : own.low;
    }
}

static ALWAYS_INLINE uint64_t state_of(const struct rmp_table *table, uint64_t page)
{
    uint64_t index;
    return find_entry(table, false, page, &index) ? decode(lookup(table, index)) : STATE_DEFAULT;
}

EXPORT uint64_t rmp_page_states(const struct rmp_table *table, const uint64_t *pages, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        sum += state_of(table, pages[i]);
    }

    return sum;
}

/* The entries of a page so many later are on their way while a page is looked at. */
enum { AHEAD = 32 };

EXPORT uint64_t rmp_page_states_ahead(const struct rmp_table *table, const uint64_t *pages, uint64_t iterations)
{
    uint64_t sum = 0, index;
    for (uint64_t i = 0; i < iterations; i++)
    {
        if (i + AHEAD < iterations && find_entry(table, false, pages[i + AHEAD], &index))
        {
            prefetch_entry(table, index);
            prefetch_entry(table, index & ~RMP_LAST_SUBPAGE);
        }

        sum += state_of(table, pages[i]);
    }

    return sum;
}

EXPORT uint64_t memory_read(const uint64_t *words, uint64_t count)
{
    vector first = { 0 }, second = { 0 }, third = { 0 }, fourth = { 0 };
    for (uint64_t i = 0; i + STEP <= count; i += STEP)
    {
        const vector *at = (const vector *)(words + i);
        first |= at[0];
        second |= at[1];
        third |= at[2];
        fourth |= at[3];
    }

    first |= second | third | fourth;
    return first[0] | first[1];
}
