using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using FastRmp.Images;

namespace FastRmp.Cli.Info;

/// <summary>What there is to say of an image.</summary>
internal sealed record InfoReport(MemoryImage Image, ImageByteCounts Counts)
{
    private const int MaxRanges = 64;

    /// <summary>The ranges of memory that the machine had, as far as the image shows; the first of them if there are many.</summary>
    internal List<PhysicalRange> Ranges { get; } = [];

    /// <summary>How many ranges there are.</summary>
    internal long RangeCount { get; private set; }

    /// <summary>The kernel's reference tables; null if they are not known.</summary>
    internal PhysicalAddress? Root { get; private set; }

    /// <summary>Their levels.</summary>
    internal PagingMode Mode { get; private set; }

    /// <summary>The kernel's release; null if it is not known.</summary>
    internal string? Release { get; private set; }

    /// <summary>Where the direct map is; null if it was not found.</summary>
    internal DirectMapLocation? DirectMap { get; private set; }

    /// <summary>How far the kernel's image was moved in virtual memory.</summary>
    internal ulong? KernelOffset { get; private set; }

    /// <summary>How far it was moved in physical memory, modulo 2^64.</summary>
    internal ulong? PhysicalBase { get; private set; }

    /// <summary>The C-bit in its place; zero if the kernel uses none.</summary>
    internal ulong EncryptionMask { get; private set; }

    /// <summary>Where the RMP is, by the kernel's log in the image; null if the log is not there, or says nothing.</summary>
    internal RmpLocation? Rmp { get; private set; }

    /// <summary>What a reader may expect and will not find.</summary>
    internal List<string> Missing { get; } = [];

    /// <summary>Looks at an image.</summary>
    internal static InfoReport Of(MemoryImage image, CancellationToken cancellation)
    {
        InfoReport report = new(image, image.Memory.Count());
        report.ListRanges();
        report.AskKernel(cancellation);
        report.ListMissing();
        return report;
    }

    private void ListRanges()
    {
        ulong end = 0;
        while (PhysicalAddress.TryCreate(end, out PhysicalAddress at) && Image.Memory.TryNextKnownRange(at, out PhysicalRange range))
        {
            if (RangeCount++ < MaxRanges) Ranges.Add(range);
            end = range.End;
        }
    }

    private void AskKernel(CancellationToken cancellation)
    {
        VmCoreInfo? notes = Image.FindVmCoreInfo(cancellation);
        Release = Image.Description.KernelRelease ?? notes?.Release;
        if (notes is not null)
        {
            if (notes.TryGetKernelOffset(out ulong moved)) KernelOffset = moved;
            if (notes.TryGetNumber("phys_base", out long place)) PhysicalBase = (ulong)place;
            EncryptionMask = KernelNotes.EncryptionMask(notes);
        }

        if (KernelNotes.TryGetRoot(Image, out PhysicalAddress root, out PagingMode mode))
        {
            Root = root;
            Mode = mode;
        }

        if (Root is null && Image.Cpus.IsEmpty) return;
        try
        {
            Paging.PagingState state = Image.Processor(0).PagingState;
            if (DirectMapFinder.TryFind(
                Image.Memory.View(), state, notes, out DirectMapLocation location, cancellation: cancellation))
            {
                DirectMap = location;
            }

            if (RmpFinder.TryFind(Image, symbols: null, out RmpLocation rmp, out _, cancellation)) Rmp = rmp;
        }
        catch (MalformedInputException)
        {
            // Paging is off, or not in long mode: there is no kernel to ask.
        }
    }

    private void ListMissing()
    {
        ImageDescription description = Image.Description;
        if (Counts.Excluded != 0)
        {
            string level = description.DumpLevel is { } number
                ? string.Create(CultureInfo.InvariantCulture, $" by dump level {number}") : string.Empty;
            string kinds = Kinds(description.DumpLevel);
            Missing.Add(string.Create(
                CultureInfo.InvariantCulture, $"{Counts.Excluded >> 10} kB of memory that were excluded{level}{kinds}"));
        }

        if (Counts.Lost != 0)
        {
            Missing.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{Counts.Lost >> 10} kB of memory that are lost: the image was cut short, or a part of it is missing"));
        }

        if (Counts.Damaged != 0)
        {
            Missing.Add(string.Create(
                CultureInfo.InvariantCulture, $"{Counts.Damaged >> 10} kB of memory that are damaged, and not read"));
        }

        if (Image.Cpus.IsEmpty)
        {
            Missing.Add(description.Threads.Count == 0
                ? "the processors' registers" : "the processors' control registers (their general registers are there)");
        }

        if (Image.VmCoreInfo is null) Missing.Add("the kernel's notes (VMCOREINFO)");
        if (Root is null && Image.VmCoreInfo is not null) Missing.Add("the kernel's reference tables: its notes do not name them");
        Missing.Add("EFER and the SNP registers (SYSCFG, RMP_BASE, RMP_END, RMP_CFG): no format of memory images has them");
    }

    private static string Kinds(int? level)
    {
        if (level is not { } bits || bits == 0) return string.Empty;
        List<string> kinds = [];
        if ((bits & 1) != 0) kinds.Add("zero");
        if ((bits & 2) != 0) kinds.Add("cache");
        if ((bits & 4) != 0) kinds.Add("private cache");
        if ((bits & 8) != 0) kinds.Add("user");
        if ((bits & 16) != 0) kinds.Add("free");
        return $" ({string.Join(", ", kinds)} pages)";
    }
}
