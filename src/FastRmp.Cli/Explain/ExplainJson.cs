using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Explain;

/// <summary>One object: <c>findings</c>, and <c>expect</c>, the facts under fixed keys. It is printed as it is made.</summary>
internal static class ExplainJson
{
    private const int MostPending = 64 * 1024;

    internal static void Write(Session session, LogReport report, IEnumerable<LogStory> stories)
    {
        using OutputStream output = new(session.Output);
        using (Utf8JsonWriter writer = new(output, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("findings");
            foreach (LogStory story in stories)
            {
                Story(writer, story);
                if (writer.BytesPending > MostPending) writer.Flush();
            }

            writer.WriteEndArray();
            writer.WritePropertyName("expect");
            report.WriteFacts(writer);
            writer.WriteNumber("lines", report.LineCount);
            if (report.OmittedFindings != 0) writer.WriteNumber("omitted", report.OmittedFindings);
            writer.WriteEndObject();
        }

        session.Output.Write("\n");
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
        writer.WriteNumber("last_line", story.LastLine);
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

    /// <summary>Standard output for a writer of JSON.</summary>
    private sealed class OutputStream(Output output) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => output.WriteUtf8(buffer);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush() => output.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
