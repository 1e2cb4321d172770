using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Explain;

/// <summary>Reads logs and explains them.</summary>
internal static class ExplainRunner
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    internal static int Run(Session session, ExplainRequest request) =>
        request.Follows ? Follow(session, request) : ReadAll(session, request);

    private static int ReadAll(Session session, ExplainRequest request)
    {
        LogReport report = new();
        int unread = 0;
        int opened = 0;
        foreach (string log in request.Logs) unread += TryRead(session, log, report, ref opened) ? 0 : 1;
        session.Report(report.Problems);
        if (unread == request.Logs.Length && report.IsEmpty) return ExitCode.BadInput; // there is nothing to explain

        bool isSound = true;
        using (ImageCheck? image = request.Image is { } files ? TryOpen(session, files, report, request.Rmp, out isSound) : null)
        {
            IEnumerable<LogStory> stories = Checked(session, report, image);
            if (request.IsJson) ExplainJson.Write(session, report, stories);
            else new ExplainText(session).Write(report, stories, opened);
            image?.TellWhatIsMissing(session);
            isSound &= image is not { HasProblems: true };
        }

        if (unread != 0 || !isSound || report.Problems.Any) return ExitCode.BadInput;
        return report.IsEmpty ? ExitCode.Done : ExitCode.Found;
    }

    /// <summary>A log that cannot be read takes nothing from the others.</summary>
    private static bool TryRead(Session session, string log, LogReport report, ref int opened)
    {
        try
        {
            using LogReader reader = Open(session, log, report);
            opened++;
            reader.ReadAll(session.Cancellation);
            return true;
        }
        catch (Exception failure) when (failure is MalformedInputException or IOException or UnauthorizedAccessException)
        {
            session.Error(failure.Message);
            session.Trace(failure);
            return false;
        }
    }

    /// <summary>The stories, each with what the image says to it.</summary>
    private static IEnumerable<LogStory> Checked(Session session, LogReport report, ImageCheck? image)
    {
        foreach (LogStory story in report.EachStory())
        {
            image?.Add(session, story);
            yield return story;
        }
    }

    /// <summary>An image that cannot be read takes nothing from the logs.</summary>
    private static ImageCheck? TryOpen(Session session, ImageFiles files, LogReport report, RmpRequest? rmp, out bool isSound)
    {
        try
        {
            ImageCheck image = ImageCheck.Open(session, files, report, rmp);
            isSound = true;
            return image;
        }
        catch (Exception failure) when (failure is MalformedInputException or IOException or UnauthorizedAccessException)
        {
            session.Error(failure.Message);
            session.Trace(failure);
            isSound = false;
            return null;
        }
    }

    private static LogReader Open(Session session, string log, LogReport report) =>
        log == "-" ? LogReader.FromStream(session.OpenInput(), log, report) : LogReader.Open(log, report);

    private static int Follow(Session session, ExplainRequest request)
    {
        LogReport report = new();
        string log = request.Logs[0];
#pragma warning disable CA2000 // The reader disposes the stream.
        Stream stream = log == "-" ? session.OpenInput() : new GrowingFile(log, session.Cancellation);
#pragma warning restore CA2000
        using LogReader reader = LogReader.FromStream(stream, log, report);
        ExplainText text = new(session);
        bool any = false;
        try
        {
            while (reader.ReadOn(Pause, session.Cancellation)) any |= Print(session, text, report);
        }
        catch (MalformedInputException)
        {
            _ = Print(session, text, report); // what was read before
            throw;
        }

        any |= Print(session, text, report);
        session.Report(report.Problems);
        if (report.Problems.Any) return ExitCode.BadInput;
        return any ? ExitCode.Found : ExitCode.Done;
    }

    private static bool Print(Session session, ExplainText text, LogReport report)
    {
        IReadOnlyList<LogStory> stories = report.TakeStories();
        foreach (LogStory story in stories) text.Write(story);
        session.Output.Flush();
        return stories.Count != 0;
    }
}
