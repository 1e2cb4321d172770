/* The data structures that the C baselines share with the library, and the functions that the benchmarks call.
 *
 * Every exported function runs its whole loop in one call: the managed caller pays one transition for all iterations.
 * It returns a sum of everything it computed, so that no compiler can leave work out. */
#ifndef FASTRMP_BENCH_H
#define FASTRMP_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define COLD __attribute__((cold, noinline))

#define BITS(high, low) ((~UINT64_C(0) >> (63 - (high))) & (~UINT64_C(0) << (low)))
#define PAGE_SHIFT_4K 12
#define PAGE_SHIFT_2M 21
#define OFFSET_4K BITS(11, 0)
#define OFFSET_2M BITS(20, 0)
#define ADDRESS_LIMIT (UINT64_C(1) << 52)

/* An RMP entry: two quadwords; the low one decides. */
#define RMP_ASSIGNED BITS(0, 0)
#define RMP_LARGE BITS(1, 1)
#define RMP_IMMUTABLE BITS(2, 2)
#define RMP_COUNT BITS(11, 3)
#define RMP_ONE_SUBPAGE BITS(3, 3)
#define RMP_GPA BITS(50, 12)
#define RMP_ASID BITS(60, 51)
#define RMP_ASID_SHIFT 51
#define RMP_VMSA BITS(61, 61)
#define RMP_VALIDATED BITS(62, 62)
#define RMP_LOCK BITS(63, 63)
#define RMP_FIRST_ENTRY 1024 /* 16 KiB of bookkeeping, counted in entries */
#define RMP_LAST_SUBPAGE UINT64_C(511)

struct rmp_operand
{
    uint64_t gpa;
    uint64_t rest; /* Assigned [0], Page_Size [8], Immutable [16], ASID [63:32] */
};

#define OPERAND_ASSIGNED BITS(0, 0)
#define OPERAND_LARGE BITS(8, 8)
#define OPERAND_IMMUTABLE BITS(16, 16)
#define OPERAND_RESERVED (BITS(7, 1) | BITS(15, 9) | BITS(31, 17))
#define OPERAND_ASID_SHIFT 32

struct rmp_processor
{
    uint32_t is_64bit;
    uint32_t cpl;
    uint32_t asid;
    uint32_t snp_enabled;
    uint32_t vmpl;
    uint32_t snp_guest;
};

/* Pages that running guests use: the total is all that an instruction looks at while it is zero. */
struct rmp_in_use
{
    uint64_t total;
    uint64_t pages[15];
};

/* What all cores share of RMPOPT: a stamp for each 1 GiB, in chunks of 2 TiB; odd while somebody relies on the region. */
struct rmp_optimizations
{
    uint64_t *stamps[2048];
    uint64_t *verified[2048];
};

struct rmp_core
{
    uint64_t base;
    uint64_t enabled;
    uint64_t stamps[2048];
};

/* A segment of a segmented RMP: what to add to a page number, and the first page after its covered memory. */
struct rmp_window
{
    uint64_t end_page;
    uint64_t to_index;
};

struct rmp_table
{
    uint64_t *words; /* the storage: bookkeeping, then entries */
    uint64_t covered_pages;
    uint64_t gpa_mask;
    uint64_t vmpl0;
    uint64_t blocked_base; /* of these bits, a base entry whose region takes 4 KiB updates has none */
    uint64_t *versions; /* 64, a cache line each */
    uint64_t *counters; /* the threads' by ASID, as counters.h has them; null: those of the bookkeeping */
    struct rmp_in_use *in_use;
    struct rmp_optimizations *optimizations; /* null if the processor has no RMPOPT */
    const struct rmp_window *windows;        /* of a segmented RMP */
    uint64_t window_count;
    uint32_t page_shift; /* exponent of a segment, in pages */
    uint32_t max_asid;
    uint32_t choices; /* the open points, all clear by default */
    uint32_t has_rmpread;
};

/* What a census counted; the findings themselves are the library's alone, they are rare. */
struct rmp_census
{
    uint64_t by_state[13];
    uint64_t by_finding[10];
    uint64_t pages;
    uint64_t assigned;
    uint64_t counted;
    uint64_t large;
    uint64_t vmsa;
    uint64_t inconsistent;
    uint64_t by_asid[1023];
};

/* Who does what; the kinds are those of guest_check.h. */
struct guest_access
{
    uint32_t asid;
    uint8_t vmpl;
    uint8_t cpl;
    uint8_t kind;
    uint8_t is_private;
    uint8_t is_snp_guest;
};

/* Where a guest's address leads. */
struct rmp_page
{
    uint64_t gpa;
    uint64_t spa;
    uint8_t nested_size; /* 0: 4 KiB */
};

