using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace FastRmp.Qemu;

/// <summary>The ACPI table that describes the IOMMU: its extended features get SNPSup, which the emulated IOMMU does not claim.</summary>
/// <remarks>ACPI 6.5, 5.2.5; AMD I/O virtualization specification, 5.2. The kernel takes the features from blocks of type 11h and
/// 40h.</remarks>
internal static class IvrsTable
{
    private const ulong BiosStart = 0xE_0000UL;
    private const int BiosBytes = 0x2_0000;
    private const int PointerStep = 16;
    private const int PointerBytes = 36;
    private const int HeaderBytes = 36;
    private const int LengthAt = 4;
    private const int ChecksumAt = 9;
    private const int RevisionAt = 15;
    private const int RsdtAt = 16;
    private const int XsdtAt = 24;
    private const int FirstBlock = 48;
    private const int BlockLengthAt = 2;
    private const int BlockRegistersAt = 8;
    private const int BlockFeaturesAt = 24;
    private const int MostBytes = 1 << 20;

    /// <summary>Sets SNPSup.</summary>
    /// <param name="ram">The RAM, with the tables that the BIOS wrote.</param>
    /// <param name="registers">Receives where the registers of each IOMMU are.</param>
    /// <returns>How many blocks have it now; 0 if there is no such table.</returns>
    internal static int Claim(GuestRam ram, List<ulong> registers)
    {
        Span<byte> table = Find(ram);
        int claimed = 0;
        for (int at = FirstBlock; at + BlockFeaturesAt + sizeof(ulong) <= table.Length;)
        {
            Span<byte> block = table[at..];
            int length = BinaryPrimitives.ReadUInt16LittleEndian(block[BlockLengthAt..]);
            if (block[0] is 0x11 or 0x40 && length >= BlockFeaturesAt + sizeof(ulong))
            {
                IommuExtendedFeatures features = new(BinaryPrimitives.ReadUInt64LittleEndian(block[BlockFeaturesAt..]));
                BinaryPrimitives.WriteUInt64LittleEndian(block[BlockFeaturesAt..], (features with { Snp = true }).Value);
                claimed++;
                ulong place = BinaryPrimitives.ReadUInt64LittleEndian(block[BlockRegistersAt..]);
                if (!registers.Contains(place)) registers.Add(place);
            }

            if (length == 0) break;
            at += length;
        }

        if (claimed != 0) table[ChecksumAt] -= Sum(table);
        return claimed;
    }

    /// <summary>The table, through the root pointer that the BIOS left below 1 MiB.</summary>
    private static Span<byte> Find(GuestRam ram)
    {
        Span<byte> bios = ram.Bytes(BiosStart, BiosBytes);
        for (int at = 0; at + PointerBytes <= bios.Length; at += PointerStep)
        {
            Span<byte> pointer = bios.Slice(at, PointerBytes);
            if (!pointer.StartsWith("RSD PTR "u8)) continue;
            bool isWide = pointer[RevisionAt] >= 2 && BinaryPrimitives.ReadUInt64LittleEndian(pointer[XsdtAt..]) != 0;
            ulong root = isWide
                ? BinaryPrimitives.ReadUInt64LittleEndian(pointer[XsdtAt..])
                : BinaryPrimitives.ReadUInt32LittleEndian(pointer[RsdtAt..]);
            Span<byte> tables = Table(ram, root);
            int width = isWide ? sizeof(ulong) : sizeof(uint);
            for (int entry = HeaderBytes; entry + width <= tables.Length; entry += width)
            {
                ulong place = isWide
                    ? BinaryPrimitives.ReadUInt64LittleEndian(tables[entry..])
                    : BinaryPrimitives.ReadUInt32LittleEndian(tables[entry..]);
                Span<byte> table = Table(ram, place);
                if (table.StartsWith("IVRS"u8)) return table;
            }
        }

        return default;
    }

    /// <summary>A whole table; empty if there is none.</summary>
    private static Span<byte> Table(GuestRam ram, ulong address)
    {
        Span<byte> header = ram.Bytes(address, HeaderBytes);
        if (header.IsEmpty) return default;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[LengthAt..]);
        return length is >= HeaderBytes and <= MostBytes ? ram.Bytes(address, (int)length) : default;
    }

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes) sum += value;
        return sum;
    }
}
