using System;

namespace FastRmp.Cli.Shell;

/// <summary>Standard output can no longer be written: its reader went away, or the disk is full.</summary>
internal sealed class OutputException : Exception
{
    private const int BrokenPipe = 32; // EPIPE; the runtime puts the bare error number into HResult
    private const int WindowsBrokenPipe = unchecked((int)0x8007_006D);
    private const int WindowsNoData = unchecked((int)0x8007_00E8);

    internal OutputException(Exception cause)
        : base(cause.Message, cause)
    {
    }

    /// <summary>Whether the reader has seen enough and closed the pipe, as <c>head</c> does: no error.</summary>
    internal bool IsClosedByReader => InnerException?.HResult is BrokenPipe or WindowsBrokenPipe or WindowsNoData;
}