#define CHOICE_OVERLAP_CODE 1u
#define CHOICE_LOCK_FIRST 2u
#define CHOICE_FIXED_SUBPAGE_OVERLAP 4u
#define CHOICE_IGNORE_LOW_BITS 8u
#define CHOICE_IGNORE_RESERVED 16u
#define CHOICE_LOCK_FOLLOWS_IMMUTABLE 32u
#define CHOICE_COUNT_ASID_ZERO 64u
#define CHOICE_IMMUTABLE_LARGE_OVERLAP 128u
#define CHOICE_COMPARE_UNMASKED 256u
#define CHOICE_CHECK_TABLE_READS 512u
#define CHOICE_COUNT_LARGE_AS_ONE 1024u
#define CHOICE_PVALIDATE_PERMISSION 2048u
#define CHOICE_NESTED_SIZE_FIRST 4096u
#define CHOICE_VALIDATED_FIRST 8192u
#define CHOICE_QUERY_REFUSES_OWN 16384u
#define CHOICE_OPT_ON_CONTIGUOUS 32768u
#define CHOICE_OPT_KEPT_ON_RELEASE 65536u
#define CHOICE_SMASH_IMMUTABLE_PERMISSION 131072u
#define CHOICE_IN_USE_WRITABLE 262144u /* of the processor, as the next */
#define CHOICE_IN_USE_ERRATUM 524288u

enum rmp_result
{
    RMP_SUCCESS = 0,
    RMP_FAIL_INPUT = 1,
    RMP_FAIL_PERMISSION = 2,
    RMP_FAIL_INUSE = 3,
    RMP_FAIL_OVERLAP = 4,
    RMP_FAIL_SIZEMISMATCH = 6,
    RMP_FAIL_BADADDR = 7,
    RMP_INVALID_OPCODE = 16,
    RMP_GENERAL_PROTECTION = 17,
    RMP_CONTENDED = 0x100, /* beside a code: nobody is in the way for good */
};

/* A paging-structure entry. */
#define PAGE_PRESENT BITS(0, 0)
#define PAGE_WRITABLE BITS(1, 1)
#define PAGE_USER BITS(2, 2)
#define PAGE_ACCESSED BITS(5, 5)
#define PAGE_DIRTY BITS(6, 6)
#define PAGE_LARGE BITS(7, 7)
#define PAGE_PAT_4K BITS(7, 7)
#define PAGE_KERNEL_4K BITS(11, 11)
#define PAGE_PAT_LARGE BITS(12, 12)
#define PAGE_ADDRESS BITS(51, 12)
#define PAGE_KEY_SHIFT 59
#define PAGE_NO_EXECUTE BITS(63, 63)

struct walk_memory
{
    uint8_t *zero; /* where physical address 0 would be */
    uint64_t start;
    uint64_t last_qword; /* offset of the last whole quadword */
};

struct walk_state
{
    uint64_t root;
    uint64_t upper_table_test; /* of these bits, an entry of the kind has P, or P and PS, alone */
    uint64_t lower_table_test;
    uint64_t small_leaf_test;
    uint64_t large_leaf_test;
    uint64_t gigabyte_leaf_test;
    uint64_t address_mask; /* bits [51:12] without the C-bit */
    uint64_t key_doubts;   /* a leaf with one of these bits has a key that may forbid something */
    uint32_t pkru;
    uint32_t pkrs;
    uint32_t levels;
    uint8_t write_protect;
    uint8_t no_execute;
    uint8_t smep;
    uint8_t smap;
    uint8_t reports_fetch;
};

struct nested_walk_state
{
    struct walk_state guest; /* its root is guest physical */
    struct walk_state host;
    uint64_t guest_address; /* the address bits of an entry, without the C-bit */
    uint64_t host_address;
    uint64_t encryption; /* the guest's C-bit */
    uint64_t private_below;
    uint32_t has_virtual_tom;
    uint32_t asid;
};

/* What an IOMMU goes by besides memory. */
struct io_state
{
    uint64_t table_base;
    uint64_t entries;
    uint64_t reserved[4]; /* of a device table entry */
    uint64_t encryption; /* the C-bit */
    uint32_t pasid_bits;
    uint8_t largest_mode;
    uint8_t largest_glx;
    uint8_t largest_paging_mode;
    uint8_t gcr3_is_guest_physical;
    uint8_t has_no_execute;
    uint8_t snp_enabled;
    uint8_t checks_reads;
};

struct physical_range
{
    uint64_t start;
    uint64_t length;
};

