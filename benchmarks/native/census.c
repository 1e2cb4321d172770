/* The census of an RMP: pages by state and by owner, counts against entries, in runs of entries that differ in nothing that is counted.
 * Beside it the state of one page, and a plain read of memory: what no census can be faster than. */
#include "rmp_protocol.h"
#include "scan.h"

#define REGION_ENTRIES 512
#define SCALAR_ENTRIES 4
#define LOCK_ASID 0x3FF
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

static ALWAYS_INLINE bool in_transition(uint64_t low)
{
    return asid_of(low) == LOCK_ASID || (low & (RMP_LOCK | RMP_IMMUTABLE)) == RMP_LOCK;
}

static ALWAYS_INLINE void add_run(struct rmp_census *census, uint64_t low, uint64_t pages, bool is_lost)
{
    enum page_state state = decode(low);
    census->by_state[state] += pages;
    if ((low & RMP_ASSIGNED) != 0)
    {
        uint64_t asid = asid_of(low);
        census->assigned += pages;
        if (asid != LOCK_ASID) census->by_asid[asid] += pages;
        if ((low & RMP_VMSA) != 0 && asid != 0) census->vmsa += pages;
    }

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
        add_run(census, (top & ~RMP_ASSIGNED) | own, length, own == 0 && i != 0);
        i += length;
    }
}

static void inspect(struct rmp_census *census, uint64_t low, uint64_t pages)
{
    if (is_large(low)) report(census, LARGE_SUBPAGE, pages);
    if ((low & RMP_COUNT) != 0) report(census, COUNT_OF_SUBPAGE, pages);
    if (in_transition(low)) report(census, IN_TRANSITION, pages);
}

static void add_small(struct rmp_census *census, const uint64_t *words)
{
    uint64_t top = words[0];
    uint64_t before = census->assigned + (top & RMP_ASSIGNED);
    add_run(census, top, 1, false);
    for (uint64_t i = 1; i < REGION_ENTRIES;)
    {
        uint64_t low = words[2 * i];
        uint64_t length = run_length(words + 2 * i, REGION_ENTRIES - i, low, asid_of(low) == 0 ? ~UINT64_C(0) : ~RMP_GPA);
        add_run(census, low, length, false);
        if ((low & (RMP_LARGE | RMP_COUNT | RMP_LOCK | RMP_ASID)) != 0) inspect(census, low, length);
        i += length;
    }

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

EXPORT uint64_t rmp_page_states(const struct rmp_table *table, const uint64_t *pages, uint64_t iterations)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        uint64_t index;
        sum += find_entry(table, false, pages[i], &index) ? decode(lookup(table, index)) : STATE_DEFAULT;
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
