using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace FastRmp.Cli.Shell;

/// <summary>Prints the tool's own version: the parser's would be that of whatever program hosts it.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <summary>The tool's version.</summary>
    internal static string Version =>
        typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.Write($"fastrmp {Version}\n");
        return ExitCode.Done;
    }
}
