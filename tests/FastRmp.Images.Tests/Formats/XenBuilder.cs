using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace FastRmp.Images.Tests.Formats;

/// <summary>Writes small cores as Xen's tools do: sections and no segments.</summary>
internal static class XenBuilder
{
    /// <summary>A core whose pages begin with 1, 2, 3 and so on.</summary>
    internal static byte[] Core(ulong[] frames, ulong cr3)
    {
        byte[] processor = new byte[5168];
        BinaryPrimitives.WriteUInt64LittleEndian(processor.AsSpan(4984), 0x8000_0011);
        BinaryPrimitives.WriteUInt64LittleEndian(processor.AsSpan(4984 + 24), cr3);
        BinaryPrimitives.WriteUInt64LittleEndian(processor.AsSpan(4984 + 32), 0x20);
        byte[] list = new byte[frames.Length * 8];
        byte[] pages = new byte[frames.Length * 4096];
        for (int index = 0; index < frames.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(list.AsSpan(index * 8), frames[index]);
            BinaryPrimitives.WriteInt64LittleEndian(pages.AsSpan(index * 4096), index + 1);
        }

        (string Name, byte[] Content)[] sections =
            [("", []), (".shstrtab", []), (".xen_prstatus", processor), (".xen_pfn", list), (".xen_pages", pages)];
        List<byte> names = [];
        byte[] headers = new byte[sections.Length * 64];
        List<byte> content = [];
        int at = 64 + headers.Length;
        for (int index = 0; index < sections.Length; index++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(headers.AsSpan(index * 64), names.Count);
            names.AddRange(Encoding.ASCII.GetBytes(sections[index].Name + "\0"));
        }

        sections[1].Content = [.. names];
        for (int index = 0; index < sections.Length; index++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(headers.AsSpan((index * 64) + 0x18), at + content.Count);
            BinaryPrimitives.WriteInt64LittleEndian(headers.AsSpan((index * 64) + 0x20), sections[index].Content.Length);
            content.AddRange(sections[index].Content);
        }

        byte[] header = new byte[64];
        "\u007fELF"u8.CopyTo(header);
        header[4] = 2;
        header[5] = 1;
        header[6] = 1;
        header[0x10] = 4;
        header[0x12] = 62;
        header[0x28] = 64;
        header[0x36] = 56;
        header[0x3A] = 64;
        header[0x3C] = (byte)sections.Length;
        header[0x3E] = 1;
        return [.. header, .. headers, .. content];
    }
}
