using System.Runtime.InteropServices;

namespace FastRmp.Qemu;

/// <summary>Where an instruction stores, as its bytes say it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct StoreOperand()
{
    /// <summary>No register.</summary>
    internal const sbyte NoRegister = -1;

    /// <summary>The number that is added; of an operand relative to RIP, with the instruction's end in its page.</summary>
    internal ulong Displacement { get; init; }

    /// <summary>Bytes, at most; of a string instruction, of one element.</summary>
    internal int Bytes { get; init; }

    /// <summary>The instruction's offset in its page.</summary>
    internal ushort Offset { get; init; }

    /// <summary>The base register, or <see cref="NoRegister"/>.</summary>
    internal sbyte Base { get; init; }

    /// <summary>The index register, or <see cref="NoRegister"/>.</summary>
    internal sbyte Index { get; init; }

    /// <summary>What the index is multiplied by.</summary>
    internal byte Scale { get; init; }

    /// <summary>The register that holds the segment's base: <see cref="GuestRegister.FsBase"/> or <see cref="GuestRegister.GsBase"/>, or
    /// <see cref="NoRegister"/>.</summary>
    internal sbyte Segment { get; init; }

    /// <summary>The register that counts bits from the first byte on, up or down, of an instruction that changes one bit; or
    /// <see cref="NoRegister"/>.</summary>
    internal sbyte Bit { get; init; } = NoRegister;

    /// <summary>Whether RCX counts the elements.</summary>
    internal bool Repeats { get; init; }

    /// <summary>Whether addresses have 32 bits.</summary>
    internal bool IsNarrow { get; init; }

    /// <summary>Whether the page of the instruction is added.</summary>
    internal bool IsRelative { get; init; }

    /// <summary>Whether it is the first store of its block that is looked at.</summary>
    internal bool IsFirst { get; init; }

    /// <summary>Bytes from the first to the last one that this store and those of its block that follow it reach by the same registers;
    /// 0 if this one follows another, or repeats.</summary>
    internal int Reach { get; init; }

    /// <summary>How many of them are before its own first byte.</summary>
    internal int Before { get; init; }

    /// <summary>The linear address of the first byte, or of the element that a string instruction stores first.</summary>
    /// <param name="processor">The registers.</param>
    /// <param name="rip">The instruction; asked for only if the operand is relative to it.</param>
    internal ulong AddressIn(IGuestProcessor processor, ulong rip)
    {
        ulong address = Displacement;
        if (Base != NoRegister) address += processor.Read((GuestRegister)Base);
        if (Index != NoRegister) address += processor.Read((GuestRegister)Index) * Scale;
        if (IsRelative) address += rip & ~PageSize.Size4K.OffsetMask();
        if (Bit != NoRegister) address += BitOffset(processor.Read((GuestRegister)Bit));
        if (IsNarrow) address = (uint)address;
        return Segment == NoRegister ? address : address + processor.Read((GuestRegister)Segment);
    }

    /// <summary>The offset of the word that a bit is in.</summary>
    private ulong BitOffset(ulong number)
    {
        const int BitsPerByte = 8;
        long signed = Bytes switch
        {
            sizeof(ushort) => (short)number,
            sizeof(uint) => (int)number,
            _ => (long)number,
        };
        long bits = Bytes * BitsPerByte;
        return (ulong)((signed - (signed & (bits - 1))) / BitsPerByte);
    }

    /// <summary>How many elements a string instruction stores.</summary>
    internal ulong CountIn(IGuestProcessor processor)
    {
        if (!Repeats) return 1;
        ulong count = processor.Read(GuestRegister.Rcx);
        return IsNarrow ? (uint)count : count;
    }
}
