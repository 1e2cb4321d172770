using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Explain;

/// <summary>One object: <c>findings</c>, and <c>expect</c>, the facts under fixed keys.</summary>
internal static class ExplainJson
{
    internal static void Write(Session session, LogReport report, IReadOnlyList<LogStory> stories)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("findings");
            foreach (LogStory story in stories) Story(writer, story);
            writer.WriteEndArray();
            writer.WritePropertyName("expect");
            report.WriteFacts(writer);
            writer.WriteNumber("lines", report.LineCount);
            if (report.OmittedFindings != 0) writer.WriteNumber("omitted", report.OmittedFindings);
            writer.WriteEndObject();
        }

        session.Output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void Story(Utf8JsonWriter writer, LogStory story)
    {
        bool isRmp = false;
        foreach (LogFinding finding in story.Findings) isRmp |= finding.IsRmpEvent;
        LogPlace place = story.First.Place;
        writer.WriteStartObject();
        writer.WriteString("kind", story.Kind);
        writer.WriteString("title", story.Title);
        writer.WriteBoolean("trouble", story.IsTrouble);
        writer.WriteBoolean("rmp_event", isRmp);
        writer.WriteString("file", place.File);
        writer.WriteNumber("line", place.Line);
        writer.WriteNumber("last_line", story.Findings[^1].Place.Line);
        if (place.Stamp is null) writer.WriteNull("time");
        else writer.WriteString("time", place.Stamp);
        writer.WriteNumber("count", story.Count);
        writer.WriteStartArray("details");
        foreach (LogDetail detail in story.Details)
        {
            writer.WriteStartObject();
            writer.WriteString("name", detail.Name);
            writer.WriteString("value", detail.Value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("what", story.What);
        writer.WriteString("why", story.Why);
        writer.WriteString("rule", story.Rule);
        List(writer, "next", story.Next);
        List(writer, "open", story.Open);
        writer.WriteEndObject();
    }

    private static void List(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
