using System;
using System.IO;
using System.Runtime.InteropServices;

namespace FastRmp.Qemu.Tests.Support;

/// <summary>A machine's RAM in a sparse file, with page tables that map its first GiB at <see cref="Direct"/> by pages of 2 MiB, but for
/// the page at <see cref="Hole"/>, which is not present.</summary>
internal sealed class TestRam : IDisposable
{
    /// <summary>CR3.</summary>
    internal const ulong Root = 0x1000;

    /// <summary>Where address 0 is mapped.</summary>
    internal const ulong Direct = 0xFFFF_8880_0000_0000UL;

    /// <summary>A virtual address that is not mapped: the last 2 MiB of the GiB.</summary>
    internal const ulong Hole = Direct + 0x3FE0_0000UL;

    private const ulong Level3 = 0x2000;
    private const ulong Level2 = 0x3000;
    private const ulong Table = 0x63; // D, A, W, P
    private const ulong Large = 0x80;
    private const int Slot4 = 0x111;

    private readonly string _folder = Directory.CreateTempSubdirectory("fastrmp-qemu-").FullName;

    internal TestRam(ulong bytes = 1UL << 30)
    {
        using (FileStream file = File.Create(Path)) file.SetLength((long)bytes);
        if (!GuestRam.TryOpen(Path, out GuestRam? ram, out string? problem)) throw new InvalidOperationException(problem);
        Ram = ram;
        Write(Root + (Slot4 * sizeof(ulong)), Level3 | Table);
        Write(Level3, Level2 | Table);
        for (ulong i = 0; i < 511; i++) Write(Level2 + (i * sizeof(ulong)), (i << 21) | Large | Table);
    }

    internal string Path => System.IO.Path.Combine(_folder, "ram");

    internal GuestRam Ram { get; }

    internal string FileIn(string name) => System.IO.Path.Combine(_folder, name);

    internal ulong Read(ulong address) => MemoryMarshal.Read<ulong>(Ram.Bytes(address, sizeof(ulong)));

    internal void Write(ulong address, ulong value) => MemoryMarshal.Write(Ram.Bytes(address, sizeof(ulong)), value);

    public void Dispose()
    {
        Ram.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
