using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace FastRmp.Benchmarks.Native;

/// <summary>The C baselines. Each function runs its whole loop in one call and returns a sum of all results.</summary>
internal static unsafe partial class NativeBaselines
{
    private const string Library = "fastrmp_bench";
    private const string FileName = "libfastrmp_bench.so";

    static NativeBaselines() => NativeLibrary.SetDllImportResolver(typeof(NativeBaselines).Assembly, Resolve);

    /// <summary>The version of the compiler that built them.</summary>
    internal static string Compiler => Marshal.PtrToStringUTF8((nint)CompilerVersion()) ?? string.Empty;

    [LibraryImport(Library, EntryPoint = "scan_any")]
    internal static partial ulong ScanAny(ulong* words, ulong entries, ulong iterations);

    [LibraryImport(Library, EntryPoint = "scan_count")]
    internal static partial ulong ScanCount(ulong* words, ulong entries, ulong iterations);

    [LibraryImport(Library, EntryPoint = "scan_any_simple")]
    internal static partial ulong ScanAnySimple(ulong* words, ulong entries, ulong iterations);

    [LibraryImport(Library, EntryPoint = "scan_count_simple")]
    internal static partial ulong ScanCountSimple(ulong* words, ulong entries, ulong iterations);

    [LibraryImport(Library, EntryPoint = "scan_owner")]
    internal static partial ulong ScanOwner(ulong* words, ulong entries, ulong asid);

