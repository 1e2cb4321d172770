using System.Collections.Generic;
using System.IO;
using System.Text;
using FastRmp.DirectMap;
using FastRmp.Images;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Traces of what a host asked of its RMP, and their replay where the machine is small.</summary>
internal sealed class RmpTraceTarget : FuzzTarget
{
    private const int KeptBytes = 3000;
    private const ulong MostRam = 1UL << 30;

    private const string EveryVerb =
        """
        # fastrmp rmp trace 1
        processor turin
        ram 0-9ffff 100000-7ffdefff
        mapped 4k 0-1fffff
        0.100000000 cpu0 rmpupdate spa=201000 size=4k assigned=1 asid=5 gpa=12345000 immutable=0 -> 0 SUCCESS
        0.100000400 cpu1 rmpupdate spa=400000 size=2m assigned=1 asid=6 gpa=40000000 immutable=0 -> 4 FAIL_OVERLAP (injected)
        0.100000800 cpu1 psmash spa=400000 -> 0 SUCCESS
        0.2 cpu0 firmware launch_update spa=201000 -> 0
        0.3 split spa=200000 size=2m
        0.4 cpu0 fault spa=202000
        0.5 cpu0 write spa=600000
        0.6 join spa=200000 size=2m
        0.7 convert spa=400000 pages=1024 size=2m asid=6 gpa=40000000 to=private new=1
        0.8 convert spa=401000 pages=3 to=shared
        0.9 cpu2 pvalidate spa=401000 size=4k asid=6 gpa=40001000 valid=1 -> 0
        1.0 unsmash spa=600000 -> 0
        1.1 write spa=401000 pages=3 new=1 class=swiotlb
        1.2 guest spa=401000 pages=2 size=4k asid=6 gpa=40001000 private=1 write=1
        1.3 dma spa=700000 pages=16 write=1
        1.4 mark end
        """;

    internal override string Name => "rmp-trace";

    internal override int OrdinaryRounds => 4_000;

    internal override bool Read(byte[] input)
    {
        try
        {
            using MemoryStream stream = new(input);
            RmpTrace trace = RmpTrace.Read(stream, "in");
            _ = RmpTrace.IsHead(input);
            foreach (RmpTraceEvent one in trace.Events)
            {
                _ = one.ToString();
            }

            RmpReplayPlan plan = RmpReplayPlan.Create(trace);
            if (plan.Ram[^1].End <= MostRam) _ = TraceReplay.Run<Rejoining<OnDemand>>(plan);
            return !trace.Problems.Any;
        }
        catch (MalformedInputException)
        {
            return false;
        }
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        yield return Fixture.Gunzipped("real-kernel/module-6.12.trace.txt.gz")[..KeptBytes];
        yield return Fixture.Gunzipped("real-kernel/kvm-7.3.trace.txt.gz")[..KeptBytes];
        yield return Encoding.UTF8.GetBytes(EveryVerb);
        yield return Binary(Encoding.UTF8.GetBytes(EveryVerb));
    }

    private static byte[] Binary(byte[] text)
    {
        using MemoryStream stream = new(text);
        RmpTrace trace = RmpTrace.Read(stream, "in");
        using MemoryStream bytes = new();
        using RmpBinaryWriter writer = new(bytes, "out");
        writer.Head(trace.Processor ?? ProcessorModel.Genoa, trace.Ram, trace.Mapped4K);
        foreach (RmpTraceEvent one in trace.Events)
        {
            writer.Write(one);
        }

        writer.Finish();
        return bytes.ToArray();
    }
}
