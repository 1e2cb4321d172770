namespace FastRmp.Reference;

/// <summary>The fields of LAUNCH_UPDATE (rmp 13.4).</summary>
public sealed record ReferenceLaunchUpdate
{
    /// <summary>The page.</summary>
    public ulong Page { get; init; }

    /// <summary>Whether 2 MiB are meant.</summary>
    public bool Large { get; init; }

    /// <summary>The type's number; also one that is none.</summary>
    public int Type { get; init; } = (int)ReferencePageType.Normal;

    /// <summary>Whether the page is one of a migration image.</summary>
    public bool IsMigrationImage { get; init; }

    /// <summary>Permissions of VMPL1.</summary>
    public byte Mask1 { get; init; }

    /// <summary>Permissions of VMPL2.</summary>
    public byte Mask2 { get; init; }

    /// <summary>Permissions of VMPL3.</summary>
    public byte Mask3 { get; init; }

    /// <summary>Whether a reserved field is not 0.</summary>
    public bool HasReserved { get; init; }
}
