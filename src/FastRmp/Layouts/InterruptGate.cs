namespace FastRmp;

/// <summary>A gate of the interrupt descriptor table in long mode.</summary>
[BitLayout(128, Source = "AMD64 APM vol. 2, 4.8.4")]
[Reserved(39, 35)]
[Reserved(44)]
[Reserved(127, 96)]
internal readonly partial struct InterruptGate
{
    /// <summary>Bits [15:0] of the handler's address.</summary>
    [Bits(15, 0)] public partial ushort OffsetLow { get; init; }

    /// <summary>The handler's code segment.</summary>
    [Bits(31, 16)] public partial ushort Selector { get; init; }

    /// <summary>IST: which stack of the TSS the handler runs on; 0 for the one in use, unless the privilege changes.</summary>
    [Bits(34, 32)] public partial byte Stack { get; init; }

    /// <summary>Type: 14 is an interrupt gate, which clears IF, 15 a trap gate.</summary>
    [Bits(43, 40)] public partial byte Type { get; init; }

    /// <summary>DPL.</summary>
    [Bits(46, 45)] public partial byte PrivilegeLevel { get; init; }

    /// <summary>P.</summary>
    [Bits(47)] public partial bool Present { get; init; }

    /// <summary>Bits [31:16] of the handler's address.</summary>
    [Bits(63, 48)] public partial ushort OffsetMiddle { get; init; }

    /// <summary>Bits [63:32] of the handler's address.</summary>
    [Bits(95, 64)] public partial uint OffsetHigh { get; init; }

    /// <summary>The handler's address.</summary>
    public ulong Handler => OffsetLow | ((ulong)OffsetMiddle << 16) | ((ulong)OffsetHigh << 32);
}
