using System;
using System.Buffers.Text;
using System.Text;

namespace FastRmp.Images;

/// <summary>The kernel's own notes about itself in a core (VMCOREINFO): lines <c>KEY=value</c>, looked up in place without
/// allocation.</summary>
/// <remarks>Immutable; any threads may read. Each look-up searches the text, a few KiB.</remarks>
public sealed class VmCoreInfo
{
    private readonly byte[] _text;

    internal VmCoreInfo(byte[] text, ulong offset)
    {
        _text = text;
        Offset = offset;
    }

    /// <summary>Where the text was found: the offset in the image, in bytes, or the physical address if it was looked for in
    /// memory.</summary>
    public ulong Offset { get; }

    /// <summary>The whole text.</summary>
    public ReadOnlySpan<byte> Text => _text;

    /// <summary>The kernel's release (<c>OSRELEASE</c>), printable; null if it is not there.</summary>
    public string? Release =>
        TryGetValue("OSRELEASE", out ReadOnlySpan<byte> name) ? PrintableText.Of(Encoding.Latin1.GetString(name)) : null;

    /// <summary>Looks a key up, for instance <c>OSRELEASE</c>.</summary>
    /// <param name="key">The text before the equals sign.</param>
    /// <param name="value">The text from the equals sign to the end of the line; empty if absent.</param>
    /// <returns>Whether the key is there.</returns>
    public bool TryGetValue(ReadOnlySpan<char> key, out ReadOnlySpan<byte> value) => TryFind(key, default, out value);

    /// <summary>The address of a kernel symbol: <c>SYMBOL(name)=hexadecimal</c>.</summary>
    /// <param name="name">The symbol, for instance <c>swapper_pg_dir</c>.</param>
    /// <param name="address">The virtual address, or zero.</param>
    /// <returns>Whether it is there as a hexadecimal number.</returns>
    public bool TryGetSymbol(ReadOnlySpan<char> name, out ulong address)
    {
        address = 0;
        return TryFind("SYMBOL", name, out ReadOnlySpan<byte> value) && TryHexadecimal(value, out address);
    }

    /// <summary>A number of the kernel: <c>NUMBER(name)=decimal</c>.</summary>
    /// <param name="name">For instance <c>pgtable_l5_enabled</c>.</param>
    /// <param name="number">The number, or zero.</param>
    /// <returns>Whether it is there as a decimal number.</returns>
    public bool TryGetNumber(ReadOnlySpan<char> name, out long number)
    {
        number = 0;
        return TryFind("NUMBER", name, out ReadOnlySpan<byte> value) && TryDecimal(value, out number);
    }

    /// <summary>The size of a structure in bytes: <c>SIZE(name)=decimal</c>.</summary>
    /// <param name="name">For instance <c>page</c>.</param>
    /// <param name="bytes">The size, or zero.</param>
    /// <returns>Whether it is there as a decimal number.</returns>
    public bool TryGetSize(ReadOnlySpan<char> name, out long bytes)
    {
        bytes = 0;
        return TryFind("SIZE", name, out ReadOnlySpan<byte> value) && TryDecimal(value, out bytes);
    }

    /// <summary>The offset of a field in bytes: <c>OFFSET(structure.field)=decimal</c>.</summary>
    /// <param name="name">For instance <c>page.flags</c>.</param>
    /// <param name="bytes">The offset, or zero.</param>
    /// <returns>Whether it is there as a decimal number.</returns>
    public bool TryGetOffset(ReadOnlySpan<char> name, out long bytes)
    {
        bytes = 0;
        return TryFind("OFFSET", name, out ReadOnlySpan<byte> value) && TryDecimal(value, out bytes);
    }

    /// <summary>How far address randomisation moved the kernel's image: <c>KERNELOFFSET=hexadecimal</c>.</summary>
    /// <param name="bytes">The distance, or zero.</param>
    /// <returns>Whether it is there as a hexadecimal number.</returns>
    public bool TryGetKernelOffset(out ulong bytes)
    {
        bytes = 0;
        return TryFind("KERNELOFFSET", default, out ReadOnlySpan<byte> value) && TryHexadecimal(value, out bytes);
    }

    // The key is `word`, or `word(name)` if a name is given.
    private bool TryFind(ReadOnlySpan<char> word, ReadOnlySpan<char> name, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = Text;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            int equals = line.IndexOf((byte)'=');
            if (equals >= 0 && IsKey(line[..equals], word, name))
            {
                value = line[(equals + 1)..];
                return true;
            }
        }

        value = default;
        return false;
    }

    private static bool IsKey(ReadOnlySpan<byte> key, ReadOnlySpan<char> word, ReadOnlySpan<char> name)
    {
        if (key.Length < word.Length || !Ascii.Equals(key[..word.Length], word)) return false;
        ReadOnlySpan<byte> rest = key[word.Length..];
        if (name.IsEmpty) return rest.IsEmpty;
        return rest.Length == name.Length + 2 && rest[0] == '(' && rest[^1] == ')' && Ascii.Equals(rest[1..^1], name);
    }

    private static bool TryHexadecimal(ReadOnlySpan<byte> text, out ulong number) =>
        Utf8Parser.TryParse(text, out number, out int consumed, 'x') && consumed == text.Length;

    private static bool TryDecimal(ReadOnlySpan<byte> text, out long number) =>
        Utf8Parser.TryParse(text, out number, out int consumed) && consumed == text.Length;
}
