/* A translation cache as the library has it: two levels, and a stamp of the page's 2 MiB region that says whether the RMP's verdict still
 * counts. Stores go through it one after the other. */
#include "walk.h"

#define TLB_WAYS 4
#define TLB_STAMPS 1024
#define TLB_GOLDEN_RATIO UINT64_C(0x9E3779B97F4A7C15)

struct tlb_first
{
    uint64_t tag;
    uint64_t frame;
    uint64_t stamp;
    uint32_t allowed;
    uint32_t stamp_number;
};

struct tlb_second
{
    uint64_t start;
    uint64_t frame;
    uint64_t stamp;
    uint64_t key;
    uint32_t allowed;
    uint32_t stamp_number;
    uint64_t large;
};

static ALWAYS_INLINE struct tlb_second *tlb_set(const struct tlb *tlb, uint64_t start, int shift)
{
    return tlb->second + (((start >> shift) * TLB_GOLDEN_RATIO >> 32) & tlb->set_mask) * TLB_WAYS;
}

static void tlb_add_first(struct tlb *tlb, uint64_t address, const struct tlb_second *found)
{
    uint64_t page = address & ~OFFSET_4K;
    tlb->first[(address >> PAGE_SHIFT_4K) & tlb->first_mask] = (struct tlb_first){
        page | tlb->context, found->frame | (page & (found->large ? OFFSET_2M : OFFSET_4K)), found->stamp, found->allowed,
        found->stamp_number,
    };
}

static bool tlb_find(struct tlb *tlb, uint64_t address, int shift, uint32_t bit, uint64_t *target)
{
    uint64_t offset = (UINT64_C(1) << shift) - 1;
    uint64_t start = address & ~offset;
    struct tlb_second *set = tlb_set(tlb, start, shift);
    for (int way = 0; way < TLB_WAYS; way++)
    {
        struct tlb_second *entry = set + way;
        if (entry->start != start || entry->key != tlb->key || entry->large != (shift != PAGE_SHIFT_4K)) continue;
        if (!(entry->allowed & bit)) continue;
        if (__atomic_load_n(tlb->stamps + entry->stamp_number, __ATOMIC_ACQUIRE) != entry->stamp) continue;
        tlb_add_first(tlb, address, entry);
        *target = entry->frame | (address & offset);
        return true;
    }

    return false;
}

static void tlb_add(struct tlb *tlb, uint64_t address, uint32_t bit, struct tlb_second found)
{
    if (found.stamp & 0xFFFF) return;
    struct tlb_second *set = tlb_set(tlb, found.start, found.large ? PAGE_SHIFT_2M : PAGE_SHIFT_4K);
    int place = -1;
    for (int way = 0; way < TLB_WAYS; way++)
    {
        if (set[way].allowed == 0)
        {
            place = way;
        }
        else if (set[way].start == found.start && set[way].key == found.key && set[way].large == found.large)
        {
            place = way;
            break;
        }
    }

    if (place < 0) place = (int)(tlb->victim++ % TLB_WAYS);
    struct tlb_second *kept = set + place;
    bool is_same = kept->start == found.start && kept->frame == found.frame && kept->stamp == found.stamp && kept->key == found.key
                   && kept->large == found.large;
    found.allowed = (is_same ? kept->allowed : 0) | bit;
    *kept = found;
    tlb_add_first(tlb, address, kept);
}

/* The first level missed. */
static COLD uint64_t tlb_refill(struct tlb *tlb, const struct walk_memory *memory, const struct walk_state *state,
                                const struct rmp_table *table, uint64_t address, uint32_t bit)
{
    uint64_t target;
    if (tlb_find(tlb, address, PAGE_SHIFT_4K, bit, &target) || tlb_find(tlb, address, PAGE_SHIFT_2M, bit, &target)) return target;
    struct translation result = translate(memory, state, address, kernel_write, NULL);
    uint32_t number = (uint32_t)(result.address >> PAGE_SHIFT_2M) % TLB_STAMPS;
    uint64_t stamp = __atomic_load_n(tlb->stamps + number, __ATOMIC_ACQUIRE);
    bool large = result.size != 0;
    if (result.status != WALK_MAPPED || !host_writable(table, result.address, large)) return UINT64_MAX;
    uint64_t offset = large ? OFFSET_2M : OFFSET_4K;
    tlb_add(tlb, address, bit,
            (struct tlb_second){ address & ~offset, result.address & ~offset, stamp, tlb->key, 0, number, large });
    return result.address;
}

EXPORT uint64_t tlb_stores(struct tlb *tlb, const struct walk_memory *memory, const struct walk_state *state,
                           const struct rmp_table *table, const uint64_t *addresses, uint64_t iterations, uint8_t *ram)
{
    const uint32_t bit = 1 << 1; /* a kernel's write */
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        uint64_t address = addresses[i];
        const struct tlb_first *entry = tlb->first + ((address >> PAGE_SHIFT_4K) & tlb->first_mask);
        uint64_t tag = (address & ~OFFSET_4K) | __atomic_load_n(&tlb->context, __ATOMIC_ACQUIRE);
        uint64_t target;
        if (entry->tag == tag && (entry->allowed & bit)
            && __atomic_load_n(tlb->stamps + entry->stamp_number, __ATOMIC_ACQUIRE) == entry->stamp)
        {
            target = entry->frame | (address & OFFSET_4K);
        }
        else
        {
            target = tlb_refill(tlb, memory, state, table, address, bit);
        }

        ram[target] = (uint8_t)i;
        sum += target;
    }

    return sum;
}

/* The least that any cache does: one array, one comparison, and neither kinds of access nor anybody who changes the RMP. */
EXPORT uint64_t tlb_array_stores(const struct tlb *tlb, const uint64_t *addresses, uint64_t iterations, uint8_t *ram)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < iterations; i++)
    {
        uint64_t address = addresses[i];
        const struct tlb_first *entry = tlb->first + ((address >> PAGE_SHIFT_4K) & tlb->first_mask);
        if (entry->tag != ((address & ~OFFSET_4K) | tlb->context)) return 0;
        uint64_t target = entry->frame | (address & OFFSET_4K);
        ram[target] = (uint8_t)i;
        sum += target;
    }

    return sum;
}
