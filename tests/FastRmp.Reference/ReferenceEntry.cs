namespace FastRmp.Reference;

/// <summary>One RMP entry as a record of plain fields; the raw form is made and read in this file alone (rmp 2.1).</summary>
public sealed class ReferenceEntry
{
    /// <summary>The bytes that the GPA field can hold, bits 50:12 (rmp 2.1).</summary>
    public const ulong GpaField = 0x0007_FFFF_FFFF_F000UL;

    /// <summary>The ASID by which firmware locks a base entry (rmp 5.2).</summary>
    public const uint LockAsid = 0x3FF;

    /// <summary>The ASID that stands, with Lock, in the entry of a VMSA that a running VCPU uses (rmp 7).</summary>
    public const uint InUseAsid = 0x3FE;

    /// <summary>The largest ASID that owns pages (rmp 5.2).</summary>
    public const uint LastAsid = 0x3FD;

    private readonly ReferenceWrites? _writes;
    private bool _isNoted;

    /// <summary>An entry that belongs to no table.</summary>
    public ReferenceEntry()
    {
    }

    // An entry of a table, which is told of every write.
    internal ReferenceEntry(ulong spa, ReferenceWrites writes)
    {
        Spa = spa;
        _writes = writes;
    }

    /// <summary>The page that the entry describes; 0 if it belongs to no table.</summary>
    public ulong Spa { get; }

    /// <summary>Assigned, bit 0: not owned by the host.</summary>
    public bool Assigned { get; set => field = Written(value); }

    /// <summary>Page_Size, bit 1: a 2 MiB page; only ever set in the entry of a 2 MiB-aligned page.</summary>
    public bool Large { get; set => field = Written(value); }

    /// <summary>Immutable, bit 2.</summary>
    public bool Immutable { get; set => field = Written(value); }

    /// <summary>Subpage_Count, bits 11:3, 0 to 511: how many of the other pages of the region are assigned (rmp 2.3).</summary>
    public int SubpageCount { get; set => field = Written(value); }

    /// <summary>GPA, bits 50:12, as a byte address.</summary>
    public ulong Gpa { get; set => field = Written(value); }

    /// <summary>ASID, bits 60:51.</summary>
    public uint Asid { get; set => field = Written(value); }

    /// <summary>VMSA, bit 61.</summary>
    public bool Vmsa { get; set => field = Written(value); }

    /// <summary>Validated, bit 62.</summary>
    public bool Validated { get; set => field = Written(value); }

    /// <summary>Lock, bit 63.</summary>
    public bool Lock { get; set => field = Written(value); }

    /// <summary>Permissions of VMPL0, bits 7:0 of the high quadword.</summary>
    public byte Vmpl0 { get; set => field = Written(value); }

    /// <summary>Permissions of VMPL1, bits 15:8 of the high quadword.</summary>
    public byte Vmpl1 { get; set => field = Written(value); }

    /// <summary>Permissions of VMPL2, bits 23:16 of the high quadword.</summary>
    public byte Vmpl2 { get; set => field = Written(value); }

    /// <summary>Permissions of VMPL3, bits 31:24 of the high quadword.</summary>
    public byte Vmpl3 { get; set => field = Written(value); }

    /// <summary>Bits 63:32 of the high quadword, which no rule of this model looks at.</summary>
    public uint HighRest { get; set => field = Written(value); }

    /// <summary>
    /// Whether the page is a VMSA in use (rmp 7). Taught by the raw pair 0xFFF0_0000_0014_4001, 0x0F that a kernel printed beside
    /// the RMPUPDATE that returned 3: the mark had been thought to leave no trace in the entry.
    /// </summary>
    public bool IsInUseVmsa => Assigned && !Immutable && Lock && Asid == InUseAsid;

    /// <summary>An entry with the fields of a raw one.</summary>
    /// <param name="low">Bytes 7:0.</param>
    /// <param name="high">Bytes 15:8.</param>
    /// <returns>A new entry.</returns>
    public static ReferenceEntry FromRaw(ulong low, ulong high)
    {
        ReferenceEntry entry = new();
        entry.SetRaw(low, high);
        return entry;
    }

