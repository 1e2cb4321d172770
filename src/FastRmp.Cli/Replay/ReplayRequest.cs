using System.Collections.Generic;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>What the user wants replayed.</summary>
/// <param name="Traces">The files of the trace; <c>-</c> for standard input, none for the sample.</param>
/// <param name="Iomem">The memory listing; <c>-</c> for standard input, null for none, or for the sample's own.</param>
/// <param name="Policies">The policies, each once.</param>
/// <param name="ShowsOptimum">Whether the optimum is a row, too.</param>
/// <param name="Costs">What things cost.</param>
/// <param name="Options">Who is a guest, and the sizes of RMP entries.</param>
/// <param name="IsJson">Whether the result is for programs.</param>
/// <param name="Report">The file of the report; null for none.</param>
/// <param name="Record">The file into which what is replayed goes as an RMP trace; null for none.</param>
/// <param name="Conversions">What guests do beside the trace; null for nothing.</param>
/// <param name="Generator">Who makes the trace; null for nobody.</param>
internal sealed record ReplayRequest(
    IReadOnlyList<string> Traces, string? Iomem, IReadOnlyList<MapVariant> Policies, bool ShowsOptimum, StudyCosts Costs,
    ReplayOptions Options, bool IsJson, string? Report, string? Record = null, ConversionModel? Conversions = null,
    GeneratorModel? Generator = null);
