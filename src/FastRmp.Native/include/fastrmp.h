/* libfastrmp: an exact executable model of AMD SEV-SNP's Reverse Map Table (RMP).
 *
 * Rules of the ABI:
 *
 * - frmp_init comes first, once in a process. It starts the runtime (milliseconds) and leaves SIGPIPE, SIGSEGV and SIGFPE as they were.
 * - The caller owns all memory: the storage of a table, RAM, every structure. What it hands over has to stay mapped, readable and
 *   writable until the handle is destroyed. No function returns memory that has to be freed.
 * - A handle is a number. Zero, a number of another kind, a destroyed one or any other number is refused with FRMP_ERROR_HANDLE.
 * - A set-up function returns FRMP_OK or an enum frmp_error; frmp_last_error has a sentence about the last refusal of the calling thread.
 * - An instruction or a check returns one 64-bit word; FRMP_ERROR_OF(word) is not FRMP_OK where the call itself was refused.
 * - An array has at most 2^31 - 1 elements, else FRMP_ERROR_SIZE; with a count of 0 its pointers may be null.
 * - Any threads may call at the same time, also with the same handles; frmp_destroy must not overlap calls with that handle.
 * - After a fork at which no other thread is inside a call the child may go on, on any threads; whether it shares a table with the parent
 *   depends on how the storage is mapped.
 * - A signal handler that interrupted a call must not call, and must not jump out of it: the next call ends the process.
 * - dlclose leaves the library loaded.
 *
 * docs/native.md has the reasons and the measured costs. */
#ifndef FASTRMP_H
#define FASTRMP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FRMP_ABI_VERSION 1

/* ---- Generated from the library's declarations; a test compares it with them. Do not edit. ---- */
enum frmp_error
{
    FRMP_OK = 0,
    FRMP_ERROR_HANDLE = 1,
    FRMP_ERROR_NULL = 2,
    FRMP_ERROR_ALIGNMENT = 3,
    FRMP_ERROR_SIZE = 4,
    FRMP_ERROR_VALUE = 5,
    FRMP_ERROR_ADDRESS = 6,
    FRMP_ERROR_CONFIGURATION = 7,
    FRMP_ERROR_MEMORY = 8,
    FRMP_ERROR_VERSION = 9,
    FRMP_ERROR_INTERNAL = 10,
    FRMP_ERROR_NOT_COVERED = 11,
};

enum frmp_status
{
    FRMP_SUCCESS = 0,
    FRMP_FAIL_INPUT = 1,
    FRMP_FAIL_PERMISSION = 2,
    FRMP_FAIL_INUSE = 3,
    FRMP_FAIL_OVERLAP = 4,
    FRMP_FAIL_SIZEMISMATCH = 6,
    FRMP_FAIL_BADADDR = 7,
};

enum frmp_fault
{
    FRMP_FAULT_NONE = 0,
    FRMP_FAULT_INVALID_OPCODE = 1,
    FRMP_FAULT_GENERAL_PROTECTION = 2,
    FRMP_FAULT_NESTED_PAGE_FAULT = 3,
    FRMP_FAULT_PAGE_NOT_VALIDATED = 4,
};

enum frmp_instruction_status
{
    FRMP_INSTRUCTION_COMPLETED = 0,
    FRMP_INSTRUCTION_INVALID_OPCODE = 1,
    FRMP_INSTRUCTION_GENERAL_PROTECTION = 2,
    FRMP_INSTRUCTION_PAGE_FAULT = 3,
    FRMP_INSTRUCTION_NESTED_PAGE_FAULT = 4,
    FRMP_INSTRUCTION_NOT_VALIDATED = 5,
    FRMP_INSTRUCTION_OUTSIDE_MEMORY = 6,
    FRMP_INSTRUCTION_CONTENDED = 7,
};

enum frmp_contention_code
{
    FRMP_CONTENTION_BY_PLACE = 0,
    FRMP_CONTENTION_FAIL_IN_USE = 1,
    FRMP_CONTENTION_FAIL_OVERLAP = 2,
};

enum frmp_page_size
{
    FRMP_PAGE_4K = 0,
    FRMP_PAGE_2M = 1,
    FRMP_PAGE_1G = 2,
};

enum frmp_page_state
{
    FRMP_STATE_INVALID = 0,
    FRMP_STATE_DEFAULT = 1,
    FRMP_STATE_HYPERVISOR = 2,
    FRMP_STATE_HV_FIXED = 3,
    FRMP_STATE_FIRMWARE = 4,
    FRMP_STATE_FIRMWARE_IOMMU = 5,
    FRMP_STATE_RECLAIM = 6,
    FRMP_STATE_CONTEXT = 7,
    FRMP_STATE_METADATA = 8,
    FRMP_STATE_PRE_GUEST = 9,
    FRMP_STATE_PRE_SWAP = 10,
    FRMP_STATE_GUEST_INVALID = 11,
    FRMP_STATE_GUEST_VALID = 12,
};

enum frmp_access_kind
{
    FRMP_ACCESS_READ = 0,
    FRMP_ACCESS_WRITE = 1,
    FRMP_ACCESS_FETCH = 2,
};

enum frmp_guest_access_kind
{
    FRMP_GUEST_READ = 0,
    FRMP_GUEST_WRITE = 1,
    FRMP_GUEST_FETCH = 2,
    FRMP_GUEST_PAGE_TABLE = 3,
    FRMP_GUEST_SHADOW_STACK_READ = 4,
    FRMP_GUEST_SHADOW_STACK_WRITE = 5,
};

enum frmp_vmrun_page
{
    FRMP_VMRUN_VMCB = 0,
    FRMP_VMRUN_AVIC_BACKING_PAGE = 1,
    FRMP_VMRUN_SHARED_VMSA = 2,
    FRMP_VMRUN_SNP_VMSA = 3,
    FRMP_VMRUN_HOST_SAVE_AREA = 4,
};

enum frmp_vmrun_result
{
    FRMP_VMRUN_RESULT_OK = 0,
    FRMP_VMRUN_RESULT_GENERAL_PROTECTION = 1,
    FRMP_VMRUN_RESULT_INVALID = 2,
    FRMP_VMRUN_RESULT_CONTENDED = 3,
};

