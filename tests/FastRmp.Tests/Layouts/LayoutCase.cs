using System;
using System.Collections.Generic;
using System.Globalization;
using System.Numerics;
using System.Reflection;

namespace FastRmp.Tests.Layouts;

/// <summary>A layout and what the manual's table says of it. Reached by reflection, so that one test serves all.</summary>
/// <param name="Type">The layout.</param>
/// <param name="Bits">64, 128 or 256.</param>
/// <param name="Fields">Its fields.</param>
public sealed record LayoutCase(Type Type, int Bits, IReadOnlyList<BitField> Fields)
{
    public object Make(BigInteger raw)
    {
        object[] words = new object[Bits / 64];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = (ulong)(raw >> (64 * i) & ulong.MaxValue);
        }

        return Activator.CreateInstance(Type, words)!;
    }

    public BigInteger Raw(object layout)
    {
        string[] names = Bits switch
        {
            64 => ["Value"],
            128 => ["Low", "High"],
            _ => ["Word0", "Word1", "Word2", "Word3"],
        };
        BigInteger raw = 0;
        for (int i = 0; i < names.Length; i++)
        {
            raw |= (BigInteger)Quadword(layout, names[i]) << (64 * i);
        }

        return raw;
    }

    public ulong Get(object layout, string field) => ToNumber(Property(field).GetValue(layout)!);

    public object With(object layout, string field, ulong value)
    {
        object copy = Make(Raw(layout)); // boxed: setting a property must not change the original
        Property(field).SetValue(copy, FromNumber(value, Property(field).PropertyType));
        return copy;
    }

    public bool HasReservedBits(object layout) => (bool)Property("HasReservedBits").GetValue(layout)!;

    /// <summary>Every bit that no field has.</summary>
    public BigInteger Reserved()
    {
        BigInteger all = (BigInteger.One << Bits) - 1;
        foreach (BitField field in Fields)
        {
            all = field.Write(all, 0);
        }

        return all;
    }

    public override string ToString() => Type.Name;

    private ulong Quadword(object layout, string name) => (ulong)Property(name).GetValue(layout)!;

    private PropertyInfo Property(string name) => Type.GetProperty(name) ?? throw new MissingMemberException(Type.Name, name);

    private static ulong ToNumber(object value) => value switch
    {
        bool flag => flag ? 1UL : 0,
        PhysicalAddress address => address.Value,
        GuestPhysicalAddress address => address.Value,
        _ => Convert.ToUInt64(value, CultureInfo.InvariantCulture),
    };

    private static object FromNumber(ulong value, Type type)
    {
        if (type == typeof(bool)) return value != 0;
        if (type == typeof(PhysicalAddress)) return PhysicalAddress.Create(value);
        if (type == typeof(GuestPhysicalAddress)) return GuestPhysicalAddress.Create(value);
        return type.IsEnum ? Enum.ToObject(type, value) : Convert.ChangeType(value, type, CultureInfo.InvariantCulture);
    }
}