struct direct_map
{
    uint8_t *tables; /* pages of paging structures, handed out in order and through a free list in the pages themselves */
    uint64_t tables_start;
    uint64_t free_offset; /* all ones: the list is empty */
    int64_t untouched;
    int64_t taken;
    int64_t capacity;
    uint64_t root;
    uint64_t virtual_base;
    const struct physical_range *ram;
    uint64_t ram_count;
    uint32_t levels;
    uint32_t gigabyte_pages;
    int64_t leaves[3]; /* 4K, 2M, 1G */
    int64_t peak_4k;
    int64_t splits[3]; /* of 2M at 1, of 1G at 2 */
    int64_t rejoins[3];
    int64_t peak_tables;
    int64_t global_flushes;
};

EXPORT const char *fastrmp_compiler(void);

EXPORT uint64_t scan_any(const uint64_t *words, uint64_t entries, uint64_t iterations);
EXPORT uint64_t scan_count(const uint64_t *words, uint64_t entries, uint64_t iterations);
EXPORT uint64_t scan_any_simple(const uint64_t *words, uint64_t entries, uint64_t iterations);
EXPORT uint64_t scan_count_simple(const uint64_t *words, uint64_t entries, uint64_t iterations);
EXPORT uint64_t scan_owner(const uint64_t *words, uint64_t entries, uint64_t asid);

/* traces.c: 0 if the file cannot be opened. */
EXPORT uint64_t trace_lines(const char *path);
EXPORT uint64_t trace_units(const char *path);

EXPORT uint64_t rmpupdate_atomic(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                 const struct rmp_operand *assign, const struct rmp_operand *release, uint64_t iterations);
EXPORT uint64_t rmpupdate_plain(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                const struct rmp_operand *assign, const struct rmp_operand *release, uint64_t iterations);

EXPORT uint64_t rmpupdate_counted(const struct rmp_table *table, uint64_t asid);

EXPORT uint64_t rmpupdate_segmented(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                    const struct rmp_operand *assign, const struct rmp_operand *release, uint64_t iterations);
EXPORT uint64_t rmpupdate_registers(const struct walk_memory *memory, const struct walk_state *state, const struct rmp_table *table,
                                    const struct rmp_processor *processor, const uint64_t *pages, uint64_t assign,
                                    uint64_t release_operand, uint64_t iterations);

EXPORT uint64_t rmpupdate_release(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                  const struct rmp_operand *release, const void *region, uint64_t iterations);
EXPORT uint64_t rmpupdate_release_plain(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                        const struct rmp_operand *release, const void *region, uint64_t iterations);
EXPORT uint64_t rmp_unsmash(const struct rmp_table *table, const uint64_t *pages, const void *region, uint64_t iterations);
EXPORT uint64_t rmp_unsmash_plain(const struct rmp_table *table, const uint64_t *pages, const void *region, uint64_t iterations);

EXPORT uint64_t scale_retried(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                              const struct rmp_operand *assign, const struct rmp_operand *release, uint64_t iterations);
EXPORT uint64_t scale_checks(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                             const struct rmp_operand *assign, const struct rmp_operand *release, uint64_t iterations,
                             const uint64_t *others, uint64_t checks);
EXPORT uint64_t scale_reads(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                            const struct rmp_operand *assign, const struct rmp_operand *release, uint64_t iterations,
                            const uint64_t *others, uint64_t reads);

EXPORT uint64_t rmp_psmash(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages, const void *region,
                           uint64_t iterations);
EXPORT uint64_t rmp_psmash_plain(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                                 const void *region, uint64_t iterations);
EXPORT uint64_t rmp_restore(const struct rmp_table *table, const uint64_t *pages, const void *region, uint64_t iterations);
EXPORT uint64_t rmp_rmpread(const struct rmp_table *table, const struct rmp_processor *processor, const uint64_t *pages,
                            uint64_t iterations);
EXPORT uint64_t rmp_host_check(const struct rmp_table *table, const uint64_t *addresses, uint64_t iterations);
EXPORT uint64_t rmp_host_check_ahead(const struct rmp_table *table, const uint64_t *addresses, uint64_t iterations);
EXPORT uint64_t rmp_rmpopt_verify(const struct rmp_table *table, const struct rmp_processor *processor, struct rmp_core *core,
                                  const uint64_t *pages, const struct rmp_operand *assign, const struct rmp_operand *release,
                                  uint64_t iterations);
EXPORT uint64_t rmp_rmpopt_report(const struct rmp_table *table, const struct rmp_processor *processor, struct rmp_core *core,
                                  const uint64_t *pages, uint64_t iterations);

