using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>struct frmp_nested_result.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NestedOutcome
{
    private const int StatusShift = 32;
    private const int SizeShift = 40;
    private const int RightsShift = 48;
    private const ulong PrivateBit = 1UL << 56;
    private const ulong FinalBit = 1UL << 57;
    private const int NestedShift = 32;

    private readonly ulong _gpa;
    private readonly ulong _address;
    private readonly ulong _exitInfo1;
    private readonly ulong _exitInfo2;
    private readonly ulong _combined; // flags [63:56]: private, final; rights [55:48], size [47:40], status [39:32], error code [31:0]
    private readonly ulong _walks; // the last nested walk [63:32] and the guest's [31:0], each rights, size, level, status

    /// <summary>In whole quadwords: a caller's narrower loads wait for nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal NestedOutcome(in NestedWalkResult walk)
    {
        WalkResult guest = walk.Guest;
        WalkResult nested = walk.Nested;
        _gpa = guest.Address.Value;
        _address = nested.Address.Value;
        _exitInfo1 = walk.ExitInfo1.Value;
        _exitInfo2 = walk.ExitInfo2.Value;
        _combined = walk.ErrorCode | ((ulong)walk.Status << StatusShift) | ((ulong)walk.Size << SizeShift)
            | ((ulong)walk.Rights << RightsShift) | (walk.IsPrivate ? PrivateBit : 0) | (walk.IsFinal ? FinalBit : 0);
        _walks = (uint)guest.Outcome | (nested.Outcome << NestedShift);
    }

    /// <summary>How the walk ended.</summary>
    internal NestedWalkStatus Status => (NestedWalkStatus)(byte)(_combined >> StatusShift);
}
