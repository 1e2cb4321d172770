namespace FastRmp.Images;

/// <summary>A PSMASH that KVM made, or tried to make, for a guest's fault.</summary>
public sealed class LoggedPSmash : LogFinding
{
    internal LoggedPSmash(LogPlace place, ulong gpa, ulong pfn, int? code)
        : base(place)
    {
        Gpa = gpa;
        Pfn = pfn;
        Code = code;
    }

    /// <summary>The guest physical address.</summary>
    public ulong Gpa { get; }

    /// <summary>The page frame after it.</summary>
    public ulong Pfn { get; }

    /// <summary>What the instruction returned; null where it is not printed.</summary>
    public int? Code { get; }

    /// <summary>The code's name; null if there is no code, or the number has no name.</summary>
    public string? Name => Code is { } code ? ReturnCodes.PSmash(code) : null;

    /// <inheritdoc/>
    public override bool IsRmpEvent => true;
}
