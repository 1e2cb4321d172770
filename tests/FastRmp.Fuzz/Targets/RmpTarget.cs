using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FastRmp.Images;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>A host's image: its log, its variables and its segment table say where the RMP is; then its entries and the direct
/// map.</summary>
internal sealed class RmpTarget : FuzzTarget
{
    private const int MostPieces = 64;
    private const int MostFindings = 4096;

    private static readonly KernelSymbols Symbols =
        KernelSymbols.Read(new MemoryStream(Encoding.ASCII.GetBytes(HostKernel.SystemMap)), "map");

    internal override string Name => "rmp";

    internal override int OrdinaryRounds => 2_000;

    internal override int Head => 0xD000; // all but the entries

    internal override bool Read(byte[] input)
    {
        try
        {
            using MemoryImage image = MemoryImage.Read(ImageFile.Read(new MemoryStream(input), "in"));
            bool any = Look(input, image, RmpFinder.TryFind(image, null, out RmpLocation found, out _), found);
            any |= Look(input, image, RmpFinder.TryFind(image, Symbols, out found, out _), found);
            PhysicalAddress table = PhysicalAddress.Create(HostKernel.SegmentTable);
            return any | Look(
                input, image, RmpFinder.TryReadSegments(image, table, HostKernel.Configuration, null, out found, out _), found);
        }
        catch (MalformedInputException refusal)
        {
            if (!refusal.Message.StartsWith("in", StringComparison.Ordinal)) throw;
            return false;
        }
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        yield return new HostKernel(logBits: 12).Log(HostKernel.SegmentedLog).Build();
        yield return new HostKernel(logBits: 12).Log(HostKernel.ContiguousLog).Build();
        HostKernel host = new(logBits: 12);
        ((ulong[])[0x200_0000, 0x5000, HostKernel.Configuration]).CopyTo(host.Variables, 0);
        yield return host.Build();
    }

    private static bool Look(byte[] input, MemoryImage image, bool isFound, RmpLocation location)
    {
        if (!isFound) return false;
        using RmpImage rmp = RmpImage.In(MemoryImage.Read(ImageFile.Read(new MemoryStream(input), "in")), location.Geometry);
        RmpEntryReader reader = rmp.Entries();
        RmpCensus census = new();
        for (int count = 0; count < MostPieces && reader.TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries); count++)
        {
            census.Add(start, entries);
        }

        if (census.Pages + reader.AbsentPages > location.Geometry.CoveredPages) throw new FuzzFailure("more pages than are covered");
        _ = rmp.TryReadCounters(new ulong[ContiguousGeometry.AsidCounters]);
        if (!DirectMapFinder.TryFind(
            image.Memory.View(), image.Processor(0).PagingState, image.VmCoreInfo, out DirectMapLocation map))
        {
            return true;
        }

        DirectMapRmpCheck check = new(image, map, rmp);
        for (int count = 0; count < MostFindings && check.MoveNext(); count++)
        {
            if (check.Current.AssignedPages is < 0 or > 511) throw new FuzzFailure($"{check.Current}");
        }

        return true;
    }
}
