using System.Collections.Generic;
namespace FastRmp.Images;
internal static class StoryTeller { internal static IReadOnlyList<LogStory> Tell(LogReport report) { List<LogStory> a=[]; foreach (LogFinding f in report.Findings) a.Add(new LogStory(f.GetType().Name,f)); return a; } }
