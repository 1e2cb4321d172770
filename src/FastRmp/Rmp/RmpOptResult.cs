namespace FastRmp.Rmp;

/// <summary>What became of RMPOPT.</summary>
public readonly record struct RmpOptResult
{
    private const int CarryShift = 8;

    private readonly uint _value; // CF [8], fault [7:0]: one word, so that it is returned in a register

    /// <summary>Makes a result.</summary>
    /// <param name="fault">See <see cref="Fault"/>.</param>
    /// <param name="carryFlag">See <see cref="CarryFlag"/>.</param>
    public RmpOptResult(RmpFault fault, bool carryFlag) => _value = (uint)fault | (carryFlag ? 1U << CarryShift : 0);

    /// <summary>The fault, if any: #UD or #GP(0).</summary>
    public RmpFault Fault => (RmpFault)(byte)_value;

    /// <summary>CF: whether the core skips the checks of the region.</summary>
    public bool CarryFlag => _value >> CarryShift != 0;
}