    /// <summary>Replaces every field by that of a raw entry.</summary>
    /// <param name="low">Bytes 7:0.</param>
    /// <param name="high">Bytes 15:8.</param>
    public void SetRaw(ulong low, ulong high)
    {
        Assigned = (low & 1) != 0;
        Large = ((low >> 1) & 1) != 0;
        Immutable = ((low >> 2) & 1) != 0;
        SubpageCount = (int)((low >> 3) & 511);
        Gpa = low & GpaField;
        Asid = (uint)((low >> 51) & 1023);
        Vmsa = ((low >> 61) & 1) != 0;
        Validated = ((low >> 62) & 1) != 0;
        Lock = (low >> 63) != 0;
        Vmpl0 = (byte)(high & 255);
        Vmpl1 = (byte)((high >> 8) & 255);
        Vmpl2 = (byte)((high >> 16) & 255);
        Vmpl3 = (byte)((high >> 24) & 255);
        HighRest = (uint)(high >> 32);
    }

    /// <summary>Replaces every field by that of another entry.</summary>
    /// <param name="other">The entry to copy.</param>
    public void CopyFrom(ReferenceEntry other)
    {
        System.ArgumentNullException.ThrowIfNull(other);
        Assigned = other.Assigned;
        Large = other.Large;
        Immutable = other.Immutable;
        SubpageCount = other.SubpageCount;
        Gpa = other.Gpa;
        Asid = other.Asid;
        Vmsa = other.Vmsa;
        Validated = other.Validated;
        Lock = other.Lock;
        Vmpl0 = other.Vmpl0;
        Vmpl1 = other.Vmpl1;
        Vmpl2 = other.Vmpl2;
        Vmpl3 = other.Vmpl3;
        HighRest = other.HighRest;
    }

    /// <summary>The permissions of a VMPL.</summary>
    /// <param name="vmpl">0 to 3.</param>
    /// <returns>The mask.</returns>
    public byte Mask(int vmpl) => vmpl switch
    {
        0 => Vmpl0,
        1 => Vmpl1,
        2 => Vmpl2,
        3 => Vmpl3,
        _ => throw new System.ArgumentOutOfRangeException(nameof(vmpl)),
    };

    /// <summary>Replaces the permissions of a VMPL.</summary>
    /// <param name="vmpl">0 to 3.</param>
    /// <param name="mask">The new mask.</param>
    public void SetMask(int vmpl, byte mask)
    {
        switch (vmpl)
        {
            case 0: Vmpl0 = mask; break;
            case 1: Vmpl1 = mask; break;
            case 2: Vmpl2 = mask; break;
            case 3: Vmpl3 = mask; break;
            default: throw new System.ArgumentOutOfRangeException(nameof(vmpl));
        }
    }

    /// <summary>Bytes 7:0 of the raw entry.</summary>
    /// <returns>The low quadword.</returns>
    public ulong ToLow()
    {
        ulong low = Gpa & GpaField;
        low |= Assigned ? 1UL << 0 : 0;
        low |= Large ? 1UL << 1 : 0;
        low |= Immutable ? 1UL << 2 : 0;
        low |= (ulong)SubpageCount << 3;
        low |= (ulong)Asid << 51;
        low |= Vmsa ? 1UL << 61 : 0;
        low |= Validated ? 1UL << 62 : 0;
        low |= Lock ? 1UL << 63 : 0;
        return low;
    }

    /// <summary>Bytes 15:8 of the raw entry.</summary>
    /// <returns>The high quadword.</returns>
    public ulong ToHigh() =>
        Vmpl0 + ((ulong)Vmpl1 << 8) + ((ulong)Vmpl2 << 16) + ((ulong)Vmpl3 << 24) + ((ulong)HighRest << 32);

    // From now the next write is noted again.
    internal void Forget() => _isNoted = false;

    private T Written<T>(T value)
    {
        if (_writes is not null && !_isNoted)
        {
            _isNoted = true;
            _writes.Add(this);
        }

        return value;
    }
}