enum frmp_walk_status
{
    FRMP_WALK_NOT_PRESENT = 0,
    FRMP_WALK_MAPPED = 1,
    FRMP_WALK_MALFORMED_ENTRY = 2,
    FRMP_WALK_RIGHTS_VIOLATION = 3,
    FRMP_WALK_RMP_VIOLATION = 4,
    FRMP_WALK_NON_CANONICAL = 5,
    FRMP_WALK_OUTSIDE_MEMORY = 6,
    FRMP_WALK_CONTENDED = 7,
};

enum frmp_nested_status
{
    FRMP_NESTED_WALK_GUEST_PAGE_FAULT = 0,
    FRMP_NESTED_WALK_MAPPED = 1,
    FRMP_NESTED_WALK_NON_CANONICAL = 2,
    FRMP_NESTED_WALK_NESTED_PAGE_FAULT = 3,
    FRMP_NESTED_WALK_RMP_VIOLATION = 4,
    FRMP_NESTED_WALK_NOT_VALIDATED = 5,
    FRMP_NESTED_WALK_OUTSIDE_MEMORY = 6,
    FRMP_NESTED_WALK_CONTENDED = 7,
};

enum frmp_iommu_status
{
    FRMP_IOMMU_WALK_NOT_PRESENT = 0,
    FRMP_IOMMU_WALK_MAPPED = 1,
    FRMP_IOMMU_WALK_MALFORMED_ENTRY = 2,
    FRMP_IOMMU_WALK_RIGHTS_VIOLATION = 3,
    FRMP_IOMMU_WALK_RMP_VIOLATION = 4,
    FRMP_IOMMU_WALK_OUT_OF_REACH = 5,
    FRMP_IOMMU_WALK_OUTSIDE_MEMORY = 6,
    FRMP_IOMMU_WALK_CONTENDED = 7,
    FRMP_IOMMU_WALK_NO_TRANSLATION = 8,
    FRMP_IOMMU_WALK_ILLEGAL_DEVICE_TABLE_ENTRY = 9,
    FRMP_IOMMU_WALK_DEVICE_TABLE_OUTSIDE_MEMORY = 10,
    FRMP_IOMMU_WALK_INTERRUPT = 11,
    FRMP_IOMMU_WALK_FORBIDDEN_BITS = 12,
    FRMP_IOMMU_WALK_SKIPPED_BITS = 13,
    FRMP_IOMMU_WALK_FORBIDDEN_DEVICE_TABLE_BITS = 14,
    FRMP_IOMMU_WALK_BEYOND_DEVICE_TABLE = 15,
    FRMP_IOMMU_WALK_INVALID_GCR3 = 16,
    FRMP_IOMMU_WALK_PASID_OUT_OF_REACH = 17,
    FRMP_IOMMU_WALK_NON_CANONICAL = 18,
};

enum frmp_walk_stage
{
    FRMP_STAGE_HOST = 0,
    FRMP_STAGE_GCR3 = 1,
    FRMP_STAGE_GUEST = 2,
    FRMP_STAGE_NESTED = 3,
};

enum frmp_rights
{
    FRMP_RIGHTS_NONE = 0,
    FRMP_RIGHTS_WRITE = 1,
    FRMP_RIGHTS_USER = 2,
    FRMP_RIGHTS_EXECUTE = 4,
};

enum frmp_dma_rights
{
    FRMP_DMA_NONE = 0,
    FRMP_DMA_READ = 1,
    FRMP_DMA_WRITE = 2,
    FRMP_DMA_EXECUTE = 4,
};

enum frmp_vmpl_permissions
{
    FRMP_VMPL_NONE = 0,
    FRMP_VMPL_READ = 1,
    FRMP_VMPL_WRITE = 2,
    FRMP_VMPL_EXECUTE_USER = 4,
    FRMP_VMPL_EXECUTE_SUPERVISOR = 8,
    FRMP_VMPL_SUPERVISOR_SHADOW_STACK = 16,
    FRMP_VMPL_ALL = 31,
};

enum frmp_finding
{
    FRMP_FINDING_COUNT_TOO_LOW = 0,
    FRMP_FINDING_COUNT_TOO_HIGH = 1,
    FRMP_FINDING_COUNT_OF_LARGE_PAGE = 2,
    FRMP_FINDING_COUNT_OF_SUBPAGE = 3,
    FRMP_FINDING_LOST_SUBPAGE = 4,
    FRMP_FINDING_UNASSIGNED_LARGE_PAGE = 5,
    FRMP_FINDING_LARGE_SUBPAGE = 6,
    FRMP_FINDING_INVALID_STATE = 7,
    FRMP_FINDING_IN_TRANSITION = 8,
    FRMP_FINDING_ASID_COUNTER = 9,
};

