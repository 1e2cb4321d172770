using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>Where the 16 bytes of an instruction's memory operand are: at any byte offset of a page, possibly continuing on another
/// page.</summary>
/// <param name="Start">The first byte.</param>
/// <param name="LastPage">Any address in the page of the last byte.</param>
/// <remarks>The memory is read and changed by whole quadwords, each atomically; all of them together are not.</remarks>
internal readonly record struct MemoryOperand(PhysicalAddress Start, PhysicalAddress LastPage)
{
    internal const int Bytes = 2 * Quadword;

    private const int Quadword = sizeof(ulong);
    private const int MaxAttempts = 64;

    private int Shift => (int)(Start.Value % Quadword) * 8; // bits of the first quadword before the operand

    /// <summary>Reads the operand.</summary>
    /// <returns>False if the memory does not hold all of it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRead<TMemory>(scoped ref TMemory memory, out ulong low, out ulong high)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        bool isOnePage = Start.Value % Quadword == 0
            && (Start.Value & PageSize.Size4K.OffsetMask()) <= PageSize.Size4K.OffsetMask() - (Bytes - 1);
        return isOnePage
            ? memory.TryRead(Start, out low) & memory.TryRead(PhysicalAddress.CreateUnchecked(Start.Value + Quadword), out high)
            : TryReadParts(ref memory, out low, out high);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadParts<TMemory>(scoped ref TMemory memory, out ulong low, out ulong high)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        ulong third = 0;
        bool isWhole = memory.TryRead(QuadwordAt(0), out low) & memory.TryRead(QuadwordAt(1), out high);
        if (Shift == 0) return isWhole;
        isWhole &= memory.TryRead(QuadwordAt(2), out third);
        low = (low >> Shift) | (high << -Shift);
        high = (high >> Shift) | (third << -Shift);
        return isWhole;
    }

    /// <summary>Writes the operand.</summary>
    /// <returns>False if the memory does not hold a part of it, or other writers changed a quadword each time; then what comes before it
    /// was written.</returns>
    internal bool TryWrite<TMemory>(scoped ref TMemory memory, ulong low, ulong high)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        if (Shift == 0) return TryMerge(ref memory, 0, low, ulong.MaxValue) && TryMerge(ref memory, 1, high, ulong.MaxValue);
        ulong inside = ulong.MaxValue << Shift;
        return TryMerge(ref memory, 0, low << Shift, inside)
            && TryMerge(ref memory, 1, (low >> -Shift) | (high << Shift), ulong.MaxValue)
            && TryMerge(ref memory, 2, high >> -Shift, ~inside);
    }

    private bool TryMerge<TMemory>(scoped ref TMemory memory, int index, ulong value, ulong mask)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        PhysicalAddress address = QuadwordAt(index);
        if (!memory.TryRead(address, out ulong found)) return false;
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (!memory.TryCompareExchange(address, (found & ~mask) | value, found, out ulong prior)) return false;
            if (prior == found) return true;
            found = prior;
        }

        return false;
    }

    /// <summary>One of the aligned quadwords that the operand touches; none crosses a page.</summary>
    private PhysicalAddress QuadwordAt(int index)
    {
        ulong offset = (Start.Value & PageSize.Size4K.OffsetMask() & ~(ulong)(Quadword - 1)) + (ulong)(index * Quadword);
        bool isOnFirst = offset < PageSize.Size4K.Bytes();
        ulong page = (isOnFirst ? Start : LastPage).Value & ~PageSize.Size4K.OffsetMask();
        return PhysicalAddress.CreateUnchecked(page | (offset & PageSize.Size4K.OffsetMask()));
    }
}
