using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Reads makedumpfile's flattened form: a file for pipes, which QEMU writes too, of records that say where in the dump their bytes
/// belong.</summary>
/// <remarks>A header of 4096 bytes, then for each record offset and length, 64 bits each, big-endian, and its bytes; −1 twice ends the
/// file. A writer goes back to mend what it wrote: the later record counts. Source: makedumpfile, diskdump_mod.h and makedumpfile.h
/// (makedumpfile_header, makedumpfile_data_header).</remarks>
internal static class FlattenedReader
{
    private const int HeaderBytes = 4096;
    private const int RecordBytes = 16;
    private static ReadOnlySpan<byte> Signature => "makedumpfile\0\0\0\0"u8;

    internal static bool IsMagic(ReadOnlySpan<byte> head) => head.StartsWith(Signature);

    /// <summary>Reads where everything lies.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="source">The flattened file.</param>
    /// <param name="problems">Receives what is wrong.</param>
    /// <returns>The file that it stands for. Bytes that no record holds are zero, as in a rearranged file.</returns>
    internal static FlattenedBytes Read(string name, ByteSource source, InputProblems problems)
    {
        List<FlattenedPiece> records = [];
        Span<byte> header = stackalloc byte[RecordBytes];
        ulong at = HeaderBytes;
        while (true)
        {
            if (!source.TryRead(at, header))
            {
                problems.Add(InputProblem.AtOffset(name, Math.Min(at, source.Length), "the flattened dump ends without its end mark"));
                break;
            }

            ulong start = BinaryPrimitives.ReadUInt64BigEndian(header);
            ulong length = BinaryPrimitives.ReadUInt64BigEndian(header[sizeof(ulong)..]);
            if (start == ulong.MaxValue && length == ulong.MaxValue) break;
            if (start > long.MaxValue || length == 0 || length > long.MaxValue - start)
            {
                problems.Add(InputProblem.AtOffset(
                    name, at, string.Create(CultureInfo.InvariantCulture, $"a record of 0x{length:x} bytes for 0x{start:x} is not one")));
                break;
            }

            ulong position = at + RecordBytes;
            ulong held = Math.Min(length, source.Length - position);
            if (held != 0) records.Add(new FlattenedPiece(start, held, position));
            if (held != length)
            {
                problems.Add(InputProblem.AtOffset(
                    name, at,
                    string.Create(
                        CultureInfo.InvariantCulture, $"a record has 0x{length:x} bytes, and the file ends after 0x{held:x} of them")));
                break;
            }

            at = position + length;
        }

        if (records.Count != 0) return new FlattenedBytes(source, FlattenedOrder.Apart(records));
        throw new MalformedInputException(InputProblem.AtOffset(
            name, HeaderBytes, "is a dump in makedumpfile's flattened form without a single record"));
    }
}
