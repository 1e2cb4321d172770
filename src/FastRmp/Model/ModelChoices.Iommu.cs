namespace FastRmp.Model;

/// <content>Open points of the IOMMU.</content>
public sealed partial record ModelChoices
{
    /// <summary>Whether the RMP check applies to devices' reads, too, not to their writes alone. Default: yes.</summary>
    /// <remarks>An AMD engineer's answer on faults of devices makes no difference; every log seen is of a write, and the processor's own reads are exempt.</remarks>
    public bool DmaReadsAreChecked { get; init; } = true;
}
