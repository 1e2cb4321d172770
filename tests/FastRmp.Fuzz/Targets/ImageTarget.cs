using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images;
using FastRmp.Images.Tests.Formats;
using FastRmp.Images.Tests.Support;
using FastRmp.Paging;

namespace FastRmp.Fuzz.Targets;

/// <summary>A format of memory images: opened, looked through, walked.</summary>
internal sealed class ImageTarget(string kind, int rounds, int head) : FuzzTarget
{
    private const int MostRanges = 8;
    private const int MostProcessors = 3;
    private const int MostMappings = 64;

    internal override string Name => "image-" + kind;

    internal override int OrdinaryRounds => rounds;

    internal override int Head => head;

    internal override bool Read(byte[] input)
    {
        MemoryImageOptions options = new()
        {
            MaxUnpackedBytes = 64 << 20,
            Ram = kind == "raw" && RamLayout.TryParse("1000-4fff,8000-8fff", out RamLayout? ram) ? ram : null,
        };
        try
        {
            using MemoryStream stream = new(input);
            using MemoryImage image = MemoryImage.Read(ImageFile.Read(stream, "in", options.MaxUnpackedBytes), options);
            Look(image);
            return true;
        }
        catch (MalformedInputException refusal)
        {
            if (!refusal.Message.StartsWith("in", StringComparison.Ordinal)) throw;
            return false;
        }
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        string reports = "reports/27-lime-avml-kdump-formats/";
        switch (kind)
        {
            case "elf":
                yield return SmallImages.Of("excluded");
                yield return new CoreBuilder().Note("VMCOREINFO", 0, Fixture.Bytes("images/oracle/vmcoreinfo-note.txt"))
                    .Cpu(0x1000).Load(0x1000, Tables()).Build();
                yield return new CoreBuilder().Load(0x1000, Fixture.Bytes("images/oracle/vmcoreinfo-note.txt")).Build();
                yield return Fixture.Gunzipped("reports/09-pte-inverted-hwpoison/image.core.gz");
                yield return Fixture.Gunzipped("reports/25-kdump-vmcore-text-segment/image.core.gz");
                break;
            case "kdump":
                yield return SmallImages.Of(kind);
                yield return Fixture.Bytes(reports + "vmcore.kdump");
                break;
            case "flattened":
                yield return SmallImages.Of(kind);
                yield return SmallImages.Of("flattened elf");
                yield return Fixture.Bytes(reports + "vmcore.flat");
                break;
            case "lime":
                yield return SmallImages.Of(kind);
                yield return Fixture.Gunzipped(reports + "mem.lime.gz");
                break;
            case "avml":
                yield return SmallImages.Of(kind);
                yield return Fixture.Bytes(reports + "mem.avml");
                break;
            case "packed":
                yield return SmallImages.Of("zstd");
                yield return Fixture.Gzipped(SmallImages.Of("kdump"));
                yield return Fixture.Bytes(reports + "mem.rawcat.gz");
                break;
            default:
                yield return SmallImages.Of(kind);
                break;
        }
    }

    // A root whose tables map it, and themselves, so that walks find something.
    private static byte[] Tables()
    {
        byte[] tables = new byte[4 * 4096];
        for (int level = 0; level < 4; level++)
        {
            ulong next = (ulong)(Math.Min(level + 2, 4) * 4096) | 0x63;
            BitConverter.TryWriteBytes(tables.AsSpan(level * 4096), next);
            BitConverter.TryWriteBytes(tables.AsSpan((level * 4096) + 8), next | (1UL << 63));
            BitConverter.TryWriteBytes(tables.AsSpan((level * 4096) + 4088), next);
        }

        return tables;
    }

    /// <summary>Looks at what an image has, in every way that does not depend on its format.</summary>
    internal static void Look(MemoryImage image)
    {
        Span<byte> bytes = stackalloc byte[256];
        ImageMemoryView view = image.Memory.View();
        ulong at = 0;
        for (int count = 0; count < MostRanges && PhysicalAddress.TryCreate(at, out PhysicalAddress from); count++)
        {
            if (!image.Memory.TryNextRange(from, out PhysicalRange range)) break;
            if (range.Start < from || range.Length == 0 || range.End > 1UL << 52) throw new FuzzFailure($"range {range}");
            _ = view.TryRead(PhysicalAddress.Truncate(range.Start.Value & ~7UL), out _);
            _ = image.Memory.Read(range.Start, bytes);
            _ = view.TryRead(PhysicalAddress.Truncate((range.End - 1) & ~7UL), out _);
            _ = image.Memory.StatusOf(PhysicalAddress.Truncate(range.End - 1));
            at = range.End;
        }

        _ = image.Memory.TryNextKnownRange(default, out _);
        _ = image.Memory.Count();
        _ = image.Description.ToString();
        foreach (InputProblem problem in image.Problems.First)
        {
            _ = problem.ToString();
        }

        if (image.FindVmCoreInfo() is { } notes) _ = KernelNotes.TryGetRoot(notes, out _, out _);
        _ = RmpFinder.TryFind(image, symbols: null, out _, out _);
        for (int number = 0; number < Math.Min(image.Cpus.Length + 1, MostProcessors); number++)
        {
            if (number < Math.Max(image.Cpus.Length, 1)) Walk(image, number);
        }
    }

    private static void Walk(MemoryImage image, int number)
    {
        ImageProcessor processor;
        try
        {
            processor = image.Processor(number);
        }
        catch (MalformedInputException)
        {
            return; // paging is off, or there is no root
        }

        foreach (ulong address in (ReadOnlySpan<ulong>)[0, 0x1000, 0x7FFF_FFFF_F000, 0xFFFF_8880_0000_0000, 0xFFFF_FFFF_8100_0000])
        {
            _ = processor.Translate(new VirtualAddress(address), MemoryAccess.KernelRead);
        }

        MappingEnumerator<ImageMemoryView> mappings = new(image.Memory.View(), processor.PagingState);
        for (int count = 0; count < MostMappings && mappings.MoveNext(); count++)
        {
            _ = mappings.Current.Address;
        }
    }
}