enum frmp_choice
{
    FRMP_CHOICE_ALLOW_ASID_ABOVE_MAXIMUM = 0,
    FRMP_CHOICE_BOOT_TABLES_ARE_SUPERVISOR = 1,
    FRMP_CHOICE_CHECK_TABLE_READS = 2,
    FRMP_CHOICE_COMPARE_UNMASKED_GPA = 3,
    FRMP_CHOICE_COUNT_ASID_ZERO = 4,
    FRMP_CHOICE_COUNT_CLEARED_ON_RELEASE = 5,
    FRMP_CHOICE_COUNT_LARGE_PAGE_AS_ONE = 6,
    FRMP_CHOICE_DEVICE_BEYOND_TABLE_IS_ILLEGAL_ENTRY = 7,
    FRMP_CHOICE_DEVICE_RIGHTS_BEFORE_ENCODING = 8,
    FRMP_CHOICE_DMA_READS_ARE_CHECKED = 9,
    FRMP_CHOICE_DMA_RIGHTS_ARE_CHECKED_AT_LEAF = 10,
    FRMP_CHOICE_FIXED_SUBPAGE_IS_OVERLAP = 11,
    FRMP_CHOICE_GMET_ALLOWS_USER_FETCHES = 12,
    FRMP_CHOICE_GMET_ALWAYS_REPORTS_USER = 13,
    FRMP_CHOICE_GUEST_DMA_FAULTS_ARE_GUEST_EVENTS = 14,
    FRMP_CHOICE_GUEST_DMA_FAULTS_REPORT_GUEST = 15,
    FRMP_CHOICE_HIDE_ENCRYPTION_OF_NESTED_TABLE_WRITES = 16,
    FRMP_CHOICE_IGNORE_LOW_ADDRESS_BITS = 17,
    FRMP_CHOICE_IGNORE_PML5E_BIT8 = 18,
    FRMP_CHOICE_IGNORE_RESERVED_OPERAND_BITS = 19,
    FRMP_CHOICE_IGNORE_RESERVED_SEGMENT_BITS = 20,
    FRMP_CHOICE_IMMUTABLE_BASE_BLOCKS_REGION = 21,
    FRMP_CHOICE_IMMUTABLE_LARGE_PAGE_IS_OVERLAP = 22,
    FRMP_CHOICE_IN_USE_VMSA_IS_NOT_GUEST_OWNED = 23,
    FRMP_CHOICE_INSTRUCTIONS_LEAVE_FLAGS = 24,
    FRMP_CHOICE_INSTRUCTIONS_TAKE_SHARED_MAPPINGS = 25,
    FRMP_CHOICE_INTERMEDIATE_DMA_SIZES_ARE_LARGE = 26,
    FRMP_CHOICE_INVALID_GCR3_REPORTS_PRESENT = 27,
    FRMP_CHOICE_KERNEL4_KON_EVERY_UPDATE = 28,
    FRMP_CHOICE_LARGE_UPDATE_LOOKS_AT_FIRST_PAGE_ALONE = 29,
    FRMP_CHOICE_LOCK_BEFORE_IMMUTABLE = 30,
    FRMP_CHOICE_LOCK_FOLLOWS_IMMUTABLE = 31,
    FRMP_CHOICE_MALFORMED_DMA_ENTRY_REPORTS_RESERVED = 32,
    FRMP_CHOICE_NESTED_KEYS_APPLY = 33,
    FRMP_CHOICE_NESTED_SIZE_FIRST = 34,
    FRMP_CHOICE_NO_TRANSLATION_IS_ILLEGAL_ENTRY = 35,
    FRMP_CHOICE_NON_CANONICAL_DMA_REPORTS_PRESENT = 36,
    FRMP_CHOICE_OUT_OF_REACH_REPORTS_PRESENT = 37,
    FRMP_CHOICE_PVALIDATE_ABOVE_VMPL0_IS_PERMISSION = 38,
    FRMP_CHOICE_RECLAIM_OF_UNCOVERED_IS_REFUSED = 39,
    FRMP_CHOICE_REJOIN_AS_LINUX = 40,
    FRMP_CHOICE_REPORT_ENCRYPTION_OF_SEV_GUESTS = 41,
    FRMP_CHOICE_RESCIND_CLEARS_MASKS = 42,
    FRMP_CHOICE_RESERVED_DMA_BITS_REPORT_RESERVED = 43,
    FRMP_CHOICE_RESERVED_MODE_IS_PAGE_FAULT = 44,
    FRMP_CHOICE_RMP_ADJUST_RESERVED_IS_PERMISSION = 45,
    FRMP_CHOICE_RMP_DMA_FAULT_REPORTS_PHYSICAL_ADDRESS = 46,
    FRMP_CHOICE_RMP_HARDWARE_ERROR_REPORTS_PAGE = 47,
    FRMP_CHOICE_RMP_OPT_BASE_IS_FREE = 48,
    FRMP_CHOICE_RMP_OPT_ENDS_ON_RELEASE = 49,
    FRMP_CHOICE_RMP_OPT_ON_CONTIGUOUS = 50,
    FRMP_CHOICE_RMP_OPT_OUTSIDE_WINDOW_FAULTS = 51,
    FRMP_CHOICE_RMP_OPT_RESERVED_FUNCTION_FAULTS = 52,
    FRMP_CHOICE_RMP_OPT_UNALIGNED_FAULTS = 53,
    FRMP_CHOICE_RMP_OPT_UNCOVERED_IS_ASSIGNED = 54,
    FRMP_CHOICE_RMP_QUERY_REFUSES_OWN_VMPL = 55,
    FRMP_CHOICE_RMP_READ_SHOWS_OWNER_OF_VMSA = 56,
    FRMP_CHOICE_RMP_UPDATE_LEAVES_TLB = 57,
    FRMP_CHOICE_SEGMENT_EXPONENTS_ARE_MEGABYTES = 58,
    FRMP_CHOICE_SET_ACCESSED_ONLY_IF_ALLOWED = 59,
    FRMP_CHOICE_SKIPPED_LEVELS_REPORT_PRESENT = 60,
    FRMP_CHOICE_SMASH_OF_IMMUTABLE_IS_PERMISSION = 61,
    FRMP_CHOICE_TABLE_FAULTS_ARE_PAGE_ALIGNED = 62,
    FRMP_CHOICE_TRANSLATION_VALID_BEFORE_RESERVED_BITS = 63,
    FRMP_CHOICE_UNSUPPORTED_DEVICE_FIELDS_ARE_RESERVED = 64,
    FRMP_CHOICE_UNTRANSLATED_DMA_IS_CHECKED = 65,
    FRMP_CHOICE_VALIDATED_BEFORE_SIZE = 66,
    FRMP_CHOICE_ZAP_ON_ALLOCATION = 67,
    FRMP_CHOICE_ZAP_SPLITS_LARGE_LEAVES = 68,
};

enum frmp_preset
{
    FRMP_MILAN = 0,
    FRMP_GENOA = 1,
    FRMP_TURIN = 2,
    FRMP_VENICE = 3,
    FRMP_INTEL = 4, /* for walks alone */
};

#define FRMP_PAGE_STATES 13
#define FRMP_FINDINGS 10
#define FRMP_PAGE_SHIFT_4K 12
#define FRMP_PAGES_PER_REGION 512
#define FRMP_WORDS_PER_ENTRY 2
#define FRMP_BOOKKEEPING_BYTES 16384

