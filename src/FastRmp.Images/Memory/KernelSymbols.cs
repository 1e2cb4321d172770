using System;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Text;
using System.Threading;

namespace FastRmp.Images;

/// <summary>A kernel's list of symbols: the <c>System.map</c> of its build, or <c>/proc/kallsyms</c> of a running one; lines of address,
/// kind and name.</summary>
/// <remarks>Immutable; any threads may read. Each look-up searches the text, some MiB.</remarks>
public sealed class KernelSymbols
{
    private const int MaxBytes = 256 << 20;
    private const int MaxAddressBytes = 18; // sixteen digits, a blank, the kind
    private const ulong LongestFunction = 1 << 20;

    private readonly byte[] _text;

    private KernelSymbols(byte[] text, string name)
    {
        _text = text;
        Name = name;
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>Whether it has names only: <c>/proc/kallsyms</c> shows addresses to root alone.</summary>
    internal bool AreHidden => TryGet("_stext", out ulong start) && start == 0;

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
    /// <exception cref="MalformedInputException">It is empty, larger than 256 MiB, compressed data that is cut, its first line is not a
    /// symbol, or it is the one line that Debian has in the place of <c>System.map</c>.</exception>
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
        bool isList = TryParse(symbols._text, out ulong first, out _);
        if (isList && first == ulong.MaxValue)
        {
            throw new MalformedInputException(InputProblem.InFile(
                name,
                "is a placeholder without symbols: the distribution has the kernel's System.map in a package for debugging (linux-image-…-dbg), and a running kernel has /proc/kallsyms"));
        }

        if (!isList)
        {
            throw new MalformedInputException(InputProblem.InFile(
                name, "is no list of symbols (System.map, /proc/kallsyms): the first line is not 'ADDRESS KIND NAME'"));
        }

        return symbols;
    }

    /// <summary>Reads the list that a kernel in an image has of its own symbols, not of its modules'.</summary>
    /// <param name="image">The image.</param>
    /// <param name="symbols">The symbols, where the kernel has them; null if there are none.</param>
    /// <param name="reason">Why there are none, as a sentence about the image; null if there are.</param>
    /// <param name="cancellation">Ends the reading, and the search for the kernel's notes before it.</param>
    /// <returns>Whether there are any.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <remarks>Kernels tell the place of their list since Linux 6.0.</remarks>
    public static bool TryRead(
        MemoryImage image, [NotNullWhen(true)] out KernelSymbols? symbols, [NotNullWhen(false)] out string? reason,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        symbols = KallsymsTables.TryRead(image, out byte[]? text, out reason, cancellation) ? new KernelSymbols(text, image.Name) : null;
        return symbols is not null;
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

    /// <summary>The function that an address is in, as the file has them.</summary>
    /// <param name="address">The address.</param>
    /// <param name="name">The function's name, the first of several; null if it is none.</param>
    /// <param name="offset">How far into it the address is.</param>
    /// <returns>Whether the last symbol up to the address is a function, less than 1 MiB before it.</returns>
    public bool TryFindFunction(ulong address, [NotNullWhen(true)] out string? name, out ulong offset)
    {
        ReadOnlySpan<byte> rest = _text;
        ReadOnlySpan<byte> best = default;
        ulong start = 0;
        bool isFunction = false;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (!TryParse(line, out ulong at, out ReadOnlySpan<byte> symbol) || at > address || at < start) continue;
            bool isCode = line[line.IndexOf((byte)' ') + 1] is (byte)'T' or (byte)'t' or (byte)'W' or (byte)'w';
            if (at == start && !best.IsEmpty && (isFunction || !isCode)) continue;
            start = at;
            best = symbol;
            isFunction = isCode;
        }

        offset = address - start;
        name = isFunction && offset < LongestFunction ? PrintableText.Of(Encoding.ASCII.GetString(best)) : null;
        return name is not null;
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
