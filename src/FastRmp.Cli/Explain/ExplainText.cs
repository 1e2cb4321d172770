using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Explain;

/// <summary>Stories for people: a title, the fields of the messages, and four short paragraphs.</summary>
internal sealed class ExplainText(Session session)
{
    private const int Width = 110;
    private const int MostDetails = 40;
    private const int NameWidth = 15;
    private const int SectionWidth = 4;
    private const string Reset = "\u001b[0m";
    private const string Bold = "\u001b[1m";
    private const string Red = "\u001b[1;31m";
    private const string Dim = "\u001b[2m";
    private const string Cyan = "\u001b[36m";

    /// <summary>Prints all stories, and what was read.</summary>
    internal void Write(LogReport report, IEnumerable<LogStory> stories, int logs)
    {
        int told = 0;
        foreach (LogStory story in stories)
        {
            Write(story);
            told++;
        }

        if (report.OmittedFindings != 0)
        {
            string more = Counted(report.OmittedFindings, "more finding is", "more findings are");
            Line(Say($"{more} left out: only the first {LogReport.MostFindings} are kept"));
        }

        string read = $"{Counted(report.LineCount, "line", "lines")} of {Counted(logs, "log", "logs")} read";
        long findings = report.Findings.Count + report.OmittedFindings;
        Line(told == 0
            ? $"nothing found; {read}"
            : $"{Counted(told, "story", "stories")} of {Counted(findings, "finding", "findings")}; {read}");
    }

    private static string Counted(long count, string one, string many) => Say($"{count} {(count == 1 ? one : many)}");

    /// <summary>Prints a story, and an empty line after it.</summary>
    internal void Write(LogStory story)
    {
        Line(Coloured(story.IsTrouble ? Red : Bold, story.Title));
        Line(Coloured(Dim, $"  {Place(story)}"));
        for (int i = 0; i < story.Details.Count && i < MostDetails; i++)
        {
            LogDetail detail = story.Details[i];
            Paragraph(Coloured(Cyan, detail.Name.PadRight(NameWidth)), detail.Value, 4, NameWidth + 6);
        }

        if (story.Details.Count > MostDetails) Line(Say($"    … and {story.Details.Count - MostDetails} more"));
        Section("what", story.What);
        string why = story.Rule.Length == 0 ? story.Why : $"{story.Why} [{story.Rule}]";
        Section("why", why);
        foreach (string next in story.Next) Section("next", next);
        foreach (string open in story.Open) Section("open", open);
        Line(string.Empty);
    }

    private static string Place(LogStory story)
    {
        LogPlace first = story.First.Place;
        long last = story.LastLine;
        string lines = last != first.Line ? Say($"{first.Line}-{last}") : Say($"{first.Line}");
        string time = first.Stamp is null ? string.Empty : $", at {first.Stamp}";
        return $"{Harmless(first.File)}:{lines}{time}";
    }

    private void Section(string name, string text)
    {
        if (text.Length != 0) Paragraph(Coloured(Bold, name.PadRight(SectionWidth)), text, 2, SectionWidth + 4);
    }

    /// <summary>A text broken into lines at its blanks; the lines after the first begin below the text.</summary>
    private void Paragraph(string head, string text, int indent, int hanging)
    {
        StringBuilder line = new();
        line.Append(' ', indent).Append(head).Append("  ");
        bool isFirst = true;
        int used = hanging;
        foreach (string word in Harmless(text).Split(' '))
        {
            if (!isFirst && used + 1 + word.Length > Width)
            {
                Line(line.ToString());
                line.Clear().Append(' ', hanging);
                used = hanging;
                isFirst = true;
            }

            if (!isFirst) line.Append(' ');
            line.Append(word);
            used += word.Length + (isFirst ? 0 : 1);
            isFirst = false;
        }

        Line(line.ToString());
    }

    /// <summary>Nothing of a log or a file name may command the terminal.</summary>
    private static string Harmless(string text)
    {
        bool isClean = true;
        foreach (char character in text) isClean &= !char.IsControl(character);
        return isClean ? text : string.Concat(Array.ConvertAll(text.ToCharArray(), static character => char.IsControl(character) ? '.'
            : character));
    }

    private string Coloured(string colour, string text) =>
        session.Terminal.ColoursOutput ? colour + Harmless(text) + Reset : Harmless(text);

    private void Line(string text) => session.Output.WriteLine(text);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
