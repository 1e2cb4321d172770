using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images.Tests.Support;
using FastRmp.Paging;

namespace FastRmp.Images.Tests.DirectMap;

/// <summary>
/// Paging structures in pages of their own, all other memory absent; built by the manual's arithmetic and none of the library's.
/// </summary>
internal sealed class TableImage
{
    internal const ulong P = 1UL << 0;
    internal const ulong W = 1UL << 1;
    internal const ulong U = 1UL << 2;
    internal const ulong PS = 1UL << 7;
    internal const ulong NX = 1UL << 63;
    internal const ulong Leaf = 0x8000_0000_0000_0163UL;
    internal const ulong Boot = 0x067;
    internal const ulong AfterBoot = 0x063;
    internal const ulong AddressField = 0x000F_FFFF_FFFF_F000UL;

    private ulong _next;

    internal TableImage(int levels = 4, ulong root = 0x10_0000)
    {
        Levels = levels;
        Root = root;
        _next = root + 0x10_0000;
        Pages[root] = new ulong[512];
    }

    internal Dictionary<ulong, ulong[]> Pages { get; } = [];

    internal int Levels { get; }

    internal ulong Root { get; set; }

    /// <summary>Set in entries that point to tables, beside the flags; no part of their addresses.</summary>
    internal ulong EncryptionBit { get; init; }

    internal TableView View => new(this);

    internal PagingState State => StateWith(null);

    internal PagingState StateWith(MemoryEncryption? encryption) => new(
        PhysicalAddress.Create(Root), Levels == 5 ? PagingMode.FiveLevel : PagingMode.FourLevel, ProcessorModel.Genoa,
        encryption: encryption);

    /// <summary>Maps a page; tables on the way are made where they are missing.</summary>
    internal TableImage Map(ulong va, ulong pa, int level = 1, ulong flags = Leaf, ulong tableFlags = Boot)
    {
        ulong[] table = Pages[Root];
        for (int above = Levels; above > level; above--)
        {
            ref ulong entry = ref table[Index(va, above)];
            if (entry == 0)
            {
                entry = _next | tableFlags | EncryptionBit;
                Pages[_next] = new ulong[512];
                _next += 0x1000;
            }

            table = Pages[entry & AddressField & ~EncryptionBit];
        }

        table[Index(va, level)] = pa | flags | (level > 1 ? PS : 0);
        return this;
    }

    /// <summary>Maps a range at a constant distance with the pages of one level.</summary>
    internal TableImage MapRange(ulong start, ulong pa, ulong bytes, int level = 1, ulong flags = Leaf, ulong tableFlags = Boot)
    {
        for (ulong done = 0; done < bytes; done += 1UL << (3 + (9 * level)))
        {
            Map(start + pa + done, pa + done, level, flags, tableFlags);
        }

        return this;
    }

    internal ref ulong Entry(ulong va, int level)
    {
        ulong[] table = Pages[Root];
        for (int above = Levels; above > level; above--)
        {
            table = Pages[table[Index(va, above)] & AddressField & ~EncryptionBit];
        }

        return ref table[Index(va, level)];
    }

    /// <summary>The pages of a real image.</summary>
    internal static TableImage Of(MemoryImage core, int cpu = 0)
    {
        TableImage image = new(4, core.Cpus[cpu].Control.Cr3.Table.Value);
        foreach (MemorySegment segment in core.Memory.Segments)
        {
            for (ulong page = segment.Start.Value; page < segment.End; page += 0x1000)
            {
                byte[] bytes = new byte[0x1000];
                core.Memory.Read(PhysicalAddress.Create(page), bytes);
                ulong[] words = new ulong[512];
                Buffer.BlockCopy(bytes, 0, words, 0, bytes.Length);
                image.Pages[page] = words;
            }
        }

        return image;
    }

    internal static MemoryImage OpenFixture() => MemoryImage.Open(Fixture.PathOf("linux-4level/core.elf"));

    /// <summary>A core with nothing but kernel notes in it.</summary>
    internal static MemoryImage Notes(string text)
    {
        byte[] core = new CoreBuilder()
            .Note("VMCOREINFO", 0, System.Text.Encoding.ASCII.GetBytes(text))
            .Load(0x1000, new byte[0x1000])
            .Build();
        using MemoryStream stream = new(core);
        return MemoryImage.Read(ImageFile.Read(stream, "notes"));
    }

    private static int Index(ulong va, int level) => (int)((va >> (3 + (9 * level))) & 511);
}
