using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Images.Tests.Formats;

/// <summary>One machine's memory in many formats; the folder's README says who wrote which.</summary>
internal static class SharedImages
{
    internal const ulong Cr3OfProcessor0 = 0x1_050D_E000UL;
    internal const ulong SwapperRoot = 0x1_0241_0000UL;

    /// <summary>Files of the same moment that have processors' registers.</summary>
    internal static readonly string[] WithRegisters =
    [
        "qemu/core.elf.zst", "qemu/core-paging.elf.zst", "qemu/kdump-lzo.kdump.zst", "qemu/kdump-lzo.flat.zst",
        "qemu/kdump-snappy.kdump.zst", "qemu/kdump-snappy.flat.zst", "qemu/kdump-zlib.flat.zst", "makedumpfile/lzo-d31.kdump.zst",
        "makedumpfile/plain-d31.kdump.zst", "makedumpfile/snappy-d31.kdump.zst", "makedumpfile/split-1.kdump.zst",
        "makedumpfile/split-2.kdump.zst", "makedumpfile/zlib-d1.kdump.zst", "makedumpfile/zlib-d31.kdump.zst",
        "makedumpfile/zstd-d0.kdump.zst", "makedumpfile/zstd-d31.kdump.zst", "makedumpfile/elf-d31.elf.zst",
        "makedumpfile/elf-d31.flat.zst",
        "synthetic/virtualbox.elf.zst",
    ];

    /// <summary>Files of the same moment that have none.</summary>
    internal static readonly string[] WithoutRegisters =
        ["lime/avml-v1.lime.zst", "lime/avml-v2-compressed.avml.zst", "raw/ram.raw.zst", "raw/padded.raw.zst"];

    internal static MemoryImage Open(string name) => MemoryImage.Open(PathOf(name), Options(name));

    internal static string PathOf(string name) => Fixture.PathOf("images/" + name);

    internal static MemoryImageOptions? Options(string name)
    {
        if (name.Contains("padded", StringComparison.Ordinal)) return new MemoryImageOptions { Ram = Parsed("0-107ffffff") };
        return name.Contains("ram.raw", StringComparison.Ordinal)
            ? new MemoryImageOptions { Ram = RamLayout.Open(PathOf("raw/layout.txt")) } : null;
    }

    internal static RamLayout Parsed(string text) =>
        RamLayout.TryParse(text, out RamLayout? layout) ? layout : throw new InvalidDataException(text);

    /// <summary>The emulator's list of mappings, a line each.</summary>
    internal static string[] Oracle(string name)
    {
        string text = System.Text.Encoding.ASCII.GetString(Fixture.Gunzipped("images/" + name));
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>The mappings of a root in the emulator's form.</summary>
    internal static List<string> Map<TMemory>(TMemory memory, in Paging.PagingState state, out long absentTables)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        List<string> lines = [];
        Paging.MappingEnumerator<TMemory> mappings = new(memory, state);
        while (mappings.MoveNext())
        {
            lines.Add(Line(mappings.Current));
        }

        absentTables = mappings.AbsentTables;
        return lines;
    }

    private static string Line(in Paging.Mapping mapping)
    {
        const string Letters = "XGPDACTUW";
        Span<char> flags = stackalloc char[Letters.Length];
        Letters.CopyTo(flags);
        ulong leaf = mapping.Leaf.Value;
        ReadOnlySpan<int> bits = [63, 8, -1, 6, 5, 4, 3, 2, 1];
        for (int index = 0; index < bits.Length; index++)
        {
            bool isSet = bits[index] < 0 ? mapping.Size != PageSize.Size4K : ((leaf >> bits[index]) & 1) != 0;
            if (!isSet) flags[index] = '-';
        }

        return $"{mapping.VirtualAddress.Value:x16}: {mapping.Address.Value:x16} {flags}";
    }
}
