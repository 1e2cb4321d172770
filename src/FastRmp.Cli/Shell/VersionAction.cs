using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace FastRmp.Cli.Shell;

/// <summary>Prints the tool's own version: the parser's would be that of whatever program hosts it.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        string version =
            typeof(VersionAction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        parseResult.InvocationConfiguration.Output.Write($"fastrmp {version}\n");
        return ExitCode.Done;
    }
}
