using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using FastRmp.Cli.Explain;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Host;

/// <summary>Explains what went wrong, as <c>fastrmp explain</c> explains the same lines in a file: the stores that the plugin reports, then
/// what the kernel's console says of the RMP beyond them.</summary>
internal static class HostStories
{
    private const string RmpFault = "rmp_fault";

    /// <summary>Prints the stories.</summary>
    /// <param name="session">Where to; a user who has interrupted the machine gets them, too, unless he insists.</param>
    /// <param name="report">The plugin's report.</param>
    /// <param name="console">A file that has what the console printed.</param>
    internal static void Write(Session session, string report, string console)
    {
        List<LogStory> stories = [];
        using (LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.UTF8.GetBytes(report)), "the report"))
        {
            stories.AddRange(reader.ReadAll(session.Insistence).Stories());
        }

        bool hasStores = stories.Count != 0; // an oops of the console is of one of them
        stories.AddRange(OfConsole(session, console).Where(story => IsRmpTrouble(story) && !(hasStores && story.Kind == RmpFault)));
        if (stories.Count == 0) return;
        session.Output.Write("\n");
        ExplainText text = new(session);
        foreach (LogStory story in stories) text.Write(story);
    }

    private static IReadOnlyList<LogStory> OfConsole(Session session, string console)
    {
        try
        {
            using FileStream file = File.OpenRead(console);
            using LogReader reader = LogReader.FromStream(file, "the console");
            return reader.ReadAll(session.Insistence).Stories();
        }
        catch (MalformedInputException)
        {
            return []; // an empty console, or one that a program used as something else
        }
    }

    private static bool IsRmpTrouble(LogStory story) => story.IsTrouble && story.Findings.Any(static finding => finding.IsRmpEvent);
}
