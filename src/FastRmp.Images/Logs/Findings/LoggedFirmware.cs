namespace FastRmp.Images;

/// <summary>What the kernel says of the SEV firmware: its version, or a command that failed.</summary>
public sealed class LoggedFirmware : LogFinding
{
    internal LoggedFirmware(LogPlace place, FirmwareReport report, string command)
        : base(place)
    {
        Report = report;
        Command = command;
    }

    /// <summary>What happened.</summary>
    public FirmwareReport Report { get; }

    /// <summary>The command as far as the message says: <c>INIT</c>, <c>SNP_SHUTDOWN</c>, <c>0x2</c>; of a version its API.</summary>
    public string Command { get; }

    /// <summary>The kernel's error; null if it is not printed.</summary>
    public int? Code { get; internal set; }

    /// <summary>The firmware's status; null if it is not printed.</summary>
    public ulong? Status { get; internal set; }

    /// <summary>The API's version of a version message: major, minor, build.</summary>
    public (int Major, int Minor, int Build)? Version { get; internal set; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => false;
}
