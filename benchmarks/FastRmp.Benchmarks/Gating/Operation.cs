using System;
using System.Collections.Generic;
using System.Linq;

namespace FastRmp.Benchmarks.Gating;

/// <summary>One measured operation: the library's row, the C row that it is compared with, and rows beside them.</summary>
/// <param name="Group">What it belongs to in the table.</param>
/// <param name="Title">What the table calls it.</param>
/// <param name="Class">The benchmark class.</param>
/// <param name="Parameters">The parameters as BenchmarkDotNet prints them after the method; empty if there are none.</param>
/// <param name="Reference">The method with the C row of the same algorithm.</param>
/// <param name="Others">Methods that only the table measures, for comparison.</param>
/// <param name="Gates">Whether the gate runs it.</param>
/// <param name="Bytes">How much memory one operation reads from end to end; 0 if that is not the point of it.</param>
internal sealed record Operation(
    string Group, string Title, string Class, string Parameters, string Reference, string[] Others, bool Gates, long Bytes = 0)
{
    /// <summary>The name of the library's method in every class.</summary>
    internal const string Library = "FastRmp";

    private const string Namespace = "FastRmp.Benchmarks.";
    private const string Walks = "walks";
    private const string Images = "memory images";
    private const string HostInstructions = "the host's instructions";
    private const string GuestInstructions = "a guest's instructions";
    private const string Checks = "access checks";
    private const string Scans = "scans of the Assigned bits";
    private const string DirectMap = "direct map";
    private const string States = "page states";
    private const int EntryBytes = 16;

    /// <summary>All operations, in the order of the table.</summary>
    internal static IReadOnlyList<Operation> All { get; } =
    [
        C(Walks, "4-level walk, each needs the one before", "WalkDependent"),
        C(Walks, "4-level walks, independent", "WalkIndependent"),
        C(Walks, "walk + RMP check, each needs the one before", "WalkCheckedDependent"),
        C(Walks, "walks + RMP check, independent", "WalkCheckedIndependent"),
        Batch("batch of walks over 512 MiB of page tables, 16 interleaved in C", "WalkBatch", "CInterleaved"),
        // not gated: each takes half a minute to set up, and the second one's ratio differs threefold from run to run
        Batch("batch of nested 4x4 walks over 512 MiB of page tables, read ahead", "NestedWalkBatch", "CAhead") with { Gates = false },
        Batch("batch of IOMMU walks over 512 MiB of page tables, 3 levels, read ahead", "IommuWalkBatch", "CAhead") with { Gates = false },
        C(Walks, "a mapping of a 4 GiB direct map in 4K, enumerated", "EnumerateDirectMap"),
        C(Walks, "IOMMU walk, 3 levels", "IommuWalk", "(Levels: 3)"),
        C(Walks, "IOMMU walk, 4 levels", "IommuWalk", "(Levels: 4)"),
        C(Walks, "IOMMU walk + RMP check, 3 levels", "IommuWalkChecked", "(Levels: 3)"),
        C(Walks, "IOMMU walk + RMP check, 4 levels", "IommuWalkChecked", "(Levels: 4)"),
        C(Walks, "IOMMU walk of a PASID's tables, 4 levels", "IommuGuestWalk", "(HostLevels: 0)"),
        C(Walks, "IOMMU walk of a PASID's tables, 4 levels over 3 of the host", "IommuGuestWalk", "(HostLevels: 3)"),
        // the next has all of it
        C(
            Walks, "IOMMU walk of a PASID's tables + RMP checks, 4 levels", "IommuGuestWalkChecked",
            "(HostLevels: 0)") with { Gates = false },
        C(Walks, "IOMMU walk of a PASID's tables + RMP checks, 4 levels over 3 of the host", "IommuGuestWalkChecked", "(HostLevels: 3)"),
        C(Walks, "nested 4x4 walk, each needs the one before", "NestedWalkDependent", "(Checked: False)"),
        C(Walks, "nested 4x4 walks, independent", "NestedWalkIndependent", "(Checked: False)"),
        C(Walks, "nested 4x4 walk + SNP checks, each needs the one before", "NestedWalkDependent", "(Checked: True)"),
        C(Walks, "nested 4x4 walks + SNP checks, independent", "NestedWalkIndependent", "(Checked: True)"),
        Atomics("RMPUPDATE 4K, assign + release", "RmpUpdate4K", ["CPlain"]),
        Atomics("RMPUPDATE 4K, assign + release, segmented RMP", "RmpUpdateSegmented", []),
        Atomics(
            "RMPUPDATE 4K, geometry chosen at run time: contiguous", "RmpUpdateChosen", ["Typed"]) with { Parameters = "(Segmented: False)",
            Gates = false },
        Atomics(
            "RMPUPDATE 4K, geometry chosen at run time: segmented", "RmpUpdateChosen", ["Typed"]) with { Parameters = "(Segmented: True)",
            Gates = false },
        Atomics("RMPUPDATE 4K from the registers, with the walk to its operand", "RmpUpdateRegisters", []),
        Atomics("RMPUPDATE 2M, assign + release", "RmpUpdate2M", ["CPlain"]),
        Atomics("RMPUPDATE 2M, release", "RmpRelease2M", ["CPlain", "CopyBack"]) with { AwaitsRecord = true },
        // not gated: it depends on what else the machine runs
        Atomics("RMPUPDATE 4K, two threads in the same 64 regions", "RmpUpdateContention", []) with { Gates = false },
        C(HostInstructions, "PSMASH", "PSmash") with { Others = ["CPlain", "CopyBack"] },
        C(
            HostInstructions, "SNP_PAGE_UNSMASH by firmware", "PageUnsmash") with { Others = ["CPlain", "CopyBack"],
            AwaitsRecord = true },
        C(HostInstructions, "RMPREAD", "RmpRead"),
        C(
            HostInstructions, "RMPOPT, verify 1 GiB (4 MiB of entries)", "RmpOpt",
            "(Function: VerifyAndReport)") with { Bytes = 262_144 * EntryBytes },
        C(HostInstructions, "RMPOPT, report", "RmpOpt", "(Function: Report)"),
        C(GuestInstructions, "PVALIDATE 4K, validate + rescind", "PValidate", "(Size: Size4K)"),
        C(GuestInstructions, "PVALIDATE 2M, validate + rescind", "PValidate", "(Size: Size2M)"),
        C(GuestInstructions, "RMPADJUST 4K, grant + take back", "RmpAdjust"),
        C(GuestInstructions, "RMPQUERY", "RmpQuery"),
        C(GuestInstructions, "PVALIDATE 4K from a guest virtual address, rescind + validate", "PValidateAddress"),
        C(GuestInstructions, "RMPADJUST 4K from a guest virtual address, grant + take back", "RmpAdjustAddress"),
        C(GuestInstructions, "RMPQUERY from a guest virtual address", "RmpQueryAddress"),
        C(Checks, "guest's private read", "GuestCheck", "(Kind: Read)"),
        C(Checks, "guest's private write", "GuestCheck", "(Kind: Write)"),
        C(Checks, "host's write, 1024 random pages", "HostWriteCheck", "(Pages: 1024)"),
        C(Checks, "host's write, 65,536 random pages of 16 GiB", "HostWriteCheck", "(Pages: 65536)"),
        Entries(Checks, "host's writes, a batch over 64 MiB of entries", "(Of: HostWrite)"),
        Stores("a store through a translation cache, all found", "(Entries: 1024)"),
        Stores("a store through one, a third or more found in its two levels", "(Entries: 64)"),
        Stores("a store through one, hardly any found", "(Entries: 16)"),
        C(States, "state of a random page", "PageStateOf"),
        Entries(States, "states of random pages, a batch over 64 MiB of entries", "(Of: State)"),
        Census("census of 64 MiB of entries, free memory", "(Table: Free)"),
        Census("census of 64 MiB of entries, a busy host", "(Table: Mixed)"),
        C(States, "pages of one guest among 64 MiB of entries", "PagesOfOwner") with
        {
            Bytes = 4_194_304L * EntryBytes,
        },
        C(Images, "a mapping of a kernel's 66 GiB in a mapped ELF core, enumerated", "EnumerateImage"),
        Image("translation in a mapped ELF core, consecutive pages", "(Of: CoreConsecutive)"),
        Image("translation in a mapped ELF core, random pages of 64 MiB", "(Of: CoreRandom)"),
        C(Images, "the same through a paging-structure cache, by walks from the root in C", "ImageWalkCached"),
        Image("translation in a kdump, random pages of 64 MiB", "(Of: KdumpRandom)"),
        C(DirectMap, "split 2M to 4K + rejoin", "SplitRejoin"),
        Scan("any of 512 assigned", "ScanAny", 512),
        Scan("any of 65,536 (1 MiB)", "ScanAny", 65_536),
        Scan("any of 4,194,304 (64 MiB)", "ScanAny", 4_194_304),
        Scan("count of 512 assigned", "ScanCount", 512),
        Scan("count of 65,536 (1 MiB)", "ScanCount", 65_536),
        Scan("count of 4,194,304 (64 MiB)", "ScanCount", 4_194_304),
    ];

    /// <summary>What the gate runs.</summary>
    /// <param name="operations">Of these.</param>
    /// <param name="baseline">The recorded ratios.</param>
    internal static IEnumerable<Operation> Gating(IEnumerable<Operation> operations, Baseline baseline) => operations.Where(
        operation => operation.Gates && (!operation.AwaitsRecord || baseline.Has(operation.Name)));

    /// <summary>Those that have any of some parts in their names; all if there are no parts.</summary>
    /// <param name="operations">Of these.</param>
    /// <param name="parts">The parts, in upper or lower case.</param>
    /// <exception cref="FormatException">None has one of the parts.</exception>
    internal static List<Operation> Named(IEnumerable<Operation> operations, IReadOnlyCollection<string> parts)
    {
        List<Operation> all = [.. operations];
        string? unknown = parts.FirstOrDefault(part => !all.Exists(operation => operation.Has(part)));
        if (unknown is not null) throw new FormatException($"no row has '{unknown}' in its name");
        return parts.Count == 0 ? all : all.FindAll(operation => parts.Any(operation.Has));
    }

    /// <summary>The name by which baseline.json knows it.</summary>
    internal string Name => Class + Parameters + Against;

    /// <summary>Whether the gate runs it only from when some machine has a ratio of it: for a row that is new.</summary>
    internal bool AwaitsRecord { get; init; }

    /// <summary>The name of the recorded ratio that bounds it.</summary>
    internal string RecordedName => RecordedAs ?? Name;

    /// <summary>The operation whose recorded ratio bounds it; null for its own.</summary>
    internal string? RecordedAs { get; init; }

    /// <summary>What tells it from another operation of the same class and another C row; empty nearly always.</summary>
    internal string Against { get; init; } = string.Empty;

    /// <summary>The full name of the class.</summary>
    internal string TypeName => Namespace + Class;

    /// <summary>The library's row.</summary>
    internal string Measured => RowOf(Library);

    /// <summary>The C row.</summary>
    internal string Compared => RowOf(Reference);

    /// <summary>The full name of a row, as the reports have it.</summary>
    internal string RowOf(string method) => TypeName + "." + method + Parameters;

    /// <summary>The rows of a ratio: all that the gate needs.</summary>
    internal IEnumerable<string> GatingRows() => [Measured, Compared];

    /// <summary>Every row of the table.</summary>
    internal IEnumerable<string> Rows()
    {
        yield return Measured;
        yield return Compared;
        foreach (string other in Others)
        {
            yield return RowOf(other);
        }
    }

    private bool Has(string part) => Name.Contains(part, StringComparison.OrdinalIgnoreCase);

    private static Operation C(string group, string title, string type, string parameters = "") =>
        new(group, title, type, parameters, "C", [], Gates: true);

    private static Operation Atomics(string title, string type, string[] others) =>
        new(HostInstructions, title, type, string.Empty, "CAtomics", others, Gates: true);

    private static Operation Census(string title, string parameters) => C(States, title, "Census", parameters) with
    {
        Others = ["MemoryRead"],
        Bytes = 4_194_304L * EntryBytes,
    };

    // single walks in C are for comparison: how much they wait for memory differs from run to run
    private static Operation Batch(string title, string type, string reference) =>
        new(Walks, title, type, string.Empty, reference, ["C"], Gates: true) { Against = "/" + reference };

    private static Operation Entries(string group, string title, string parameters) => C(group, title, "EntryBatch", parameters) with
    {
        Others = ["OneByOne"],
        AwaitsRecord = true,
    };

    private static Operation Stores(string title, string parameters) => C(Checks, title, "CheckedStore", parameters) with
    {
        Others = ["CArray", "Unchecked"],
        AwaitsRecord = true,
    };

    private static Operation Image(string title, string parameters) => C(Images, title, "ImageWalk", parameters) with
    {
        Others = ["Processor"],
    };

    private static Operation Scan(string title, string type, int entries) =>
        new(Scans, title, type, $"(Entries: {entries})", "C", ["Scalar", "CPlainLoop"], Gates: entries == 512, entries * EntryBytes);
}
