using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.MemoryMappedFiles;

namespace FastRmp.Benchmarks.Data;

/// <summary>An ELF core of a machine with 65 GiB of RAM in three segments, as QEMU writes it, in a temporary file of which only the pages
/// that were written take room.</summary>
/// <remarks>Where a physical address lies in the file is the same sum for all segments: one flat memory for C.</remarks>
internal sealed unsafe class CoreFile : IDisposable
{
    /// <summary>Where physical address 0 lies in the file.</summary>
    internal const ulong Before = 0x1000;

    internal const ulong LowEnd = 0xC000_0000UL;
    internal const ulong HighStart = 0x1_0000_0000UL;
    internal const ulong RamEnd = 0x10_8000_0000UL;

    private const int HeaderBytes = 64;
    private const int ProgramHeaderBytes = 56;
    private const uint TypeLoad = 1;

    private static readonly (ulong Start, ulong End)[] Ram = [(0, 0xA_0000), (0x10_0000, LowEnd), (HighStart, RamEnd)];

    /// <summary>Makes the file; its RAM is zero.</summary>
    internal CoreFile()
    {
        Path = System.IO.Path.GetTempFileName();
        using (FileStream file = File.Open(Path, FileMode.Truncate))
        {
            file.Write(Headers());
            file.SetLength((long)(Before + RamEnd));
        }

        Memory = PinnedMemory.OpenFile(Path, MemoryMappedFileAccess.ReadWrite);
    }

    internal string Path { get; }

    /// <summary>The whole file, writable.</summary>
    internal PinnedMemory Memory { get; }

    /// <summary>Where physical address 0 is.</summary>
    internal byte* Zero => Memory.Pointer + Before;

    internal static bool IsRam(ulong page) => Array.Exists(Ram, range => page >= range.Start && page < range.End);

    public void Dispose()
    {
        Memory.Dispose();
        File.Delete(Path);
    }

    private static byte[] Headers()
    {
        byte[] bytes = new byte[Before];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x10), 4); // a core
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x12), 62); // of x86-64
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(0x20), HeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x36), ProgramHeaderBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(0x38), (ushort)Ram.Length);
        for (int index = 0; index < Ram.Length; index++)
        {
            (ulong start, ulong end) = Ram[index];
            Span<byte> header = bytes.AsSpan(HeaderBytes + (index * ProgramHeaderBytes), ProgramHeaderBytes);
            BinaryPrimitives.WriteUInt32LittleEndian(header, TypeLoad);
            BinaryPrimitives.WriteUInt64LittleEndian(header[0x08..], Before + start);
            BinaryPrimitives.WriteUInt64LittleEndian(header[0x18..], start);
            BinaryPrimitives.WriteUInt64LittleEndian(header[0x20..], end - start);
            BinaryPrimitives.WriteUInt64LittleEndian(header[0x28..], end - start);
        }

        return bytes;
    }
}
