using System.Collections.Generic;

namespace FastRmp.Tests.Model;

/// <summary>A row of the table of open points.</summary>
/// <param name="Name">The point.</param>
/// <param name="Choices">What its choice column names in code.</param>
/// <param name="Default">The default in words.</param>
/// <param name="Section">Page and section.</param>
internal sealed record OpenPoint(string Name, IReadOnlyList<string> Choices, string Default, string Section);
