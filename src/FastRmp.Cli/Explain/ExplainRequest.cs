using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Explain;

/// <summary>What <c>explain</c> is asked for.</summary>
/// <param name="Logs">The logs; <c>-</c> is standard input.</param>
/// <param name="IsJson">One JSON object instead of text.</param>
/// <param name="Follows">Go on while the last log grows.</param>
/// <param name="Image">The machine's memory, against which the stories are checked; null for none.</param>
/// <param name="Rmp">Where its RMP is; null for where the logs or the image say.</param>
internal sealed record ExplainRequest(string[] Logs, bool IsJson, bool Follows, ImageFiles? Image, RmpRequest? Rmp);
