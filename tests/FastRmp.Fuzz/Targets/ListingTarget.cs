using System.Collections.Generic;
using System.IO;
using System.Text;
using FastRmp.Images;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Listings of memory: /proc/iomem, and layouts of raw files.</summary>
internal sealed class ListingTarget : FuzzTarget
{
    internal override string Name => "iomem";

    internal override int OrdinaryRounds => 30_000;

    internal override bool Read(byte[] input)
    {
        _ = RamLayout.TryParse(Encoding.Latin1.GetString(input), out _);
        try
        {
            using MemoryStream stream = new(input);
            IomemListing listing = IomemListing.Read(stream, "in");
            _ = RamLayout.FromListing(listing);
            return true;
        }
        catch (MalformedInputException)
        {
            return false;
        }
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        yield return Fixture.Bytes("page-trace/iomem.txt");
        yield return Fixture.Bytes("images/oracle/iomem.txt");
        yield return Fixture.Bytes("reports/24-iomem-ranges-inside-a-page/iomem.txt");
        yield return Fixture.Bytes("images/raw/layout.txt");
        yield return [.. "0-7ffffff@0,100000000-107ffffff@8000000"u8];
    }
}
