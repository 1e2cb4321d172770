namespace FastRmp.Images;

/// <summary>A nested page fault that KVM prints or traces.</summary>
public sealed class LoggedNestedFault : LogFinding
{
    internal LoggedNestedFault(LogPlace place, ulong errorCode)
        : base(place) => ErrorCode = errorCode;

    /// <summary>EXITINFO1.</summary>
    public ulong ErrorCode { get; }

    /// <summary>EXITINFO1, field by field.</summary>
    public NestedPageFaultCode Code => new(ErrorCode);

    /// <summary>The guest physical address; null where it is not printed.</summary>
    public ulong? Address { get; internal set; }

    /// <summary>The VCPU; null where it is not printed.</summary>
    public int? Vcpu { get; internal set; }

    /// <summary>The RMP entry's level, 1 for 4 KiB and 2 for 2 MiB; null where it is not printed.</summary>
    public int? RmpLevel { get; internal set; }

    /// <summary>The nested mapping's level; null where it is not printed.</summary>
    public int? NptLevel { get; internal set; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => Code.Rmp;
}