/* RmpEntry: masks in place; of 16 bytes, those of the second quadword say so. */
#define FRMP_RMP_ENTRY_ASSIGNED UINT64_C(0x1)
#define FRMP_RMP_ENTRY_PAGE_SIZE UINT64_C(0x2)
#define FRMP_RMP_ENTRY_IMMUTABLE UINT64_C(0x4)
#define FRMP_RMP_ENTRY_SUBPAGE_COUNT UINT64_C(0xFF8)
#define FRMP_RMP_ENTRY_SUBPAGE_COUNT_SHIFT 3
#define FRMP_RMP_ENTRY_GPA UINT64_C(0x7FFFFFFFFF000)
#define FRMP_RMP_ENTRY_GPA_SHIFT 12
#define FRMP_RMP_ENTRY_ASID UINT64_C(0x1FF8000000000000)
#define FRMP_RMP_ENTRY_ASID_SHIFT 51
#define FRMP_RMP_ENTRY_VMSA UINT64_C(0x2000000000000000)
#define FRMP_RMP_ENTRY_VALIDATED UINT64_C(0x4000000000000000)
#define FRMP_RMP_ENTRY_LOCK UINT64_C(0x8000000000000000)
#define FRMP_RMP_ENTRY_VMPL0_PERMISSIONS UINT64_C(0xFF) /* second */
#define FRMP_RMP_ENTRY_VMPL0_PERMISSIONS_SHIFT 0
#define FRMP_RMP_ENTRY_VMPL1_PERMISSIONS UINT64_C(0xFF00) /* second */
#define FRMP_RMP_ENTRY_VMPL1_PERMISSIONS_SHIFT 8
#define FRMP_RMP_ENTRY_VMPL2_PERMISSIONS UINT64_C(0xFF0000) /* second */
#define FRMP_RMP_ENTRY_VMPL2_PERMISSIONS_SHIFT 16
#define FRMP_RMP_ENTRY_VMPL3_PERMISSIONS UINT64_C(0xFF000000) /* second */
#define FRMP_RMP_ENTRY_VMPL3_PERMISSIONS_SHIFT 24
#define FRMP_RMP_ENTRY_IMPLICIT_KEY_SELECT UINT64_C(0x100000000) /* second */
#define FRMP_RMP_ENTRY_ROOT_PORT_ID UINT64_C(0x3E000000000000) /* second */
#define FRMP_RMP_ENTRY_ROOT_PORT_ID_SHIFT 49
#define FRMP_RMP_ENTRY_PCIE_IDE_STREAM_ID UINT64_C(0x3FC0000000000000) /* second */
#define FRMP_RMP_ENTRY_PCIE_IDE_STREAM_ID_SHIFT 54
#define FRMP_RMP_ENTRY_PAGE_MIGRATION UINT64_C(0xC000000000000000) /* second */
#define FRMP_RMP_ENTRY_PAGE_MIGRATION_SHIFT 62

/* RmpUpdateOperand: masks in place; of 16 bytes, those of the second quadword say so. */
#define FRMP_RMPUPDATE_GPA UINT64_C(0xFFFFFFFFFFFFFFFF)
#define FRMP_RMPUPDATE_GPA_SHIFT 0
#define FRMP_RMPUPDATE_ASSIGNED UINT64_C(0x1) /* second */
#define FRMP_RMPUPDATE_PAGE_SIZE UINT64_C(0x100) /* second */
#define FRMP_RMPUPDATE_IMMUTABLE UINT64_C(0x10000) /* second */
#define FRMP_RMPUPDATE_ASID UINT64_C(0xFFFFFFFF00000000) /* second */
#define FRMP_RMPUPDATE_ASID_SHIFT 32

/* RmpReadOutput: masks in place; of 16 bytes, those of the second quadword say so. */
#define FRMP_RMPREAD_GPA UINT64_C(0xFFFFFFFFFFFFFFFF)
#define FRMP_RMPREAD_GPA_SHIFT 0
#define FRMP_RMPREAD_ASSIGNED UINT64_C(0x1) /* second */
#define FRMP_RMPREAD_PAGE_SIZE UINT64_C(0x100) /* second */
#define FRMP_RMPREAD_REGION_STATUS UINT64_C(0x200) /* second */
#define FRMP_RMPREAD_IMMUTABLE UINT64_C(0x10000) /* second */
#define FRMP_RMPREAD_ASID UINT64_C(0xFFFFFFFF00000000) /* second */
#define FRMP_RMPREAD_ASID_SHIFT 32

/* RmpAdjustOperand: masks in place; of 16 bytes, those of the second quadword say so. */
#define FRMP_RMPADJUST_TARGET_VMPL UINT64_C(0xFF)
#define FRMP_RMPADJUST_TARGET_VMPL_SHIFT 0
#define FRMP_RMPADJUST_PERMISSIONS UINT64_C(0xFF00)
#define FRMP_RMPADJUST_PERMISSIONS_SHIFT 8
#define FRMP_RMPADJUST_VMSA UINT64_C(0x10000)

/* PageFaultErrorCode: masks in place; of 16 bytes, those of the second quadword say so. */
#define FRMP_PF_PRESENT UINT64_C(0x1)
#define FRMP_PF_WRITE UINT64_C(0x2)
#define FRMP_PF_USER UINT64_C(0x4)
#define FRMP_PF_RESERVED_BIT UINT64_C(0x8)
#define FRMP_PF_FETCH UINT64_C(0x10)
#define FRMP_PF_PROTECTION_KEY UINT64_C(0x20)
#define FRMP_PF_SHADOW_STACK UINT64_C(0x40)
#define FRMP_PF_SGX UINT64_C(0x8000)
#define FRMP_PF_RMP UINT64_C(0x80000000)

