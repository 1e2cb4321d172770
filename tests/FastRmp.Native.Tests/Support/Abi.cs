using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using FastRmp.Iommu;
using FastRmp.Paging;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace FastRmp.Native.Tests.Support;

/// <summary>The functions of the header, by the published library.</summary>
internal static unsafe partial class Abi
{
    private const string Library = "fastrmp";

    static Abi() => NativeLibrary.SetDllImportResolver(typeof(Abi).Assembly, Resolve);

    /// <summary>Starts the library; skips the test if there is none.</summary>
    internal static void Start()
    {
        _ = Published.Folder;
        int code = Init(1);
        if (code != 0) throw new InvalidDataException($"frmp_init: {code}");
    }

    /// <summary>The text of the last refusal.</summary>
    internal static string LastText()
    {
        byte* buffer = stackalloc byte[512];
        _ = LastError(buffer, 512);
        return Marshal.PtrToStringUTF8((nint)buffer)!;
    }

    [LibraryImport(Library, EntryPoint = "frmp_abi_version")]
    internal static partial uint AbiVersion();

    [LibraryImport(Library, EntryPoint = "frmp_init")]
    internal static partial int Init(uint version);

    [LibraryImport(Library, EntryPoint = "frmp_last_error")]
    internal static partial nuint LastError(byte* buffer, nuint size);

    [LibraryImport(Library, EntryPoint = "frmp_destroy")]
    internal static partial int Destroy(ulong handle);

    [LibraryImport(Library, EntryPoint = "frmp_table_bytes")]
    internal static partial int TableBytes(TableConfig* config, ulong* bytes);

    [LibraryImport(Library, EntryPoint = "frmp_table_create")]
    internal static partial int TableCreate(TableConfig* config, void* storage, ulong bytes, ulong* table);

    [LibraryImport(Library, EntryPoint = "frmp_table_claim_own_pages")]
    internal static partial int ClaimOwnPages(ulong table);

    [LibraryImport(Library, EntryPoint = "frmp_table_view")]
    internal static partial int View(ulong table, TableView* view);

    [LibraryImport(Library, EntryPoint = "frmp_rmpupdate")]
    internal static partial ulong RmpUpdate(ulong table, ulong cpu, ulong rax, void* operand);

    [LibraryImport(Library, EntryPoint = "frmp_psmash")]
    internal static partial ulong PSmash(ulong table, ulong cpu, ulong rax);

    [LibraryImport(Library, EntryPoint = "frmp_rmpread")]
    internal static partial ulong RmpRead(ulong table, ulong cpu, ulong rax, ulong* output);

    [LibraryImport(Library, EntryPoint = "frmp_rmpopt")]
    internal static partial ulong RmpOpt(ulong table, ulong cpu, ulong core, ulong rax, ulong rcx);

    [LibraryImport(Library, EntryPoint = "frmp_core_create")]
    internal static partial int CoreCreate(ulong table, ulong register, ulong* core);

    [LibraryImport(Library, EntryPoint = "frmp_core_write_base")]
    internal static partial ulong CoreWriteBase(ulong core, ulong cpu, ulong value);

    [LibraryImport(Library, EntryPoint = "frmp_pvalidate")]
    internal static partial ulong PValidate(ulong table, ulong cpu, GuestPage* page, ulong rcx, ulong rdx, ulong* exitInfo1);

    [LibraryImport(Library, EntryPoint = "frmp_rmpadjust")]
    internal static partial ulong RmpAdjust(ulong table, ulong cpu, GuestPage* page, ulong rcx, ulong rdx, ulong* exitInfo1);

    [LibraryImport(Library, EntryPoint = "frmp_rmpquery")]
    internal static partial ulong RmpQuery(ulong table, ulong cpu, GuestPage* page, ulong* rcx, ulong* rdx, ulong* exitInfo1);

    [LibraryImport(Library, EntryPoint = "frmp_mark_in_use")]
    internal static partial int MarkInUse(ulong table, ulong page);

    [LibraryImport(Library, EntryPoint = "frmp_unmark_in_use")]
    internal static partial int UnmarkInUse(ulong table, ulong page, uint* wasMarked);

    [LibraryImport(Library, EntryPoint = "frmp_is_in_use")]
    internal static partial int IsInUse(ulong table, ulong page, uint* isInUse);

    [LibraryImport(Library, EntryPoint = "frmp_vmrun_check")]
    internal static partial int VmRunCheck(ulong table, uint kind, ulong page, uint asid, ulong gpa, uint* result);

    [LibraryImport(Library, EntryPoint = "frmp_vmrun_enter")]
    internal static partial int VmRunEnter(ulong table, uint kind, ulong page, uint asid, ulong gpa, uint* result);

