using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Identity;

public sealed class IvrsTableTests
{
    private const ulong PointerAt = 0xF_5A40UL;
    private const ulong RootAt = 0x3F00_0000UL;
    private const ulong OtherAt = 0x3F00_1000UL;
    private const ulong IvrsAt = 0x3F00_2000UL;
    private const ulong Features = 0x29D3;
    /// <summary>Where the IOMMU's registers are.</summary>
    internal const ulong Registers = 0xFED8_0000UL;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_features_of_the_new_blocks_get_SNPSup(bool isWide)
    {
        using TestRam ram = new();
        Build(ram, isWide, Ivrs());
        List<ulong> registers = [];
        Assert.Equal(2, IvrsTable.Claim(ram.Ram, registers));
        Assert.Equal([Registers], registers); // both blocks are of one IOMMU
        ReadOnlySpan<byte> table = ram.Ram.Bytes(IvrsAt, Ivrs().Length);
        Assert.Equal(Features, BinaryPrimitives.ReadUInt64LittleEndian(table[(48 + 24)..])); // type 10h has no such field
        Assert.Equal(Features | (1UL << 63), BinaryPrimitives.ReadUInt64LittleEndian(table[(48 + 40 + 24)..]));
        Assert.Equal(Features | (1UL << 63), BinaryPrimitives.ReadUInt64LittleEndian(table[(48 + 80 + 24)..]));
        Assert.Equal(0, Sum(table));
        Assert.Equal(2, IvrsTable.Claim(ram.Ram, [])); // once more changes nothing
        Assert.Equal(0, Sum(ram.Ram.Bytes(IvrsAt, Ivrs().Length)));
    }

    [Fact]
    public void A_machine_without_an_IOMMU_is_left_alone()
    {
        using TestHost host = new();
        host.Processor[GuestRegister.Rax] = 0x8000_001FUL;
        host.Step(WatchedInstruction.Cpuid);
        Assert.Equal(0, host.Machine.IommuBlocks);
        Build(host.Ram, isWide: false, Ivrs());
        host.Processor[GuestRegister.Rax] = 0x8000_001FUL;
        host.Step(WatchedInstruction.Cpuid); // its tables came later
        Assert.Equal(2, host.Machine.IommuBlocks);
    }

    [Fact]
    public void Damaged_tables_end_the_search()
    {
        byte[] whole = Ivrs();
        using TestRam ram = new();
        for (int at = 0; at < whole.Length; at++)
        {
            foreach (byte value in (byte[])[0, 1, 0x7F, 0xFF])
            {
                byte[] damaged = (byte[])whole.Clone();
                damaged[at] = value;
                Build(ram, isWide: at % 2 == 0, damaged);
                Assert.InRange(IvrsTable.Claim(ram.Ram, []), 0, 2);
            }
        }

        Build(ram, isWide: true, whole);
        ram.Write(RootAt + 4, 0xFFFF_FFFFUL); // the list of tables has no end
        Assert.Equal(0, IvrsTable.Claim(ram.Ram, []));
    }

    /// <summary>A table with one IOMMU, in blocks of all three types.</summary>
    internal static byte[] Ivrs()
    {
        byte[] table = new byte[48 + (3 * 40)];
        Header(table, "IVRS");
        byte[] types = [0x10, 0x11, 0x40];
        for (int i = 0; i < types.Length; i++)
        {
            Span<byte> block = table.AsSpan(48 + (i * 40), 40);
            block[0] = types[i];
            BinaryPrimitives.WriteUInt16LittleEndian(block[2..], 40);
            BinaryPrimitives.WriteUInt64LittleEndian(block[8..], Registers);
            BinaryPrimitives.WriteUInt64LittleEndian(block[24..], Features);
        }

        table[9] -= Sum(table);
        return table;
    }

    /// <summary>Leaves the table where the BIOS leaves it.</summary>
    internal static void Build(TestRam ram, bool isWide, byte[] ivrs)
    {
        byte[] pointer = new byte[36];
        Encoding.ASCII.GetBytes("RSD PTR ", pointer);
        pointer[15] = (byte)(isWide ? 2 : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(pointer.AsSpan(16), isWide ? 0 : (uint)RootAt);
        BinaryPrimitives.WriteUInt64LittleEndian(pointer.AsSpan(24), isWide ? RootAt : 0);
        pointer.CopyTo(ram.Ram.Bytes(PointerAt, pointer.Length));

        byte[] root = new byte[36 + 16];
        Header(root, isWide ? "XSDT" : "RSDT");
        BinaryPrimitives.WriteInt32LittleEndian(root.AsSpan(4), isWide ? 36 + 16 : 36 + 8);
        ulong[] places = [OtherAt, IvrsAt];
        for (int i = 0; i < places.Length; i++)
        {
            if (isWide) BinaryPrimitives.WriteUInt64LittleEndian(root.AsSpan(36 + (i * 8)), places[i]);
            else BinaryPrimitives.WriteUInt32LittleEndian(root.AsSpan(36 + (i * 4)), (uint)places[i]);
        }

        root.CopyTo(ram.Ram.Bytes(RootAt, root.Length));
        byte[] other = new byte[64];
        Header(other, "FACP");
        other.CopyTo(ram.Ram.Bytes(OtherAt, other.Length));
        ivrs.CopyTo(ram.Ram.Bytes(IvrsAt, ivrs.Length));
    }

    private static void Header(byte[] table, string name)
    {
        Encoding.ASCII.GetBytes(name, table);
        BinaryPrimitives.WriteInt32LittleEndian(table.AsSpan(4), table.Length);
    }

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes) sum += value;
        return sum;
    }
}