/* NestedPageFaultCode: masks in place; of 16 bytes, those of the second quadword say so. */
#define FRMP_NPF_PRESENT UINT64_C(0x1)
#define FRMP_NPF_WRITE UINT64_C(0x2)
#define FRMP_NPF_USER UINT64_C(0x4)
#define FRMP_NPF_RESERVED_BIT UINT64_C(0x8)
#define FRMP_NPF_FETCH UINT64_C(0x10)
#define FRMP_NPF_RMP UINT64_C(0x80000000)
#define FRMP_NPF_FINAL UINT64_C(0x100000000)
#define FRMP_NPF_PAGE_TABLE UINT64_C(0x200000000)
#define FRMP_NPF_ENCRYPTED UINT64_C(0x400000000)
#define FRMP_NPF_SIZE_MISMATCH UINT64_C(0x800000000)
#define FRMP_NPF_VMPL UINT64_C(0x1000000000)
#define FRMP_NPF_SHADOW_STACK UINT64_C(0x2000000000)
/* ---- End of what is generated. ---- */

/* A live table, RAM, IOMMU or core; 0 is none. */
typedef uint64_t frmp_table;
typedef uint64_t frmp_memory;
typedef uint64_t frmp_iommu;
typedef uint64_t frmp_core;

/* ---- Words ---- */

#ifdef __cplusplus
#define FRMP_CAST(type, value) static_cast<type>(value)
#else
#define FRMP_CAST(type, value) ((type)(value))
#endif

/* The executing processor: CPL [1:0], VMPL [3:2], 64-bit mode [8], SYSCFG.SNP_EN [9], an SNP guest [10], ASID [63:32]. All other bits
 * are zero. */
typedef uint64_t frmp_cpu;
#define FRMP_CPU_LONG_MODE (UINT64_C(1) << 8)
#define FRMP_CPU_SNP_ENABLED (UINT64_C(1) << 9)
#define FRMP_CPU_SNP_GUEST (UINT64_C(1) << 10)
#define FRMP_CPU_HOST (FRMP_CPU_LONG_MODE | FRMP_CPU_SNP_ENABLED)
#define FRMP_CPU_GUEST(asid, vmpl) \
    (FRMP_CPU_HOST | FRMP_CPU_SNP_GUEST | FRMP_CAST(uint64_t, (vmpl) & 3) << 2 | FRMP_CAST(uint64_t, FRMP_CAST(uint32_t, asid)) << 32)

/* What an instruction or a guest's access ended with: EAX [7:0], meaningful without a fault; the fault [15:8]; contention [16], another
 * processor held the entry, which hardware does not report; CF [17]; the refusal of the call [63:32]. Zero: SUCCESS with CF = 0. */
typedef uint64_t frmp_word;
#define FRMP_STATUS_OF(word) FRMP_CAST(uint32_t, (word) & 0xFF)
#define FRMP_FAULT_OF(word) FRMP_CAST(uint32_t, (word) >> 8 & 0xFF)
#define FRMP_IS_CONTENTION(word) (((word) >> 16 & 1) != 0)
#define FRMP_CARRY_OF(word) FRMP_CAST(uint32_t, (word) >> 17 & 1)
#define FRMP_ERROR_OF(word) FRMP_CAST(uint32_t, (word) >> 32)

/* What a walk's access does: enum frmp_access_kind, and of these any. */
#define FRMP_ACCESS_USER (UINT32_C(1) << 2)             /* CPL 3 */
#define FRMP_ACCESS_ALIGNMENT_CHECK (UINT32_C(1) << 3)  /* RFLAGS.AC: with CR4.SMAP the access may touch user pages */
#define FRMP_ACCESS_SHADOW_STACK (UINT32_C(1) << 4)
#define FRMP_ACCESS_UPDATE (UINT32_C(1) << 8)           /* set Accessed and Dirty bits, as the processor does */

/* ---- General ---- */

/* The version of the library's ABI. */
uint32_t frmp_abi_version(void);

/* Starts the library. Pass FRMP_ABI_VERSION. FRMP_OK, or FRMP_ERROR_VERSION. May be called again. */
int32_t frmp_init(uint32_t abi_version);

/* Copies the text about the last refusal of this thread, UTF-8 and with a zero behind it, as far as there is room. Returns its length
 * without the zero. buffer may be null if size is 0. */
size_t frmp_last_error(char *buffer, size_t size);

/* Ends a handle of any kind. The memory behind it is the caller's as before. */
int32_t frmp_destroy(uint64_t handle);

/* ---- Processors and choices ---- */

#define FRMP_CPUID_FEATURES 1u /* cpuid_8000001f_eax and _ecx count */
#define FRMP_CPUID_SEGMENTS 2u /* cpuid_80000025_eax and _ebx count */

/* A generation, and what differs from it. Zeros besides the preset: the preset. */
struct frmp_processor
{
    uint32_t preset; /* enum frmp_preset */
    uint32_t flags;
    uint32_t cpuid_8000001f_eax;
    uint32_t cpuid_8000001f_ecx;
    uint32_t cpuid_80000025_eax;
    uint32_t cpuid_80000025_ebx;
    uint32_t physical_address_width; /* 36 to 52, or 0 */
    uint32_t reserved;               /* 0 */
};

/* The open points of the manuals. Zeros: the defaults. */
struct frmp_choices
{
    uint64_t flipped[2];          /* bit n: choice n of enum frmp_choice is not what it is by default */
    uint32_t contention;          /* enum frmp_contention_code */
    uint32_t rmp_dma_fault_flags; /* 0 to 0xFF */
};

#define FRMP_FLIP(choices, choice) ((choices).flipped[(choice) / 64] ^= UINT64_C(1) << ((choice) % 64))

/* ---- Tables ---- */

struct frmp_table_config
{
    uint32_t size;  /* sizeof(struct frmp_table_config) */
    uint32_t flags; /* 0 */
    uint64_t rmp_base;
    uint64_t rmp_end;
    uint64_t rmp_cfg;
    const uint64_t *segment_table; /* of a segmented RMP: the RST, 8 bytes an entry; else null */
    uint64_t segment_entries;      /* at most 512 */
    struct frmp_processor processor;
    struct frmp_choices choices;
};

/* The bytes of storage that a table needs, whole pages: for a contiguous RMP what lies from RMP_BASE to RMP_END; for a segmented one
 * 16 KiB of bookkeeping and the entries of all segments behind each other. */
int32_t frmp_table_bytes(const struct frmp_table_config *config, uint64_t *bytes);

