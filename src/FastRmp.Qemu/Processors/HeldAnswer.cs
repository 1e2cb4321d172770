namespace FastRmp.Qemu;

/// <summary>A processor whose registers are not written at once: the emulator executes the instruction as well, and what it left is
/// corrected before the next one.</summary>
/// <remarks>A processor that is sent elsewhere in the midst of a block loses flags: how the block's last arithmetic instruction left them
/// is known to the emulator when it translates, and reaches the processor's state only where a block ends.</remarks>
internal sealed class HeldAnswer(IGuestProcessor processor) : IGuestProcessor
{
    private const int Most = 8;
    private readonly (GuestRegister Register, ulong Value)[] _writes = new (GuestRegister, ulong)[Most];
    private int _count;

    /// <inheritdoc/>
    public int Index => processor.Index;

    /// <summary>Whether something is to be written.</summary>
    internal bool IsHeld => _count != 0;

    /// <inheritdoc/>
    public ulong Read(GuestRegister register) => processor.Read(register);

    /// <inheritdoc/>
    public void Write(GuestRegister register, ulong value) => _writes[_count++] = (register, value);

    /// <inheritdoc/>
    public ulong AddressOf(ulong offset) => processor.AddressOf(offset);

    /// <summary>The instruction behind the answered one: only there it may be written.</summary>
    internal ulong Next { get; set; }

    /// <summary>Forgets what was written.</summary>
    internal void Drop() => _count = 0;

    /// <summary>Writes it.</summary>
    internal void Release()
    {
        for (int i = 0; i < _count; i++) processor.Write(_writes[i].Register, _writes[i].Value);
        _count = 0;
    }
}
