using System;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Text;

namespace FastRmp.Images;

/// <summary>A kernel's list of symbols: the <c>System.map</c> of its build, or <c>/proc/kallsyms</c> of a running one; lines of address,
/// kind and name.</summary>
/// <remarks>Immutable; any threads may read. Each look-up searches the text, some MiB.</remarks>
public sealed class KernelSymbols
{
    private const int MaxBytes = 256 << 20;
    private const int MaxAddressBytes = 18; // sixteen digits, a blank, the kind

    private readonly byte[] _text;

    private KernelSymbols(byte[] text, string name)
    {
        _text = text;
        Name = name;
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file: plain, gzip or zstd.</param>
    /// <returns>The symbols.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    /// <exception cref="MalformedInputException">As for <see cref="Read"/>.</exception>
    public static KernelSymbols Open(string path)
    {
        using InputStream stream = InputStream.Open(path);
        return Read(stream, path);
    }

    /// <summary>Reads a list.</summary>
    /// <param name="stream">The text.</param>
    /// <param name="name">Its name for messages.</param>
    /// <returns>The symbols.</returns>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="MalformedInputException">It is empty, larger than 256 MiB, compressed data that is cut, or its first line is not a
    /// symbol.</exception>
    public static KernelSymbols Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        using MemoryStream text = new();
        byte[] buffer = new byte[64 << 10];
        for (int count; (count = stream.Read(buffer)) != 0;)
        {
            if (text.Length + count > MaxBytes) throw new MalformedInputException(InputProblem.InFile(name, "is larger than 256 MiB"));
            text.Write(buffer, 0, count);
        }

        KernelSymbols symbols = new(text.ToArray(), name);
        if (!TryParse(symbols._text, out _, out _))
        {
            throw new MalformedInputException(InputProblem.InFile(
                name, "is no list of symbols (System.map, /proc/kallsyms): the first line is not 'ADDRESS KIND NAME'"));
        }

        return symbols;
    }

    /// <summary>The address of a symbol as the file has it.</summary>
    /// <param name="name">The symbol's name.</param>
    /// <param name="address">Its address, or zero. The first of several of the name.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGet(string name, out ulong address)
    {
        ArgumentNullException.ThrowIfNull(name);
        byte[] wanted = Encoding.UTF8.GetBytes(" " + name);
        int from = 0;
        address = 0;
        while (_text.AsSpan(from).IndexOf(wanted) is >= 0 and int found)
        {
            int at = from + found;
            from = at + wanted.Length;
            int before = Math.Max(0, at - MaxAddressBytes - 1);
            int start = before + _text.AsSpan(before, at - before).LastIndexOf((byte)'\n') + 1;
            if (TryParse(_text.AsSpan(start), out ulong value, out ReadOnlySpan<byte> symbol) && IsNamed(symbol, wanted.AsSpan(1)))
            {
                address = value;
                return true;
            }
        }

        return false;
    }

    /// <summary>The address of a symbol in the memory that some notes are of.</summary>
    /// <param name="notes">The kernel's notes: they name a symbol or two, by whose distance the file's addresses are moved.</param>
    /// <param name="name">The symbol's name.</param>
    /// <param name="address">Its address, or zero.</param>
    /// <param name="reason">Why it is not known, as a sentence about the file; null if it is.</param>
    /// <returns>Whether it is known.</returns>
    public bool TryLocate(VmCoreInfo notes, string name, out ulong address, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(notes);
        address = 0;
        if (!TryGetDistance(notes, out ulong distance, out reason)) return false;
        if (!TryGet(name, out ulong value))
        {
            reason = $"has no symbol {name}";
            return false;
        }

        address = value + distance;
        return true;
    }

    /// <summary>How far the notes have the kernel from where the file has it: nothing, or what address randomisation moved it by. Any other
    /// distance is that of another kernel.</summary>
    private bool TryGetDistance(VmCoreInfo notes, out ulong distance, [NotNullWhen(false)] out string? reason)
    {
        distance = 0;
        bool isKnown = false;
        _ = notes.TryGetKernelOffset(out ulong moved);
        foreach ((string Noted, string Listed) anchor in (ReadOnlySpan<(string, string)>)[("_stext", "_stext"),
            ("swapper_pg_dir", "init_top_pgt"), ("swapper_pg_dir", "swapper_pg_dir")])
        {
            if (!notes.TryGetSymbol(anchor.Noted, out ulong there) || !TryGet(anchor.Listed, out ulong here)) continue;
            if (here == 0)
            {
                reason = "has no addresses: only root sees those of /proc/kallsyms";
                return false;
            }

            if ((there != here && there - here != moved) || (isKnown && there - here != distance))
            {
                reason = string.Create(
                    CultureInfo.InvariantCulture,
                    $"is of another kernel: {anchor.Listed} is at 0x{here:x} in it, and at 0x{there:x} by VMCOREINFO");
                return false;
            }

            distance = there - here;
            isKnown = true;
        }

        reason = isKnown ? null : "has no symbol that VMCOREINFO has, too (_stext, init_top_pgt), so that it may be of another kernel";
        return isKnown;
    }

    /// <summary>Reads the line that a text begins with: <c>address kind name</c>, and for a module <c>[module]</c>.</summary>
    private static bool TryParse(ReadOnlySpan<byte> text, out ulong address, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (!Utf8Parser.TryParse(text, out address, out int digits, 'x') || digits == 0) return false;
        text = text[digits..];
        if (text.Length < 4 || text[0] != ' ' || text[2] != ' ') return false;
        text = text[3..];
        int end = text.IndexOfAny("\n\r\t "u8);
        name = end < 0 ? text : text[..end];
        return !name.IsEmpty;
    }

    /// <summary>Whether a symbol has a name; link-time optimisation appends <c>.llvm.</c> and a number to that of a file's own
    /// variable.</summary>
    private static bool IsNamed(ReadOnlySpan<byte> symbol, ReadOnlySpan<byte> name) =>
        symbol.StartsWith(name) && (symbol.Length == name.Length || symbol[name.Length..].StartsWith(".llvm."u8));
}