/* A table over the caller's storage, whose content counts: zeros are an empty RMP, the bytes of a real one are that. storage is aligned to
 * 4096, storage_bytes whole pages. */
int32_t frmp_table_create(const struct frmp_table_config *config, void *storage, uint64_t storage_bytes, frmp_table *table);

/* Makes the RMP's own pages Firmware, as SNP_INIT does; for a table of zeros, before the first instruction. */
int32_t frmp_table_claim_own_pages(frmp_table table);

/* ---- The host's instructions. rax: any value; one that has no entry is FAIL_INPUT. ---- */

/* RMPUPDATE with the 16 bytes at [RCX], read once: FRMP_RMPUPDATE_... has the fields. */
frmp_word frmp_rmpupdate(frmp_table table, frmp_cpu cpu, uint64_t rax, const uint64_t operand[2]);
frmp_word frmp_psmash(frmp_table table, frmp_cpu cpu, uint64_t rax);
/* output is written: zeros unless SUCCESS. */
frmp_word frmp_rmpread(frmp_table table, frmp_cpu cpu, uint64_t rax, uint64_t output[2]);
frmp_word frmp_rmpopt(frmp_table table, frmp_cpu cpu, frmp_core core, uint64_t rax, uint64_t rcx);

/* A core's RMPOPT state, for use with one table; rmpopt_base is its MSR, any value. */
int32_t frmp_core_create(frmp_table table, uint64_t rmpopt_base, frmp_core *core);
/* WRMSR to RMPOPT_BASE: SUCCESS or #GP(0). */
frmp_word frmp_core_write_base(frmp_core core, frmp_cpu cpu, uint64_t value);

/* ---- The guest's instructions, on a page whose translation the caller knows ---- */

struct frmp_guest_page
{
    uint64_t gpa; /* of the byte, without the C-bit */
    uint64_t spa;
    uint32_t nested_size; /* enum frmp_page_size */
    uint32_t reserved;    /* 0 */
};

/* rcx: the size, 0 or 1, else FAIL_INPUT. rdx: 1 validates, 0 rescinds. exitinfo1: of a nested page fault, else 0. */
frmp_word frmp_pvalidate(frmp_table table, frmp_cpu cpu, const struct frmp_guest_page *page, uint64_t rcx, uint64_t rdx,
                         uint64_t *exitinfo1);
frmp_word frmp_rmpadjust(frmp_table table, frmp_cpu cpu, const struct frmp_guest_page *page, uint64_t rcx, uint64_t rdx,
                         uint64_t *exitinfo1);
/* rdx in: the target VMPL in [7:0]. rcx and rdx are written after SUCCESS alone. */
frmp_word frmp_rmpquery(frmp_table table, frmp_cpu cpu, const struct frmp_guest_page *page, uint64_t *rcx, uint64_t *rdx,
                        uint64_t *exitinfo1);

/* ---- Pages in use by a running guest, from VMRUN to #VMEXIT ---- */

int32_t frmp_mark_in_use(frmp_table table, uint64_t page);
int32_t frmp_unmark_in_use(frmp_table table, uint64_t page, uint32_t *was_marked);
int32_t frmp_is_in_use(frmp_table table, uint64_t page, uint32_t *is_in_use);
/* VMRUN's check of a page (enum frmp_vmrun_page); result is an enum frmp_vmrun_result. asid and gpa count for FRMP_VMRUN_SNP_VMSA. */
int32_t frmp_vmrun_check(frmp_table table, uint32_t kind, uint64_t page, uint32_t asid, uint64_t gpa, uint32_t *result);
/* The check and the mark in one step; frmp_unmark_in_use ends it. */
int32_t frmp_vmrun_enter(frmp_table table, uint32_t kind, uint64_t page, uint32_t asid, uint64_t gpa, uint32_t *result);

/* ---- Checks of accesses whose translation the caller knows ---- */

/* [31:0]: zero if the access may happen, else the #PF error code. [63:32]: the refusal of the call. mapping: enum frmp_page_size. */
uint64_t frmp_check_host(frmp_table table, uint32_t kind, uint64_t address, uint32_t mapping, uint32_t is_user);
/* The same for many addresses; one beyond bit 51 ends it, those before it are checked. */
int32_t frmp_check_host_array(frmp_table table, uint32_t kind, uint32_t mapping, uint32_t is_user, const uint64_t *addresses,
                              uint64_t count, uint32_t *codes);

struct frmp_guest_access
{
    uint32_t asid;
    uint8_t kind;  /* enum frmp_guest_access_kind */
    uint8_t vmpl;  /* 0 to 3 */
    uint8_t cpl;   /* 0 to 3 */
    uint8_t flags; /* 1: private, the effective C-bit; 2: a guest without SNP */
};

frmp_word frmp_check_guest(frmp_table table, const struct frmp_guest_access *access, const struct frmp_guest_page *page,
                           uint64_t *exitinfo1);
/* Zero if it passes, 1 if not; [63:32]: the refusal of the call. */
uint64_t frmp_check_device(frmp_table table, uint32_t kind, uint64_t address, uint32_t mapping);
uint64_t frmp_check_iommu_log(frmp_table table, uint64_t address);
uint64_t frmp_check_firmware_buffer(frmp_table table, uint64_t address);

/* ---- RAM ---- */

/* A piece of the caller's memory that holds a range of physical memory: whole pages, aligned to 4096. */
struct frmp_segment
{
    uint64_t start;
    uint64_t length;
    void *pointer;
};

/* At most 4096 segments, none overlapping another; the array itself is copied. */
int32_t frmp_memory_create(const struct frmp_segment *segments, uint64_t count, frmp_memory *memory);

/* ---- Walks. table 0: SNP is not enabled, nothing is checked. ---- */

/* Long mode with paging on. */
struct frmp_paging_registers
{
    uint32_t size;              /* sizeof(struct frmp_paging_registers) */
    uint32_t encryption_bit;    /* position of the C-bit, 32 to 51; 0 without memory encryption */
    uint32_t address_reduction; /* by how many bits it narrows addresses */
    uint32_t reserved;          /* 0 */
    uint64_t cr0;
    uint64_t cr3;
    uint64_t cr4;
    uint64_t efer;
    uint32_t pkru;
    uint32_t pkrs;
    struct frmp_processor processor;
    struct frmp_choices choices;
};

