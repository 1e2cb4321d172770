using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text;
using FastRmp.Generators.Tests.Support;
using Xunit;

namespace FastRmp.Generators.Tests;

/// <summary>Layouts cut at random, compiled, and read back against a bit-by-bit reading of the raw value.</summary>
public sealed class RandomLayoutTests
{
    private const int Layouts = 36;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_random_layout_reads_and_writes_as_bits_one_by_one_do(bool checkOverflow)
    {
        Random random = new(checkOverflow ? 4 : 3);
        List<List<Field>> layouts = [];
        StringBuilder source = new("using FastRmp;\nnamespace Random;\n");
        for (int index = 0; index < Layouts; index++)
        {
            int size = 64 << (index % 3);
            layouts.Add(Cut(random, size));
            Declare(source, index, size, layouts[index]);
        }

        Assembly assembly = Harness.Load(Harness.Compile(checkOverflow, source.ToString()));
        for (int index = 0; index < Layouts; index++)
        {
            Type type = assembly.GetType($"Random.Layout{index}", throwOnError: true)!;
            for (int round = 0; round < 25; round++)
            {
                Check(type, layouts[index], random, 1 << (index % 3));
            }
        }
    }

    private static void Check(Type type, List<Field> fields, Random random, int wordCount)
    {
        ulong[] words = Words(random, wordCount);
        object entry = Activator.CreateInstance(type, [.. words.Cast<object>()])!;
        bool hasReservedBits = fields.Any(field => field.Shape == FieldShape.Reserved && field.Read(words) != 0);
        Assert.Equal(hasReservedBits, type.GetProperty("HasReservedBits")!.GetValue(entry));
        foreach (Field field in fields.Where(static field => field.Shape != FieldShape.Reserved))
        {
            PropertyInfo property = type.GetProperty(field.Name)!;
            Assert.Equal(field.Read(words), ToNumber(property.GetValue(entry)!));

            ulong value = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
            object changed = Activator.CreateInstance(type, [.. words.Cast<object>()])!;
            property.SetValue(changed, ToValue(value, property.PropertyType));
            Assert.Equal(field.Write(words, value), Raw(changed, wordCount));
        }
    }

    private static ulong[] Raw(object entry, int wordCount)
    {
        string text = ((IFormattable)entry).ToString("X", null);
        ulong[] words = [.. text.Split(' ').Select(static word => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
        Assert.Equal(wordCount, words.Length);
        return words;
    }

    // Every bit goes to a field in turn, to a reserved range, or to a second range of the field before.
    private static List<Field> Cut(Random random, int size)
    {
        List<Field> fields = [];
        for (int low = 0; low < size;)
        {
            int room = 64 - (low % 64);
            int width = Math.Min(room, random.Next(3) == 0 ? 1 : random.Next(1, 65));
            int high = low + width - 1;
            Field? last = fields.Count == 0 ? null : fields[^1];
            switch (random.Next(6))
            {
                case 0:
                    fields.Add(new Field($"R{fields.Count}", FieldShape.Reserved, [(high, low)]));
                    break;
                case 1:
                    fields.Add(new Field($"A{fields.Count}", FieldShape.Address, [(high, low)]));
                    break;
                case 2 when last is { Shape: FieldShape.Number } && last.Width + width <= 64:
                    last.Ranges.Insert(random.Next(last.Ranges.Count + 1), (high, low));
                    break;
                case 3 when width == 1:
                    fields.Add(new Field($"B{fields.Count}", FieldShape.Bool, [(high, low)]));
                    break;
                default:
                    fields.Add(new Field($"N{fields.Count}", FieldShape.Number, [(high, low)]));
                    break;
            }

            low = high + 1;
        }

        return fields;
    }

    private static void Declare(StringBuilder source, int index, int size, List<Field> fields)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        source.Append(culture, $"/// <summary>A layout.</summary>\n[BitLayout({size})]\n");
        foreach (Field field in fields.Where(static field => field.Shape == FieldShape.Reserved))
        {
            source.Append(culture, $"[Reserved({field.Ranges[0].High}, {field.Ranges[0].Low})]\n");
        }

        source.Append(culture, $"public readonly partial struct Layout{index}\n{{\n");
        foreach (Field field in fields.Where(static field => field.Shape != FieldShape.Reserved))
        {
            string attribute = field.Shape == FieldShape.Address ? "AddressBits" : "Bits";
            string bits = string.Join(
                ", ", field.Ranges.Select(range => string.Create(culture, $"{attribute}({range.High}, {range.Low})")));
            source.Append(culture, $"    [{bits}] public partial {field.TypeName} {field.Name} {{ get; init; }}\n");
        }

        source.Append("}\n");
    }

    private static ulong[] Words(Random random, int count)
    {
        ulong[] words = new ulong[count];
        for (int word = 0; word < count; word++)
        {
            words[word] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        }

        return words;
    }

    private static ulong ToNumber(object value) =>
        value is bool flag ? (flag ? 1UL : 0UL) : Convert.ToUInt64(value, CultureInfo.InvariantCulture);

    private static object ToValue(ulong number, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => (number & 1) != 0,
        TypeCode.Byte => unchecked((byte)number),
        TypeCode.UInt16 => unchecked((ushort)number),
        TypeCode.UInt32 => unchecked((uint)number),
        _ => number,
    };
}
