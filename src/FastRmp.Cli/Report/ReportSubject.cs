using System.Collections.Generic;

namespace FastRmp.Cli.Report;

/// <summary>What a report is about, and how it was made.</summary>
/// <param name="Name">The trace.</param>
/// <param name="Summary">What it holds, in one line.</param>
/// <param name="Notes">More about it.</param>
/// <param name="Guests">How many guests there are.</param>
/// <param name="GuestNames">Their names, if the trace has them.</param>
/// <param name="RamBytes">The RAM in bytes.</param>
/// <param name="Files">Each input and the SHA-256 of its bytes.</param>
/// <param name="Command">What makes this report again.</param>
/// <param name="Options">The options, those that were not given included.</param>
/// <param name="Version">The tool's.</param>
internal sealed record ReportSubject(
    string Name, string Summary, IReadOnlyList<string> Notes, int Guests, IReadOnlyList<string> GuestNames, ulong RamBytes,
    IReadOnlyList<(string Name, string Sha256)> Files, string Command, IReadOnlyList<(string Name, string Value)> Options,
    string Version);
