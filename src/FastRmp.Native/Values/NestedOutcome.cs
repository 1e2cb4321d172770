using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>struct frmp_nested_result.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NestedOutcome
{
    private readonly ulong _gpa;
    private readonly ulong _address;
    private readonly ulong _exitInfo1;
    private readonly ulong _exitInfo2;
    private readonly uint _errorCode;
    private readonly byte _status;
    private readonly byte _size;
    private readonly byte _rights;
    private readonly byte _flags; // private in bit 0, final in bit 1
    private readonly byte _guestStatus;
    private readonly byte _guestLevel;
    private readonly byte _guestSize;
    private readonly byte _guestRights;
    private readonly byte _nestedStatus;
    private readonly byte _nestedLevel;
    private readonly byte _nestedSize;
    private readonly byte _nestedRights;

    internal NestedOutcome(in NestedWalkResult walk)
    {
        _gpa = walk.Gpa.Value;
        _address = walk.Address.Value;
        _exitInfo1 = walk.ExitInfo1.Value;
        _exitInfo2 = walk.ExitInfo2.Value;
        _errorCode = walk.ErrorCode;
        _status = (byte)walk.Status;
        _size = (byte)walk.Size;
        _rights = (byte)walk.Rights;
        _flags = (byte)((walk.IsPrivate ? 1 : 0) | (walk.IsFinal ? 2 : 0));
        _guestStatus = (byte)walk.GuestStatus;
        _guestLevel = (byte)walk.GuestLevel;
        _guestSize = (byte)walk.GuestSize;
        _guestRights = (byte)walk.GuestRights;
        _nestedStatus = (byte)walk.NestedStatus;
        _nestedLevel = (byte)walk.NestedLevel;
        _nestedSize = (byte)walk.NestedSize;
        _nestedRights = (byte)walk.NestedRights;
    }
}
