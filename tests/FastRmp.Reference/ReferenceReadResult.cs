namespace FastRmp.Reference;

/// <summary>What RMPREAD wrote (rmp 2.4); the fields are 0 after anything but success.</summary>
public sealed record ReferenceReadResult
{
    /// <summary>Fault or code.</summary>
    public ReferenceResult Result { get; init; }

    /// <summary>The stored GPA field as a byte address.</summary>
    public ulong Gpa { get; init; }

    /// <summary>Assigned.</summary>
    public bool Assigned { get; init; }

    /// <summary>Page_Size.</summary>
    public bool Large { get; init; }

    /// <summary>Whether another page of the region is assigned; of a 2 MiB-aligned page only.</summary>
    public bool RegionStatus { get; init; }

    /// <summary>Immutable.</summary>
    public bool Immutable { get; init; }

    /// <summary>ASID.</summary>
    public uint Asid { get; init; }
}
