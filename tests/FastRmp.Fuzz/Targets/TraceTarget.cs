using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Traces of the page allocator, in each form of their text.</summary>
internal sealed class TraceTarget : FuzzTarget
{
    private const int KeptBytes = 6000;

    internal override string Name => "trace";

    internal override int OrdinaryRounds => 30_000;

    internal override bool Read(byte[] input)
    {
        try
        {
            using MemoryStream stream = new(input);
            using PageTrace trace = PageTrace.Read(stream, "in");
            _ = trace.Tasks.Length;
            _ = trace.HighestFrame;
            _ = ReplayPlan.Create(trace).RamBytes;
            return trace.Problems.Count == 0;
        }
        catch (MalformedInputException)
        {
            return false;
        }
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        byte[] whole = Fixture.Gunzipped("page-trace/trace.txt.gz");
        yield return whole[..KeptBytes];
        yield return whole[(whole.Length / 2)..((whole.Length / 2) + KeptBytes)];
        yield return Fixture.Bytes("reports/21-ftrace-failed-allocation/trace.txt");
        yield return Fixture.Bytes("reports/21-ftrace-failed-allocation/graph.txt");
        yield return Fixture.Bytes("reports/24-iomem-ranges-inside-a-page/trace.txt");
        yield return Fixture.Gzipped(whole.AsSpan(0, KeptBytes));
    }
}