/* The state of walks, in the caller's memory: fill it anew when a register changes. Copy it freely. */
struct frmp_paging
{
    uint64_t opaque[32];
};

struct frmp_walk_result
{
    uint64_t address;    /* physical, if a page was found; else of the entry where the walk ended */
    uint8_t status;      /* enum frmp_walk_status */
    uint8_t level;       /* of the last entry looked at */
    uint8_t size;        /* enum frmp_page_size, if a page was found */
    uint8_t rights;      /* FRMP_RIGHTS_... of all levels together */
    uint32_t error_code; /* of #PF */
};

int32_t frmp_paging_init(struct frmp_paging *paging, const struct frmp_paging_registers *registers);
int32_t frmp_walk(frmp_memory memory, const struct frmp_paging *paging, frmp_table table, uint64_t address, uint32_t access,
                  struct frmp_walk_result *result);
/* addresses and results must not overlap. */
int32_t frmp_walk_array(frmp_memory memory, const struct frmp_paging *paging, frmp_table table, const uint64_t *addresses, uint64_t count,
                        uint32_t access, struct frmp_walk_result *results);

#define FRMP_NESTED_SNP_GUEST 1u
#define FRMP_NESTED_GMET 2u
#define FRMP_NESTED_VIRTUAL_TOM 4u

struct frmp_nested
{
    uint64_t opaque[64];
};

#define FRMP_NESTED_PRIVATE 1u
#define FRMP_NESTED_FINAL 2u /* the guest's own tables led to a page and allow the access */

struct frmp_nested_result
{
    uint64_t gpa;
    uint64_t address;
    uint64_t exitinfo1;
    uint64_t exitinfo2;
    uint32_t error_code;
    uint8_t status; /* enum frmp_nested_status */
    uint8_t size;
    uint8_t rights;
    uint8_t flags;
    uint8_t guest_status; /* enum frmp_walk_status */
    uint8_t guest_level;
    uint8_t guest_size;
    uint8_t guest_rights;
    uint8_t nested_status; /* enum frmp_walk_status */
    uint8_t nested_level;
    uint8_t nested_size;
    uint8_t nested_rights;
};

/* guest: the guest's own registers, CR3 guest physical. host: those at VMRUN, CR3 is nCR3; its choices count. */
int32_t frmp_nested_init(struct frmp_nested *nested, const struct frmp_paging_registers *guest, const struct frmp_paging_registers *host,
                         uint32_t flags, uint64_t virtual_tom);
int32_t frmp_nested_walk(frmp_memory memory, const struct frmp_nested *nested, frmp_table table, uint32_t asid, uint32_t vmpl,
                         uint64_t address, uint32_t access, struct frmp_nested_result *result);
int32_t frmp_nested_walk_array(frmp_memory memory, const struct frmp_nested *nested, frmp_table table, uint32_t asid, uint32_t vmpl,
                               const uint64_t *addresses, uint64_t count, uint32_t access, struct frmp_nested_result *results);

/* ---- Instructions from registers to registers, with the walks to their operands, which set Accessed and Dirty bits ---- */

struct frmp_instruction_registers
{
    uint64_t rax;
    uint64_t rcx;
    uint64_t rdx;
    uint64_t rflags;
};

struct frmp_instruction_result
{
    uint64_t exitinfo1; /* of a nested page fault, as exitinfo2 */
    uint64_t exitinfo2;
    uint64_t fault_address; /* CR2 after #PF and #VC */
    uint32_t error_code;    /* of #PF and #VC */
    uint8_t status;         /* enum frmp_instruction_status */
    uint8_t code;           /* EAX, if it completed */
    uint8_t is_contention;
    uint8_t reserved;
};

#define FRMP_EXECUTE_RMPUPDATE 0u
#define FRMP_EXECUTE_PSMASH 1u
#define FRMP_EXECUTE_RMPREAD 2u
/* rcx of RMPUPDATE and RMPREAD: the virtual address of the 16 bytes. Registers are written if the instruction completed. */
int32_t frmp_execute_host(frmp_table table, frmp_memory memory, const struct frmp_paging *paging, frmp_cpu cpu, uint32_t instruction,
                          struct frmp_instruction_registers *registers, struct frmp_instruction_result *result);

#define FRMP_EXECUTE_PVALIDATE 0u
#define FRMP_EXECUTE_RMPADJUST 1u
#define FRMP_EXECUTE_RMPQUERY 2u
/* rax: the guest virtual address. */
int32_t frmp_execute_guest(frmp_table table, frmp_memory memory, const struct frmp_nested *nested, frmp_cpu cpu, uint32_t instruction,
                           struct frmp_instruction_registers *registers, struct frmp_instruction_result *result);

/* ---- Devices ---- */

#define FRMP_IOMMU_SNP 1u
#define FRMP_IOMMU_CONTROL 2u   /* control counts */
#define FRMP_IOMMU_FEATURES 4u  /* extended_features counts */
#define FRMP_IOMMU_FEATURES2 8u /* extended_features2 counts */

/* The registers of an IOMMU; of those that are not known every feature counts as there. */
struct frmp_iommu_config
{
    uint32_t size; /* sizeof(struct frmp_iommu_config) */
    uint32_t flags;
    uint64_t device_table_base;
    uint64_t control;
    uint64_t extended_features;
    uint64_t extended_features2;
    uint32_t encryption_bit; /* 32 to 51, or 0 */
    uint32_t reserved;       /* 0 */
    struct frmp_choices choices;
};

#define FRMP_DEVICE_WRITE 1u
#define FRMP_DEVICE_EXECUTE 2u
#define FRMP_DEVICE_PRIVILEGED 4u
#define FRMP_DEVICE_PASID 8u /* pasid counts */
#define FRMP_DEVICE_UPDATE (1u << 8)

struct frmp_device_request
{
    uint64_t address;
    uint32_t pasid;
    uint16_t device; /* bus, device, function */
    uint16_t flags;
};

