using System.Threading;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>A firmware command that answers a status without being executed.</summary>
/// <param name="command">The command.</param>
/// <param name="nth">Which of them, from 1.</param>
/// <param name="status">The status.</param>
internal sealed class CommandRule(FirmwareCommand command, long nth, FirmwareStatus status)
{
    private long _seen;

    /// <summary>The status.</summary>
    internal FirmwareStatus Status => status;

    /// <summary>Counts one.</summary>
    /// <returns>Whether it is the one.</returns>
    internal bool Counts(FirmwareCommand given) => given == command && Interlocked.Increment(ref _seen) == nth;
}
