using System;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using FastRmp.Addressing;

namespace FastRmp.Tests.Layouts;

/// <summary>A layout and what the manual's table says of it. Reached by reflection, so that one test serves all.</summary>
/// <param name="Type">The layout.</param>
/// <param name="Bits">64 or 128.</param>
/// <param name="Fields">Its fields.</param>
public sealed record LayoutCase(Type Type, int Bits, IReadOnlyList<BitField> Fields)
{
    public object Make(UInt128 raw) => Bits == 64
        ? Activator.CreateInstance(Type, (ulong)raw)!
        : Activator.CreateInstance(Type, (ulong)raw, (ulong)(raw >> 64))!;

    public UInt128 Raw(object layout) => Bits == 64
        ? Quadword(layout, "Value")
        : new UInt128(Quadword(layout, "High"), Quadword(layout, "Low"));

    public ulong Get(object layout, string field) => ToNumber(Property(field).GetValue(layout)!);

    public object With(object layout, string field, ulong value)
    {
        MethodInfo method = Type.GetMethod("With" + field) ?? throw new MissingMethodException(Type.Name, "With" + field);
        return method.Invoke(layout, [FromNumber(value, Property(field).PropertyType)])!;
    }

    public bool HasReservedBits(object layout) => (bool)Property("HasReservedBits").GetValue(layout)!;

    /// <summary>Every bit that no field has.</summary>
    public UInt128 Reserved()
    {
        UInt128 all = Bits == 64 ? ulong.MaxValue : UInt128.MaxValue;
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
