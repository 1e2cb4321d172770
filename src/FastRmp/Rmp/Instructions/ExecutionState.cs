namespace FastRmp;

/// <summary>The state of the executing processor that an RMP instruction depends on. Immutable.</summary>
/// <param name="Is64BitMode">Whether the processor is in 64-bit mode; else #UD for all instructions but PVALIDATE.</param>
/// <param name="Cpl">Current privilege level, 0 to 3; not 0 gives #GP(0).</param>
/// <param name="Asid">Current ASID: 0 on the host; in a guest the host's instructions return FAIL_PERMISSION.</param>
/// <param name="SnpEnabled">SYSCFG.SNP_EN; else #UD.</param>
/// <param name="Vmpl">Current VMPL of a guest, 0 (the most privileged) to 3.</param>
/// <param name="IsSnpGuest">Whether a guest (ASID not 0) runs with SNP; in another guest the guest's instructions are #UD.</param>
public readonly record struct ExecutionState(bool Is64BitMode, byte Cpl, uint Asid, bool SnpEnabled, byte Vmpl = 0, bool IsSnpGuest = true)
{
    // In one word, so that an instruction tests all that it depends on at once: ASID [31:0], CPL [39:32], VMPL [47:40], flags from 48 on.
    private const int CplShift = 32;
    private const int VmplShift = 40;
    private const ulong CplMask = 0xFFUL << CplShift;
    private const ulong VmplMask = 0xFFUL << VmplShift;
    private const ulong Is64BitBit = 1UL << 48;
    private const ulong SnpBit = 1UL << 49;
    private const ulong SnpGuestBit = 1UL << 50;

    private readonly ulong _state = Asid | ((ulong)Cpl << CplShift) | ((ulong)Vmpl << VmplShift)
        | (Is64BitMode ? Is64BitBit : 0) | (SnpEnabled ? SnpBit : 0) | (IsSnpGuest ? SnpGuestBit : 0);

    /// <summary>The host kernel with SNP enabled: 64-bit mode, CPL 0, ASID 0.</summary>
    public static ExecutionState Host => new(Is64BitMode: true, Cpl: 0, Asid: 0, SnpEnabled: true);

    /// <summary>Whether the processor is in 64-bit mode; else #UD for all instructions but PVALIDATE.</summary>
    public bool Is64BitMode
    {
        get => (_state & Is64BitBit) != 0;
        init => _state = With(Is64BitBit, value);
    }

    /// <summary>Current privilege level, 0 to 3; not 0 gives #GP(0).</summary>
    public byte Cpl
    {
        get => (byte)(_state >> CplShift);
        init => _state = (_state & ~CplMask) | ((ulong)value << CplShift);
    }

    /// <summary>Current ASID: 0 on the host; in a guest the host's instructions return FAIL_PERMISSION.</summary>
    public uint Asid
    {
        get => (uint)_state;
        init => _state = (_state & ~(ulong)uint.MaxValue) | value;
    }

    /// <summary>SYSCFG.SNP_EN; else #UD.</summary>
    public bool SnpEnabled
    {
        get => (_state & SnpBit) != 0;
        init => _state = With(SnpBit, value);
    }

    /// <summary>Current VMPL of a guest, 0 (the most privileged) to 3.</summary>
    public byte Vmpl
    {
        get => (byte)(_state >> VmplShift);
        init => _state = (_state & ~VmplMask) | ((ulong)value << VmplShift);
    }

    /// <summary>Whether a guest (ASID not 0) runs with SNP; in another guest the guest's instructions are #UD.</summary>
    public bool IsSnpGuest
    {
        get => (_state & SnpGuestBit) != 0;
        init => _state = With(SnpGuestBit, value);
    }

    /// <summary>Whether the host's instructions may execute: SNP enabled, 64-bit mode, CPL 0, ASID 0.</summary>
    internal bool IsHostKernel => (_state & (uint.MaxValue | CplMask | Is64BitBit | SnpBit)) == (Is64BitBit | SnpBit);

    /// <summary>Whether the guest's instructions may execute: SNP enabled, CPL 0 of an SNP guest.</summary>
    internal bool IsGuestKernel => (_state & (CplMask | SnpBit | SnpGuestBit)) == (SnpBit | SnpGuestBit) && (uint)_state != 0;

    /// <summary>The kernel of an SNP guest: 64-bit mode, CPL 0.</summary>
    /// <param name="asid">Its ASID, not 0.</param>
    /// <param name="vmpl">Its VMPL, 0 to 3.</param>
    /// <returns>The state.</returns>
    public static ExecutionState Guest(uint asid, byte vmpl = 0) => new(Is64BitMode: true, Cpl: 0, asid, SnpEnabled: true, vmpl);

    private ulong With(ulong bit, bool value) => value ? _state | bit : _state & ~bit;
}
