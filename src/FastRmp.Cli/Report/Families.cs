using System.Collections.Generic;
using System.Linq;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>The rows of a result by policy, the rules of joining put together.</summary>
internal static class Families
{
    /// <summary>The families in the order of the table.</summary>
    internal static IEnumerable<IGrouping<string, StudyRow>> Of(StudyResult study) => study.Rows.GroupBy(static row => Name(row));

    private static string Name(StudyRow row) => MapPolicies.Find(row.Counts.Policy)?.Policy.Name ?? row.Counts.Policy;
}
