using System.Runtime.CompilerServices;

namespace FastRmp.Native;

/// <summary>The common reasons to refuse a call, each with its text. Out of line: they are rare.</summary>
internal static class Refusals
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Handle(ulong value) =>
        LastError.Set(ErrorCode.Handle, $"0x{value:x} is no live handle of the kind that this function takes.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Null(string name) => LastError.Set(ErrorCode.Null, $"{name} is null.");

    /// <summary>Tests the arrays of a call that takes them: their count fits, and with one of 0 they may be null.</summary>
    /// <param name="count">How many elements.</param>
    /// <param name="fromName">The header's name of what is read.</param>
    /// <param name="from">What is read.</param>
    /// <param name="toName">The header's name of what is written.</param>
    /// <param name="to">What is written.</param>
    /// <returns>The code.</returns>
    internal static unsafe int Array(ulong count, string fromName, void* from, string toName, void* to)
    {
        if (count > int.MaxValue) return Size("count", count, int.MaxValue);
        return count == 0 || (from is not null && to is not null) ? (int)ErrorCode.Ok : Null(from is null ? fromName : toName);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Value(string name, ulong value) => LastError.Set(ErrorCode.Value, $"{name}: 0x{value:x} means nothing there.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Address(string name, ulong value) =>
        LastError.Set(ErrorCode.Address, $"{name}: 0x{value:x} is not below 2^52.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Misaligned(string name, ulong value) =>
        LastError.Set(ErrorCode.Alignment, $"{name}: 0x{value:x} is no multiple of 4096.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Size(string name, ulong value, ulong wanted) =>
        LastError.Set(ErrorCode.Size, $"{name} is 0x{value:x}, where 0x{wanted:x} is needed.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int NotFilled(string name) =>
        LastError.Set(ErrorCode.Handle, $"{name} was not filled by its init function.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int NotCovered(ulong address) =>
        LastError.Set(ErrorCode.NotCovered, $"The page of 0x{address:x} has no entry.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int TooMany() => LastError.Set(ErrorCode.Memory, "There are 65,536 handles already.");
}