    [LibraryImport(Library, EntryPoint = "trace_lines", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ulong TraceLines(string path);

    [LibraryImport(Library, EntryPoint = "trace_units", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ulong TraceUnits(string path);

    [LibraryImport(Library, EntryPoint = "rmpupdate_atomic")]
    internal static partial ulong RmpUpdateAtomic(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* assign, void* release, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmpupdate_counted")]
    internal static partial ulong RmpUpdateCounted(NativeRmpTable* table, ulong asid);

    [LibraryImport(Library, EntryPoint = "rmpupdate_plain")]
    internal static partial ulong RmpUpdatePlain(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* assign, void* release, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmpupdate_segmented")]
    internal static partial ulong RmpUpdateSegmented(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* assign, void* release, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmpupdate_registers")]
    internal static partial ulong RmpUpdateRegisters(
        NativeWalkMemory* memory, NativeWalkState* state, NativeRmpTable* table, NativeProcessor* processor, ulong* pages, ulong assign,
        ulong release, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmpupdate_release")]
    internal static partial ulong RmpUpdateRelease(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* release, void* region, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmpupdate_release_plain")]
    internal static partial ulong RmpUpdateReleasePlain(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* release, void* region, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_unsmash")]
    internal static partial ulong Unsmash(NativeRmpTable* table, ulong* pages, void* region, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_unsmash_plain")]
    internal static partial ulong UnsmashPlain(NativeRmpTable* table, ulong* pages, void* region, ulong iterations);

    [LibraryImport(Library, EntryPoint = "scale_retried")]
    internal static partial ulong ScaleRetried(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* assign, void* release, ulong iterations);

    [LibraryImport(Library, EntryPoint = "scale_checks")]
    internal static partial ulong ScaleChecks(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* assign, void* release, ulong iterations, ulong* others,
        ulong checks);

    [LibraryImport(Library, EntryPoint = "scale_reads")]
    internal static partial ulong ScaleReads(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* assign, void* release, ulong iterations, ulong* others,
        ulong reads);

    [LibraryImport(Library, EntryPoint = "rmp_psmash")]
    internal static partial ulong PSmash(NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* region, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_psmash_plain")]
    internal static partial ulong PSmashPlain(
        NativeRmpTable* table, NativeProcessor* processor, ulong* pages, void* region, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_restore")]
    internal static partial ulong Restore(NativeRmpTable* table, ulong* pages, void* region, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_rmpread")]
    internal static partial ulong RmpRead(NativeRmpTable* table, NativeProcessor* processor, ulong* pages, ulong iterations);

    [LibraryImport(Library, EntryPoint = "tlb_stores")]
    internal static partial ulong TlbStores(
        NativeTlb* tlb, NativeWalkMemory* memory, NativeWalkState* state, NativeRmpTable* table, ulong* addresses, ulong iterations,
        byte* ram);

    [LibraryImport(Library, EntryPoint = "tlb_array_stores")]
    internal static partial ulong TlbArrayStores(NativeTlb* tlb, ulong* addresses, ulong iterations, byte* ram);

    [LibraryImport(Library, EntryPoint = "rmp_host_check")]
    internal static partial ulong HostCheck(NativeRmpTable* table, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_host_check_ahead")]
    internal static partial ulong HostCheckAhead(NativeRmpTable* table, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_rmpopt_verify")]
    internal static partial ulong RmpOptVerify(
        NativeRmpTable* table, NativeProcessor* processor, NativeCore* core, ulong* pages, void* assign, void* release, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_rmpopt_report")]
    internal static partial ulong RmpOptReport(
        NativeRmpTable* table, NativeProcessor* processor, NativeCore* core, ulong* pages, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_pvalidate")]
    internal static partial ulong PValidate(
        NativeRmpTable* table, NativeProcessor* processor, NestedPage* pages, uint large, uint last, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_rmpadjust")]
    internal static partial ulong RmpAdjust(
        NativeRmpTable* table, NativeProcessor* processor, NestedPage* pages, ulong first, ulong last, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_rmpquery")]
    internal static partial ulong RmpQuery(
        NativeRmpTable* table, NativeProcessor* processor, NestedPage* pages, uint targetVmpl, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_pvalidate_at")]
    internal static partial ulong PValidateAt(
        NativeWalkMemory* memory, NativeNestedState* state, NativeRmpTable* table, NativeProcessor* processor, ulong* addresses, ulong size,
        ulong first, ulong last, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_rmpadjust_at")]
    internal static partial ulong RmpAdjustAt(
        NativeWalkMemory* memory, NativeNestedState* state, NativeRmpTable* table, NativeProcessor* processor, ulong* addresses, ulong size,
        ulong first, ulong last, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_rmpquery_at")]
    internal static partial ulong RmpQueryAt(
        NativeWalkMemory* memory, NativeNestedState* state, NativeRmpTable* table, NativeProcessor* processor, ulong* addresses,
        ulong targetVmpl, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_guest_check")]
    internal static partial ulong GuestCheck(NativeRmpTable* table, NativeGuestAccess* access, NestedPage* pages, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_census")]
    internal static partial ulong Census(NativeCensus* census, ulong* words, ulong entries);

    [LibraryImport(Library, EntryPoint = "rmp_page_states")]
    internal static partial ulong PageStates(NativeRmpTable* table, ulong* pages, ulong iterations);

    [LibraryImport(Library, EntryPoint = "rmp_page_states_ahead")]
    internal static partial ulong PageStatesAhead(NativeRmpTable* table, ulong* pages, ulong iterations);

    [LibraryImport(Library, EntryPoint = "memory_read")]
    internal static partial ulong MemoryRead(ulong* words, ulong count);

    [LibraryImport(Library, EntryPoint = "read_streams")]
    internal static partial ulong ReadStreams(ulong* words, ulong count, ulong which);

    [LibraryImport(Library, EntryPoint = "walk_independent")]
    internal static partial ulong WalkIndependent(NativeWalkMemory* memory, NativeWalkState* state, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "walk_dependent")]
    internal static partial ulong WalkDependent(
        NativeWalkMemory* memory, NativeWalkState* state, ulong* addresses, ulong iterations, ulong zero);

    [LibraryImport(Library, EntryPoint = "walk_checked_independent")]
    internal static partial ulong WalkCheckedIndependent(
        NativeWalkMemory* memory, NativeWalkState* state, NativeRmpTable* table, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "walk_checked_dependent")]
    internal static partial ulong WalkCheckedDependent(
        NativeWalkMemory* memory, NativeWalkState* state, NativeRmpTable* table, ulong* addresses, ulong iterations, ulong zero);

    [LibraryImport(Library, EntryPoint = "walk_batch")]
    internal static partial ulong WalkBatch(NativeWalkMemory* memory, NativeWalkState* state, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "enumerate_mappings")]
    internal static partial ulong EnumerateMappings(NativeWalkMemory* memory, NativeWalkState* state, ulong first, ulong last);

    [LibraryImport(Library, EntryPoint = "iommu_independent")]
    internal static partial ulong IommuIndependent(NativeWalkMemory* memory, NativeIommuState* state, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "iommu_batch")]
    internal static partial ulong IommuBatch(NativeWalkMemory* memory, NativeIommuState* state, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "iommu_walk")]
    internal static partial ulong IommuWalk(
        NativeWalkMemory* memory, NativeIommuState* state, ulong* addresses, ulong iterations, ulong zero);

    [LibraryImport(Library, EntryPoint = "iommu_walk_checked")]
    internal static partial ulong IommuWalkChecked(
        NativeWalkMemory* memory, NativeIommuState* state, NativeRmpTable* table, ulong* addresses, ulong iterations, ulong zero);

    [LibraryImport(Library, EntryPoint = "iommu_guest_walk")]
    internal static partial ulong IommuGuestWalk(
        NativeWalkMemory* memory, NativeIommuState* state, NativeRmpTable* table, uint pasid, uint write, ulong* addresses,
        ulong iterations, ulong zero);

    [LibraryImport(Library, EntryPoint = "nested_independent")]
    internal static partial ulong NestedIndependent(
        NativeWalkMemory* memory, NativeNestedState* state, NativeRmpTable* table, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "nested_dependent")]
    internal static partial ulong NestedDependent(
        NativeWalkMemory* memory, NativeNestedState* state, NativeRmpTable* table, ulong* addresses, ulong iterations, ulong zero);

    [LibraryImport(Library, EntryPoint = "nested_batch")]
    internal static partial ulong NestedBatch(NativeWalkMemory* memory, NativeNestedState* state, ulong* addresses, ulong iterations);

    [LibraryImport(Library, EntryPoint = "split_rejoin")]
    internal static partial ulong SplitRejoin(NativeDirectMap* map, ulong* pages, ulong iterations);

    [LibraryImport(Library, EntryPoint = "fastrmp_compiler")]
    private static partial byte* CompilerVersion();

    /// <summary>Beside the running program first, then where the build put it: BenchmarkDotNet's own program runs from another
    /// folder.</summary>
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library) return 0;
        string beside = Path.Combine(AppContext.BaseDirectory, FileName);
        if (NativeLibrary.TryLoad(beside, out nint handle)) return handle;
        string built = BuildFacts.NativeLibrary;
        if (NativeLibrary.TryLoad(built, out handle)) return handle;
        throw new DllNotFoundException(
            $"The C baselines are not built: {built} is missing. Building FastRmp.Benchmarks needs a C compiler named cc, or one given with -p:NativeCompiler=PATH.");
    }
}
