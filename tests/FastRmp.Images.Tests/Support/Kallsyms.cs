using System;
using System.Buffers.Binary;
using System.Text;

namespace FastRmp.Images.Tests.Support;

/// <summary>A kernel's list of its own symbols as it lies in memory. Each byte of ASCII is a token of its own, and there are two of
/// more.</summary>
internal static class Kallsyms
{
    internal const int IndexAt = 0x1000;
    internal const int TokensAt = 0x2000;
    internal const int NamesAt = 0x4000;
    internal const int OffsetsAt = 0x8000;
    internal const int Bytes = 0x9000;

    /// <summary>The tables, one piece of memory.</summary>
    /// <param name="symbols">The symbols.</param>
    /// <param name="origin">The base of addresses.</param>
    /// <param name="place">Where the piece is.</param>
    /// <param name="way">How addresses are kept.</param>
    internal static byte[] Tables(
        ReadOnlySpan<(ulong Address, char Kind, string Name)> symbols, ulong origin, ulong place, KallsymsWay way)
    {
        byte[] bytes = new byte[Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)symbols.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), origin);
        int token = 0;
        for (int i = 0; i < 256; i++)
        {
            string text = i == 0x80 ? "T_st" : i == 0x81 ? "ext" : i is > 0x20 and < 0x7F ? $"{(char)i}" : "";
            if (i < 0x80) token = i * 2;
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(IndexAt + (i * 2)), (ushort)token);
            token += Encoding.ASCII.GetBytes(text, bytes.AsSpan(TokensAt + token)) + 1;
        }

        int at = NamesAt;
        for (int i = 0; i < symbols.Length; i++)
        {
            (ulong address, char kind, string name) = symbols[i];
            byte[] tokens = name == "_stext" ? [0x80, 0x81] : Encoding.ASCII.GetBytes(kind + name);
            if (tokens.Length > 0x7F) bytes[at++] = (byte)(0x80 | (tokens.Length & 0x7F));
            bytes[at++] = (byte)(tokens.Length > 0x7F ? tokens.Length >> 7 : tokens.Length);
            tokens.CopyTo(bytes, at);
            at += tokens.Length;
            int offset = way switch
            {
                KallsymsWay.FromBase => (int)(uint)(address - origin),
                KallsymsWay.FromItself => (int)(address - (place + OffsetsAt + ((ulong)i * 4))),
                _ => address < origin ? (int)address : (int)-(long)(address - origin + 1),
            };
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(OffsetsAt + (i * 4)), offset);
        }

        return bytes;
    }

    /// <summary>What VMCOREINFO says of them.</summary>
    internal static string Notes(ulong place, KallsymsWay way)
    {
        StringBuilder notes = new();
        foreach ((string name, int at) in ((string, int)[])[
            ("num_syms", 0), ("relative_base", 8), ("token_index", IndexAt), ("token_table", TokensAt), ("names", NamesAt),
            ("offsets", OffsetsAt)])
        {
            if (name != "relative_base" || way != KallsymsWay.FromItself) notes.Append($"SYMBOL(kallsyms_{name})={place + (ulong)at:x}\n");
        }

        return notes.ToString();
    }
}
