using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>An event of an AMD IOMMU, with the device table entry or the command that the kernel printed with it.</summary>
public sealed class LoggedIommuEvent : LogFinding
{
    internal LoggedIommuEvent(LogPlace place, string name, IommuEventCode code)
        : base(place)
    {
        Name = name;
        Code = code;
    }

    /// <summary>The event's name as printed.</summary>
    public string Name { get; }

    /// <summary>The event; <see cref="IommuEventCode.None"/> for a name that the log made up.</summary>
    public IommuEventCode Code { get; }

    /// <summary>The device as printed, <c>0000:c1:00.0</c>; null if the line does not say.</summary>
    public string? Device { get; internal set; }

    /// <summary>The address, of the kind that the event has.</summary>
    public ulong? Address { get; internal set; }

    /// <summary>The flags; null if the event prints none.</summary>
    public ulong? Flags { get; internal set; }

    /// <summary>The domain or PASID; null if the line does not say.</summary>
    public ulong? Domain { get; internal set; }

    /// <summary><c>flags_rmp</c> of an RMP_PAGE_FAULT.</summary>
    public ulong? RmpFlags { get; internal set; }

    /// <summary><c>vmg_tag</c> of an RMP event.</summary>
    public ulong? VmgTag { get; internal set; }

    /// <summary>The IOMMU's control register; null if it is not printed.</summary>
    public ulong? Control { get; internal set; }

    /// <summary>The quadwords of the device table entry that follow, or the 32-bit words of a command; empty if there are none.</summary>
    public IReadOnlyList<ulong> Words => List;

    /// <summary>Whether <see cref="Words"/> are a command's.</summary>
    public bool IsCommand { get; internal set; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => Code is IommuEventCode.RmpPageFault or IommuEventCode.RmpHardwareError;

    internal List<ulong> List { get; } = [];
}
