using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Threading;
using FastRmp.Cli.Decode;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli;

/// <summary>The tool <c>fastrmp</c>.</summary>
internal static class Program
{
    internal static int Main(string[] args) => ProcessHost.Run(args);

    /// <summary>Runs the tool as if in a process of its own, without a terminal.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="stdout">Standard output.</param>
    /// <param name="stderr">Standard error.</param>
    /// <param name="stdin">Standard input; null for an empty one.</param>
    /// <returns>The exit code.</returns>
    internal static int Run(string[] args, TextWriter stdout, TextWriter stderr, Stream? stdin = null) =>
        Run(args, new Session(new Output(stdout), stderr, () => stdin ?? Stream.Null, TerminalState.None, CancellationToken.None));

    /// <summary>Runs the tool. Whatever happens becomes a message and an exit code.</summary>
    internal static int Run(string[] args, Session session)
    {
        try
        {
            int code = Dispatch(args, session);
            session.Output.Flush();
            return code;
        }
        catch (OutputException failure)
        {
            if (failure.IsClosedByReader) return ExitCode.Done;
            session.Error($"standard output: {failure.Message}");
            return ExitCode.BadInput;
        }
    }

    private static int Dispatch(string[] args, Session session)
    {
        try
        {
            return Invoke(args, session);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception failure) when (failure is MalformedInputException or IOException or UnauthorizedAccessException)
        {
            session.Error(failure.Message);
            session.Trace(failure);
            return ExitCode.BadInput;
        }
        catch (Exception failure) when (failure is not OutputException)
        {
            session.Error($"unexpected error, please report it: {failure.GetType().Name}: {failure.Message}");
            session.Trace(failure);
            return ExitCode.BadInput;
        }
    }

    private static int Invoke(string[] args, Session session)
    {
        RootCommand root = CommandLine.Create(session);
        args = DecodeCommand.Complete(args, root);
        ParseResult parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        session.IsQuiet = parse.GetValue<bool>(CommandLine.Quiet);
        session.IsVerbose = parse.GetValue<bool>(CommandLine.Verbose);
        if (UsageErrors.Report(session, parse, args)) return ExitCode.Usage;

        // Help and completions take the path of all other output, so that a closed pipe ends them without an error.
        using StringWriter text = new(CultureInfo.InvariantCulture);
        int code = parse.Invoke(new InvocationConfiguration { Output = text, Error = text, EnableDefaultExceptionHandler = false });
        session.Output.Write(text.ToString().ReplaceLineEndings("\n"));
        return code;
    }
}
