using System.Collections.Generic;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>What the user wants replayed.</summary>
/// <param name="Traces">The files of the trace; <c>-</c> for standard input, none for the sample.</param>
/// <param name="Iomem">The memory listing; <c>-</c> for standard input, null for none, or for the sample's own.</param>
/// <param name="Policies">The policies, each once.</param>
/// <param name="Options">Who is a guest, and the sizes of RMP entries.</param>
/// <param name="IsJson">Whether the result is for programs.</param>
internal sealed record ReplayRequest(
    IReadOnlyList<string> Traces, string? Iomem, IReadOnlyList<string> Policies, ReplayOptions Options, bool IsJson);
