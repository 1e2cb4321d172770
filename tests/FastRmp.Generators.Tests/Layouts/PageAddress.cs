namespace FastRmp.Generators.Tests.Layouts;

/// <summary>A stand-in for an address type: opaque, and convertible only when asked for.</summary>
internal readonly record struct PageAddress
{
    private readonly ulong _value;

    private PageAddress(ulong value) => _value = value;

    public static explicit operator PageAddress(ulong value) => new(value);

    public static explicit operator ulong(PageAddress address) => address._value;
}
