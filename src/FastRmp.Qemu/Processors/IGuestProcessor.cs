namespace FastRmp.Qemu;

/// <summary>A processor of the machine, in the callback of an instruction that it is about to execute.</summary>
internal interface IGuestProcessor
{
    /// <summary>Its number, from 0.</summary>
    int Index { get; }

    /// <summary>Reads a register.</summary>
    ulong Read(GuestRegister register);

    /// <summary>Writes a register.</summary>
    void Write(GuestRegister register, ulong value);

    /// <summary>The address of the instruction that the callback is for.</summary>
    /// <param name="offset">Its offset in its page.</param>
    ulong AddressOf(ulong offset);
}
