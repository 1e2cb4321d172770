using System;

namespace FastRmp.Cli.Shell;

/// <summary>Which of the two outputs are terminals, and whether they take colour.</summary>
/// <param name="IsOutput">Whether standard output is a terminal.</param>
/// <param name="IsError">Whether standard error is a terminal that can rewrite a line.</param>
/// <param name="AllowsColour">Whether the environment allows colour.</param>
internal sealed record TerminalState(bool IsOutput, bool IsError, bool AllowsColour)
{
    /// <summary>No terminal anywhere: files, pipes, tests.</summary>
    internal static TerminalState None { get; } = new(IsOutput: false, IsError: false, AllowsColour: false);

    /// <summary>Whether what goes to standard output is coloured.</summary>
    internal bool ColoursOutput => IsOutput && AllowsColour;

    /// <summary>Reads the process's environment.</summary>
    /// <param name="isOutput">Whether standard output is a terminal.</param>
    /// <param name="isError">Whether standard error is one.</param>
    /// <param name="variable">Looks up an environment variable.</param>
    /// <remarks>NO_COLOR counts only if it is not empty (no-color.org). A dumb terminal cannot move its cursor, so that it gets no progress
    /// either.</remarks>
    internal static TerminalState Detect(bool isOutput, bool isError, Func<string, string?> variable)
    {
        bool isDumb = variable("TERM") == "dumb";
        bool allowsColour = !isDumb && string.IsNullOrEmpty(variable("NO_COLOR"));
        return new TerminalState(isOutput, isError && !isDumb, allowsColour);
    }
}
