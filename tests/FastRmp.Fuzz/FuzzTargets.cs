using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Fuzz.Targets;

namespace FastRmp.Fuzz;

/// <summary>Every reader of the library and the tool.</summary>
internal static class FuzzTargets
{
    /// <summary>What the ordinary test run promises over all readers.</summary>
    internal const int LeastOrdinaryRounds = 200_000;

    /// <summary>All of them, in the order of <c>list</c>.</summary>
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new CodecTarget("zlib", 20_000),
        new CodecTarget("lzo", 40_000),
        new CodecTarget("snappy", 20_000),
        new CodecTarget("zstd", 10_000),
        new ImageTarget("elf", 20_000, head: 1200),
        new ImageTarget("kdump", 15_000, head: 4 * 4096),
        new ImageTarget("flattened", 10_000, head: 0x1200),
        new ImageTarget("lime", 10_000, head: 64),
        new ImageTarget("avml", 10_000, head: 96),
        new ImageTarget("virtualbox", 6_000, head: 600),
        new ImageTarget("xen", 8_000, head: 1200),
        new ImageTarget("raw", 1_000, head: 64),
        new ImageTarget("packed", 2_000, head: 64),
        new SplitTarget(),
        new RmpTarget(),
        new SymbolsTarget(),
        new LogTarget(),
        new TraceTarget(),
        new RmpTraceTarget(),
        new ListingTarget(),
        new DecodeTarget(),
        new ScriptTarget(),
        new ExplainTarget(),
        new ToolImageTarget(),
        new ToolWalkTarget(),
        new ExplainImageTarget(),
    ];

    /// <summary>How many damaged inputs the ordinary test run reads.</summary>
    internal static int OrdinaryRounds => All.Sum(static target => target.OrdinaryRounds);

    /// <summary>A target by its name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    internal static FuzzTarget Named(string name) => All.FirstOrDefault(target => target.Name == name)
        ?? throw new ArgumentException($"there is no target '{name}'; 'list' names them");
}
