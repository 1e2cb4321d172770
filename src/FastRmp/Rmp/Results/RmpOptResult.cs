namespace FastRmp;

/// <summary>The outcome of RMPOPT. Immutable; any threads may share it.</summary>
public readonly record struct RmpOptResult
{
    private const uint CarryBit = 0x100;
    private const uint ContentionBit = 0x1_0000;

    private readonly uint _value; // contention [16], CF [8], fault [7:0]: one word, so that it is returned in a register

    /// <summary>Makes a result.</summary>
    /// <param name="fault">See <see cref="Fault"/>.</param>
    /// <param name="carryFlag">See <see cref="CarryFlag"/>.</param>
    /// <param name="isContention">See <see cref="IsContention"/>.</param>
    public RmpOptResult(RmpFault fault, bool carryFlag, bool isContention = false) =>
        _value = (uint)fault | (carryFlag ? CarryBit : 0) | (isContention ? ContentionBit : 0);

    /// <summary>The fault, if any: #UD or #GP(0).</summary>
    public RmpFault Fault => (RmpFault)(byte)_value;

    /// <summary>CF: whether the core skips the checks of the region.</summary>
    public bool CarryFlag => (_value & CarryBit) != 0;

    /// <summary>Whether CF is 0 only because another processor held an entry of the region: a verification may succeed when
    /// repeated.</summary>
    public bool IsContention => (_value & ContentionBit) != 0;

    /// <summary>RFLAGS after the instruction. RMPOPT leaves EAX and with it all flags but CF alone.</summary>
    /// <param name="before">RFLAGS before it.</param>
    /// <returns>RFLAGS after; as before after a fault.</returns>
    public RFlags FlagsAfter(RFlags before) => InstructionFlags.After(before, this);
}
