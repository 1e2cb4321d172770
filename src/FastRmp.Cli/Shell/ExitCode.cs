namespace FastRmp.Cli.Shell;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    internal const int Done = 0;

    /// <summary>Done, and a command whose job is to check found something.</summary>
    internal const int Found = 1;

    /// <summary>Something is wrong in the command line itself.</summary>
    internal const int Usage = 2;

    /// <summary>Something is wrong with a file's existence or content.</summary>
    internal const int BadInput = 3;

    /// <summary>The user interrupted, by whatever signal: 128 and the number of SIGINT.</summary>
    internal const int Interrupted = 130;
}
