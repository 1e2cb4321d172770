using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace FastRmp.Tests.Totality;

/// <summary>
/// Values of any type that a public method takes: the edges of each range and beyond, for enums every value of their width.
/// </summary>
internal sealed class Arbitrary(int seed)
{
    private const int MaxDepth = 4;

    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 7, 0xFF, 0xFFF, 0x1000, 0x1F_FFFF, 0x20_0000, 0x40_0123, 0x60_0000, 0x7F_FFFF, 0x80_0000, 0x4000_0000, 0xFFFF_FFFF,
        0x1_0000_0000, 0x10_4000_0123, 0x0000_7FFF_FFFF_FFFF, 0x0000_8000_0000_0000,
        0x000F_FFFF_FFFF_F000, 0x0010_0000_0000_0000, 0x00FF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000,
        0xFFFF_8000_0000_0000, 0xFFFF_FFFF_FFFF_F000, ulong.MaxValue,
    ];

    private readonly Random _random = new(seed);
    private readonly Dictionary<Type, Func<object>> _made = [];

    /// <summary>Registers a way to make values of a type that reflection cannot construct.</summary>
    internal Arbitrary With<T>(Func<T> make)
        where T : notnull
    {
        _made[typeof(T)] = () => make();
        return this;
    }

    internal int Next(int below) => _random.Next(below);

    internal ulong Word() =>
        _random.Next(3) == 0
            ? Edges[_random.Next(Edges.Length)]
            : (ulong)_random.NextInt64(long.MinValue, long.MaxValue) >> _random.Next(64);

    /// <summary>A value of a type; null if there is no way to make one.</summary>
    internal object? Make(Type type, int depth = 0)
    {
        if (_made.TryGetValue(type, out Func<object>? make)) return make();
        if (Nullable.GetUnderlyingType(type) is { } inner) return _random.Next(3) == 0 ? null : Make(inner, depth);
        if (type.IsEnum) return Enum.ToObject(type, _random.Next(3) == 0 ? Word() : (ulong)_random.Next(8));
        if (type == typeof(bool)) return _random.Next(2) == 0;
        if (type == typeof(byte)) return (byte)Small();
        if (type == typeof(int)) return _random.Next(3) == 0 ? (int)Word() : _random.Next(-2, 70);
        if (type == typeof(uint)) return (uint)Small();
        if (type == typeof(ushort)) return (ushort)Small();
        if (type == typeof(long)) return _random.Next(2) == 0 ? (long)Word() : _random.Next(-1, 5);
        if (type == typeof(ulong)) return Word();
        if (type == typeof(nuint)) return (nuint)Word();
        if (type == typeof(string)) return _random.Next(2) == 0 ? "x" : "";
        if (type == typeof(IFormatProvider) || type == typeof(object)) return null;
        if (type == typeof(PhysicalAddress)) return PhysicalAddress.Truncate(Word());
        if (type == typeof(GuestPhysicalAddress)) return GuestPhysicalAddress.Truncate(Word());
        return depth < MaxDepth && !type.IsByRefLike && !type.IsAbstract ? Construct(type, depth) : null;
    }

    private ulong Small() => _random.Next(2) == 0 ? (ulong)_random.Next(6) : Word();

    private object? Construct(Type type, int depth)
    {
        ConstructorInfo[] constructors = [.. type.GetConstructors().OrderByDescending(static c => c.GetParameters().Length)];
        if (constructors.Length == 0 || constructors[0].GetParameters().Any(static p => p.ParameterType.IsByRefLike))
        {
            return type.IsValueType ? Activator.CreateInstance(type) : null;
        }

        for (int attempt = 0; attempt < 20; attempt++)
        {
            try
            {
                return constructors[0].Invoke([.. constructors[0].GetParameters().Select(p => Make(Plain(p.ParameterType), depth + 1))]);
            }
            catch (TargetInvocationException refused) when (refused.InnerException is ArgumentException)
            {
                // Misuse is reported; the next values may be valid.
            }
        }

        return type.IsValueType ? Activator.CreateInstance(type) : null;
    }

    internal static Type Plain(Type type) => type.IsByRef ? type.GetElementType()! : type;
}
