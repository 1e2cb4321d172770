using System;
using System.IO;
using System.Linq;
using System.Threading;
using FastRmp.Images;

namespace FastRmp.Cli.Shell;

/// <summary>What a command uses: its outputs, its input, the user's settings.</summary>
internal sealed class Session(
    Output output, TextWriter error, Func<Stream> input, TerminalState terminal, CancellationToken cancellation,
    CancellationToken insistence = default)
{
    /// <summary>How long a command may go on when the user interrupts, unless it says otherwise.</summary>
    internal static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(1);

    private const string Prefix = "fastrmp: ";

    private readonly Lock _telling = new();

    /// <summary>Standard output: the answer, and nothing else.</summary>
    internal Output Output => output;

    /// <summary>Who looks at the outputs.</summary>
    internal TerminalState Terminal => terminal;

    /// <summary>Set when the user interrupts.</summary>
    internal CancellationToken Cancellation => cancellation;

    /// <summary>Set when the user interrupts once more: what the command waits for is ended at once.</summary>
    internal CancellationToken Insistence => insistence;

    /// <summary>How long the command may go on after an interruption; longer than usual for one that has something to end and to clear
    /// up.</summary>
    internal TimeSpan Grace { get; set; } = UsualGrace;

    /// <summary>No progress and no remarks; errors are still told.</summary>
    internal bool IsQuiet { get; set; }

    /// <summary>Stack traces of unexpected errors, and timings.</summary>
    internal bool IsVerbose { get; set; }

    /// <summary>Standard error, for the progress bar.</summary>
    internal TextWriter ErrorWriter => error;

    /// <summary>Opens standard input.</summary>
    internal Stream OpenInput() => input();

    /// <summary>Tells what went wrong.</summary>
    internal void Error(string message)
    {
        // A file name may hold line breaks and what commands a terminal: each line keeps the prefix, and the rest is replaced.
        Tell(Prefix + string.Join("\n" + Prefix, message.ReplaceLineEndings("\n").Split('\n').Select(WithoutControls)));
    }

    /// <summary>Tells something that changes no result; not if the user wants quiet.</summary>
    internal void Remark(string message)
    {
        if (!IsQuiet) Error(message);
    }

    /// <summary>Tells how long something took, if the user wants to know.</summary>
    internal void Detail(string message)
    {
        if (IsVerbose) Error(message);
    }

    /// <summary>Tells the first problems of an input, then how many more there were.</summary>
    internal void Report(InputProblems problems)
    {
        foreach (InputProblem problem in problems.First)
        {
            Error(problem.ToString());
        }

        long more = problems.Count - problems.First.Length;
        if (more > 0) Error($"{problems.First[0].File}: {more} more problems like these, {problems.Count} in all");
    }

    /// <summary>Prints a stack trace, if the user wants to see it.</summary>
    internal void Trace(Exception exception)
    {
        if (IsVerbose) Tell(exception.ToString());
    }

    private static string WithoutControls(string line) =>
        string.Create(line.Length, line, static (printable, raw) =>
        {
            for (int i = 0; i < raw.Length; i++)
            {
                printable[i] = char.IsControl(raw[i]) ? '?' : raw[i];
            }
        });

    // Any thread may. Who closed standard error does not want to know: the exit code tells the rest.
    private void Tell(string text)
    {
        try
        {
            lock (_telling) error.Write(text + "\n");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            IsQuiet = true;
        }
    }
}