struct frmp_iommu_result
{
    uint64_t address;
    uint8_t status; /* enum frmp_iommu_status */
    uint8_t level;
    uint8_t size_shift; /* of the page, 0 without one */
    uint8_t rights;     /* FRMP_DMA_... */
    uint8_t stage;      /* enum frmp_walk_stage */
    uint8_t cause;
    uint16_t reserved;
    uint64_t guest_address;
};

int32_t frmp_iommu_create(const struct frmp_iommu_config *config, frmp_iommu *iommu);
int32_t frmp_iommu_walk(frmp_iommu iommu, frmp_memory memory, frmp_table table, const struct frmp_device_request *request,
                        struct frmp_iommu_result *result);
int32_t frmp_iommu_walk_array(frmp_iommu iommu, frmp_memory memory, frmp_table table, const struct frmp_device_request *requests,
                              uint64_t count, struct frmp_iommu_result *results);

/* ---- What a table holds ---- */

/* The entry that holds the attributes of a page: its own, or the base entry of a 2 MiB page. */
struct frmp_lookup_result
{
    uint64_t low;
    uint64_t high;
    uint64_t gpa;
    uint32_t asid;
    uint32_t subpage_count;
    uint8_t state; /* enum frmp_page_state */
    uint8_t size;  /* enum frmp_page_size */
    uint8_t is_covered;
    uint8_t is_settled; /* 0: other threads were changing it each time */
    uint8_t assigned;
    uint8_t validated;
    uint8_t immutable;
    uint8_t vmsa;
    uint8_t lock;
    uint8_t permissions[4]; /* of VMPL 0 to 3 */
    uint8_t is_in_use_vmsa;
    uint16_t reserved;
};

int32_t frmp_lookup(frmp_table table, uint64_t address, struct frmp_lookup_result *answer);
/* The raw 16 bytes of a page's own entry. Written, no rule is tested and no counter moves. */
int32_t frmp_read_entry(frmp_table table, uint64_t address, uint64_t entry[2]);
int32_t frmp_write_entry(frmp_table table, uint64_t address, const uint64_t entry[2]);

struct frmp_owned_page
{
    uint64_t page;
    uint64_t low;
    uint64_t high;
    uint64_t size; /* enum frmp_page_size */
};

/* The pages of an ASID in the order of addresses. count is how many there are; the first capacity of them are written. */
int32_t frmp_pages_of(frmp_table table, uint32_t asid, struct frmp_owned_page *pages, uint64_t capacity, uint64_t *count);

/* Pages of 4 KiB. */
struct frmp_census_result
{
    uint64_t pages_in_state[FRMP_PAGE_STATES];
    uint64_t findings[FRMP_FINDINGS];
    uint64_t pages;
    uint64_t assigned;
    uint64_t counted; /* assigned ones as the base entries say */
    uint64_t large_pages; /* of 2 MiB */
    uint64_t vmsa_pages;
    uint64_t in_use_vmsa_pages;
    uint64_t is_consistent;
};

int32_t frmp_census(frmp_table table, struct frmp_census_result *answer);

#define FRMP_DECODE_RMP_ENTRY 0u
#define FRMP_DECODE_RMPUPDATE 1u
#define FRMP_DECODE_RMPREAD 2u
#define FRMP_DECODE_RMPADJUST 3u
#define FRMP_DECODE_PF_ERROR_CODE 4u
#define FRMP_DECODE_EXITINFO1 5u
#define FRMP_DECODE_PAGING_ENTRY 6u

/* A raw value in words, with a zero behind it, as far as there is room. length is what the whole text has. high counts for 16-byte
 * layouts. */
int32_t frmp_decode(uint32_t layout, uint64_t low, uint64_t high, char *buffer, uint64_t size, uint64_t *length);

/* ---- The check of a host's store, inline: for every store of an emulator ---- */

/* What the check needs. Filled once; valid while the table is. */
struct frmp_view
{
    const uint64_t *entries; /* of the page at address 0; null if the RMP is segmented */
    uint64_t pages;          /* covered */
    const uint64_t *in_use;  /* how many in-use marks there are [31:0], and how often that changed [63:32] */
    frmp_table table;
};

int32_t frmp_table_view(frmp_table table, struct frmp_view *view);

#if defined(__GNUC__) || defined(__clang__)
#define FRMP_LOAD(pointer) __atomic_load_n((pointer), __ATOMIC_ACQUIRE)
#define FRMP_LIKELY(condition) __builtin_expect(!!(condition), 1)
#else
#define FRMP_LOAD(pointer) (*(const volatile uint64_t *)(pointer))
#define FRMP_LIKELY(condition) (condition)
#endif

/* Whether the host may write through a mapping of a size (enum frmp_page_size): 1 or 0. One load of the entry between two of the number of
 * in-use marks, which tell that no page was in use at that moment; whatever they do not decide asks the library. Every size but 4 KiB is
 * checked as 2 MiB. An address beyond bit 51, or a view of a destroyed table, is 0. */
static inline int frmp_may_write(const struct frmp_view *view, uint64_t address, uint32_t mapping)
{
    uint64_t page = address >> FRMP_PAGE_SHIFT_4K;
    if (FRMP_LIKELY(page < view->pages))
    {
        uint64_t reach = FRMP_RMP_ENTRY_ASSIGNED;
        if (mapping != FRMP_PAGE_4K)
        {
            page &= ~FRMP_CAST(uint64_t, FRMP_PAGES_PER_REGION - 1);
            reach |= FRMP_RMP_ENTRY_SUBPAGE_COUNT;
        }

        uint64_t uses = FRMP_LOAD(view->in_use);
        uint64_t entry = FRMP_LOAD(view->entries + page * FRMP_WORDS_PER_ENTRY);
        if (FRMP_LIKELY((entry & reach) == 0 && FRMP_CAST(uint32_t, uses) == 0 && FRMP_LOAD(view->in_use) == uses)) return 1;
    }

    return frmp_check_host(view->table, FRMP_ACCESS_WRITE, address, mapping == FRMP_PAGE_4K ? FRMP_PAGE_4K : FRMP_PAGE_2M, 0) == 0;
}

#ifdef __cplusplus
}
#endif

#endif
