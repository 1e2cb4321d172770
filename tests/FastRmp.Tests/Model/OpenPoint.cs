using System.Collections.Generic;

namespace FastRmp.Tests.Model;

/// <summary>A row of the table of open points.</summary>
/// <param name="Name">The point.</param>
/// <param name="Reason">The choice column as it stands.</param>
/// <param name="Choices">What its choice column names in code.</param>
/// <param name="Default">The default: values of the switches, and what they come to in words.</param>
/// <param name="Values">The values among it, in the order of the switches.</param>
/// <param name="Section">Page and section.</param>
internal sealed record OpenPoint(
    string Name, string Reason, IReadOnlyList<string> Choices, string Default, IReadOnlyList<string> Values, string Section);
