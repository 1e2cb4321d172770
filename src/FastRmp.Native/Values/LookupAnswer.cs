using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_lookup_result: the entry of a page, taken apart.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct LookupAnswer
{
    private readonly ulong _low;
    private readonly ulong _high;
    private readonly ulong _gpa;
    private readonly uint _asid;
    private readonly uint _subpageCount;
    private readonly byte _state;
    private readonly byte _size;
    private readonly byte _isCovered;
    private readonly byte _isSettled;
    private readonly byte _assigned;
    private readonly byte _validated;
    private readonly byte _immutable;
    private readonly byte _vmsa;
    private readonly byte _lock;
    private readonly byte _permissions0;
    private readonly byte _permissions1;
    private readonly byte _permissions2;
    private readonly byte _permissions3;
    private readonly byte _isInUse;
    private readonly ushort _reserved;

    internal LookupAnswer(in RmpLookup found, PageState state)
    {
        RmpEntry entry = found.Entry;
        _low = entry.Low;
        _high = entry.High;
        _gpa = entry.Gpa.Value;
        _asid = entry.Asid;
        _subpageCount = entry.SubpageCount;
        _state = (byte)state;
        _size = (byte)found.Size;
        _isCovered = Byte(found.IsCovered);
        _isSettled = Byte(found.IsSettled);
        _assigned = Byte(found.IsAssigned);
        _validated = Byte(entry.Validated);
        _immutable = Byte(entry.Immutable);
        _vmsa = Byte(entry.Vmsa);
        _lock = Byte(entry.Lock);
        _permissions0 = (byte)entry.Vmpl0Permissions;
        _permissions1 = (byte)entry.Vmpl1Permissions;
        _permissions2 = (byte)entry.Vmpl2Permissions;
        _permissions3 = (byte)entry.Vmpl3Permissions;
        _isInUse = Byte(entry.IsInUseVmsa);
        _reserved = 0;
    }

    private static byte Byte(bool value) => value ? (byte)1 : (byte)0;
}