    [LibraryImport(Library, EntryPoint = "frmp_check_host")]
    internal static partial ulong CheckHost(ulong table, uint kind, ulong address, uint mapping, uint isUser);

    [LibraryImport(Library, EntryPoint = "frmp_check_host_array")]
    internal static partial int CheckHostArray(
        ulong table, uint kind, uint mapping, uint isUser, ulong* addresses, ulong count, uint* codes);

    [LibraryImport(Library, EntryPoint = "frmp_check_guest")]
    internal static partial ulong CheckGuest(ulong table, GuestAccessWords* access, GuestPage* page, ulong* exitInfo1);

    [LibraryImport(Library, EntryPoint = "frmp_check_device")]
    internal static partial ulong CheckDevice(ulong table, uint kind, ulong address, uint mapping);

    [LibraryImport(Library, EntryPoint = "frmp_check_iommu_log")]
    internal static partial ulong CheckIommuLog(ulong table, ulong address);

    [LibraryImport(Library, EntryPoint = "frmp_check_firmware_buffer")]
    internal static partial ulong CheckFirmwareBuffer(ulong table, ulong address);

    [LibraryImport(Library, EntryPoint = "frmp_memory_create")]
    internal static partial int MemoryCreate(MemoryPiece* segments, ulong count, ulong* memory);

    [LibraryImport(Library, EntryPoint = "frmp_paging_init")]
    internal static partial int PagingInit(void* paging, PagingRegisters* registers);

    [LibraryImport(Library, EntryPoint = "frmp_walk")]
    internal static partial int Walk(ulong memory, void* paging, ulong table, ulong address, uint access, WalkResult* result);

    [LibraryImport(Library, EntryPoint = "frmp_walk_array")]
    internal static partial int WalkArray(
        ulong memory, void* paging, ulong table, ulong* addresses, ulong count, uint access, WalkResult* results);

    [LibraryImport(Library, EntryPoint = "frmp_nested_init")]
    internal static partial int NestedInit(void* nested, PagingRegisters* guest, PagingRegisters* host, uint flags, ulong virtualTom);

    [LibraryImport(Library, EntryPoint = "frmp_nested_walk")]
    internal static partial int NestedWalk(
        ulong memory, void* nested, ulong table, uint asid, uint vmpl, ulong address, uint access, NestedOutcome* result);

    [LibraryImport(Library, EntryPoint = "frmp_nested_walk_array")]
    internal static partial int NestedWalkArray(
        ulong memory, void* nested, ulong table, uint asid, uint vmpl, ulong* addresses, ulong count, uint access, NestedOutcome* results);

    [LibraryImport(Library, EntryPoint = "frmp_execute_host")]
    internal static partial int ExecuteHost(
        ulong table, ulong memory, void* paging, ulong cpu, uint instruction, RegisterWords* registers, InstructionOutcome* result);

    [LibraryImport(Library, EntryPoint = "frmp_execute_guest")]
    internal static partial int ExecuteGuest(
        ulong table, ulong memory, void* nested, ulong cpu, uint instruction, RegisterWords* registers, InstructionOutcome* result);

    [LibraryImport(Library, EntryPoint = "frmp_iommu_create")]
    internal static partial int IommuCreate(IommuConfig* config, ulong* iommu);

    [LibraryImport(Library, EntryPoint = "frmp_iommu_walk")]
    internal static partial int IommuWalk(ulong iommu, ulong memory, ulong table, DeviceRequest* request, IommuWalkResult* result);

    [LibraryImport(Library, EntryPoint = "frmp_iommu_walk_array")]
    internal static partial int IommuWalkArray(
        ulong iommu, ulong memory, ulong table, DeviceRequest* requests, ulong count, IommuWalkResult* results);

    [LibraryImport(Library, EntryPoint = "frmp_lookup")]
    internal static partial int Lookup(ulong table, ulong address, LookupAnswer* answer);

    [LibraryImport(Library, EntryPoint = "frmp_read_entry")]
    internal static partial int ReadEntry(ulong table, ulong address, ulong* entry);

    [LibraryImport(Library, EntryPoint = "frmp_write_entry")]
    internal static partial int WriteEntry(ulong table, ulong address, ulong* entry);

    [LibraryImport(Library, EntryPoint = "frmp_pages_of")]
    internal static partial int PagesOf(ulong table, uint asid, OwnedPageWords* pages, ulong capacity, ulong* count);

    [LibraryImport(Library, EntryPoint = "frmp_census")]
    internal static partial int Census(ulong table, CensusAnswer* answer);

    [LibraryImport(Library, EntryPoint = "frmp_decode")]
    internal static partial int Decode(uint layout, ulong low, ulong high, byte* buffer, ulong size, ulong* length);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) =>
        name == Library ? NativeLibrary.Load(Published.Library) : 0;
}
