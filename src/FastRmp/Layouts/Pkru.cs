namespace FastRmp;

/// <summary>PKRU, the rights register of the protection keys of user pages; PKRS, that of supervisor pages, has the same form.</summary>
/// <remarks>Two bits for each of 16 keys, taken together here: bit <i>k</i> of a field belongs to key <i>k</i>. A 32-bit register, kept in
/// 64 bits.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 5.6.7")]
[Reserved(63, 32)]
public readonly partial struct Pkru
{
    /// <summary>AD: the keys whose pages may be neither read nor written.</summary>
    [Bits(30), Bits(28), Bits(26), Bits(24), Bits(22), Bits(20), Bits(18), Bits(16), Bits(14), Bits(12), Bits(10), Bits(8), Bits(6),
        Bits(4), Bits(2), Bits(0)]
    public partial ushort AccessDisabled { get; init; }

    /// <summary>WD: the keys whose pages may not be written; CR0.WP = 0 exempts the supervisor.</summary>
    [Bits(31), Bits(29), Bits(27), Bits(25), Bits(23), Bits(21), Bits(19), Bits(17), Bits(15), Bits(13), Bits(11), Bits(9), Bits(7),
        Bits(5), Bits(3), Bits(1)]
    public partial ushort WriteDisabled { get; init; }
}
