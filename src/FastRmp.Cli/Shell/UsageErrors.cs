using System;
using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace FastRmp.Cli.Shell;

/// <summary>Tells what is wrong in a command line.</summary>
internal static class UsageErrors
{
    private const string EndOfOptions = "--";

    /// <summary>Reports every error.</summary>
    /// <param name="session">Where to.</param>
    /// <param name="parse">What the parser made of the command line.</param>
    /// <param name="args">The command line.</param>
    /// <returns>Whether there was one.</returns>
    internal static bool Report(Session session, ParseResult parse, string[] args)
    {
        // Help answers in spite of errors.
        if (parse.Action is HelpWithExamples || (parse.Action is not ParseErrorAction && parse.Errors.Count != 0)) return false;
        Command command = parse.CommandResult.Command;
        bool any = command is RootCommand ? ReportRoot(session, parse) : ReportCommand(session, parse, command, args);
        if (any) Suggest(session, command);
        return any;
    }

    /// <summary>Reports an error that the parser cannot know.</summary>
    /// <param name="session">Where to.</param>
    /// <param name="command">The command.</param>
    /// <param name="problem">What is wrong.</param>
    /// <returns>The exit code.</returns>
    internal static int Refuse(Session session, Command command, string problem)
    {
        session.Error(problem);
        Suggest(session, command);
        return ExitCode.Usage;
    }

    private static void Suggest(Session session, Command command) =>
        session.Error($"try '{Path(command)} --help'");

    private static string Path(Command command)
    {
        if (command is RootCommand) return "fastrmp";
        foreach (Symbol parent in command.Parents)
        {
            if (parent is Command above) return $"{Path(above)} {command.Name}";
        }

        return command.Name;
    }

    private static bool ReportRoot(Session session, ParseResult parse)
    {
        if (parse.Errors.Count == 0) return false;
        if (parse.UnmatchedTokens.Count != 0)
        {
            session.Error($"there is no command or option '{parse.UnmatchedTokens[0]}'");
        }
        else if (parse.Tokens.Count == 0)
        {
            session.Error("a command is missing");
        }
        else
        {
            ReportErrors(session, parse);
        }

        return true;
    }

    private static bool ReportCommand(Session session, ParseResult parse, Command command, string[] args)
    {
        ReportErrors(session, parse);
        bool any = parse.Errors.Count != 0;
        if (Array.IndexOf(args, EndOfOptions) >= 0) return any;
        foreach (Argument argument in command.Arguments)
        {
            foreach (Token token in parse.GetResult(argument)?.Tokens ?? [])
            {
                // The parser takes an option that it does not know for a file.
                if (token.Value.Length < 2 || token.Value[0] != '-') continue;
                session.Error($"there is no option '{token.Value}' (a file of that name: ./{token.Value})");
                any = true;
            }
        }

        return any;
    }

    private static void ReportErrors(Session session, ParseResult parse)
    {
        foreach (ParseError error in parse.Errors)
        {
            session.Error(error.Message);
        }
    }
}