EXPORT uint64_t rmp_pvalidate(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages,
                              uint32_t large, uint32_t last, uint64_t iterations);
EXPORT uint64_t rmp_rmpadjust(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages,
                              uint64_t first, uint64_t last, uint64_t iterations);
EXPORT uint64_t rmp_rmpquery(const struct rmp_table *table, const struct rmp_processor *processor, const struct rmp_page *pages,
                             uint32_t target_vmpl, uint64_t iterations);
EXPORT uint64_t rmp_guest_check(const struct rmp_table *table, const struct guest_access *access, const struct rmp_page *pages,
                                uint64_t iterations);

EXPORT uint64_t rmp_census(struct rmp_census *census, const uint64_t *words, uint64_t entries);
EXPORT uint64_t rmp_page_states(const struct rmp_table *table, const uint64_t *pages, uint64_t iterations);
EXPORT uint64_t rmp_page_states_ahead(const struct rmp_table *table, const uint64_t *pages, uint64_t iterations);
EXPORT uint64_t memory_read(const uint64_t *words, uint64_t count);
EXPORT uint64_t read_streams(const uint64_t *words, uint64_t count, uint64_t which);

EXPORT uint64_t walk_independent(const struct walk_memory *memory, const struct walk_state *state, const uint64_t *addresses,
                                 uint64_t iterations);
EXPORT uint64_t walk_dependent(const struct walk_memory *memory, const struct walk_state *state, const uint64_t *addresses,
                               uint64_t iterations, uint64_t zero);
EXPORT uint64_t walk_checked_independent(const struct walk_memory *memory, const struct walk_state *state, const struct rmp_table *table,
                                         const uint64_t *addresses, uint64_t iterations);
EXPORT uint64_t walk_checked_dependent(const struct walk_memory *memory, const struct walk_state *state, const struct rmp_table *table,
                                       const uint64_t *addresses, uint64_t iterations, uint64_t zero);

struct tlb_first;
struct tlb_second;

struct tlb
{
    struct tlb_first *first;
    uint64_t first_mask;
    struct tlb_second *second;
    uint64_t set_mask;
    const uint64_t *stamps;
    uint64_t context;
    uint64_t key;
    uint64_t victim;
};

EXPORT uint64_t tlb_stores(struct tlb *tlb, const struct walk_memory *memory, const struct walk_state *state,
                           const struct rmp_table *table, const uint64_t *addresses, uint64_t iterations, uint8_t *ram);
EXPORT uint64_t tlb_array_stores(const struct tlb *tlb, const uint64_t *addresses, uint64_t iterations, uint8_t *ram);

EXPORT uint64_t walk_batch(const struct walk_memory *memory, const struct walk_state *state, const uint64_t *addresses,
                           uint64_t iterations);

EXPORT uint64_t enumerate_mappings(const struct walk_memory *memory, const struct walk_state *state, uint64_t first, uint64_t last);

EXPORT uint64_t nested_independent(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                   const uint64_t *addresses, uint64_t iterations);
EXPORT uint64_t nested_dependent(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                 const uint64_t *addresses, uint64_t iterations, uint64_t zero);
EXPORT uint64_t nested_batch(const struct walk_memory *memory, const struct nested_walk_state *state, const uint64_t *addresses,
                             uint64_t iterations);

EXPORT uint64_t rmp_pvalidate_at(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                 const struct rmp_processor *processor, const uint64_t *addresses, uint64_t size, uint64_t first,
                                 uint64_t last, uint64_t iterations);
EXPORT uint64_t rmp_rmpadjust_at(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                 const struct rmp_processor *processor, const uint64_t *addresses, uint64_t size, uint64_t first,
                                 uint64_t last, uint64_t iterations);
EXPORT uint64_t rmp_rmpquery_at(const struct walk_memory *memory, const struct nested_walk_state *state, const struct rmp_table *table,
                                const struct rmp_processor *processor, const uint64_t *addresses, uint64_t target_vmpl,
                                uint64_t iterations);

EXPORT uint64_t iommu_independent(const struct walk_memory *memory, const struct io_state *state, const uint64_t *addresses,
                                  uint64_t iterations);
EXPORT uint64_t iommu_batch(const struct walk_memory *memory, const struct io_state *state, const uint64_t *addresses, uint64_t iterations);
EXPORT uint64_t iommu_guest_walk(const struct walk_memory *memory, const struct io_state *state, const struct rmp_table *table,
                                 uint32_t pasid, uint32_t write, const uint64_t *addresses, uint64_t iterations, uint64_t zero);

EXPORT uint64_t split_rejoin(struct direct_map *map, const uint64_t *pages, uint64_t iterations);

#endif
