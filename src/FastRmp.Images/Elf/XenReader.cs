using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace FastRmp.Images;

/// <summary>Reads Xen's cores (<c>xl dump-core</c>): ELF64 with sections, no segments.</summary>
/// <remarks>
/// <para><c>.xen_pfn</c> lists the page frames of a guest that Xen virtualises in hardware, <c>.xen_p2m</c> the frames and machine frames
/// of one that it does not, whose tables hold machine frames; <c>.xen_pages</c> has the pages in that order; <c>.xen_prstatus</c> the
/// processors. Source: Xen docs/misc/dump-core-format.txt, xen/include/public/arch-x86/xen.h (vcpu_guest_context).</para>
/// </remarks>
internal static class XenReader
{
    private const int SectionBytes = 64;
    private const int MaxSections = 64;
    private const int MaxNameBytes = 64 << 10;
    private const ulong PageBytes = 4096;
    private const int ListedFrames = 4096;

    internal static ImageContents Read(string name, ByteSource source, in ElfHeader header, InputProblems problems)
    {
        Dictionary<string, (ulong Offset, ulong Size)> sections = Sections(source, header);
        if (!sections.TryGetValue(".xen_pages", out (ulong Offset, ulong Size) pages))
        {
            throw new MalformedInputException(InputProblem.AtOffset(name, 0x38, "the core has no program headers"));
        }

        SegmentCollector segments = new(name, source, problems, "the page");
        if (sections.TryGetValue(".xen_pfn", out (ulong Offset, ulong Size) frames))
        {
            Collect(source, frames, sizeof(ulong), 0, pages, segments);
        }
        else if (sections.TryGetValue(".xen_p2m", out frames))
        {
            Collect(source, frames, 2 * sizeof(ulong), sizeof(ulong), pages, segments);
        }

        List<CpuState> cpus = [];
        if (sections.TryGetValue(".xen_prstatus", out (ulong Offset, ulong Size) processors)) ReadProcessors(source, processors, cpus);
        PageSource memory = segments.TakePages(out bool isEmpty);
        if (isEmpty) problems.Add(InputProblem.AtOffset(name, 0, "the core lists no page"));
        return new ImageContents(memory, [.. cpus], null, [], problems)
        {
            Description = new ImageDescription
            {
                Format = MemoryImageFormat.XenCore,
                Writer = "Xen (xl dump-core)",
                Processors = cpus.Count,
            },
        };
    }

    private static Dictionary<string, (ulong Offset, ulong Size)> Sections(ByteSource source, in ElfHeader header)
    {
        Dictionary<string, (ulong Offset, ulong Size)> sections = [];
        Span<byte> bytes = stackalloc byte[SectionBytes];
        ulong names = header.SectionHeaders + ((ulong)header.NameSection * SectionBytes);
        if (!source.TryRead(names, bytes)) return sections;
        byte[] text = new byte[Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(bytes[0x20..]), MaxNameBytes)];
        int held = source.Read(BinaryPrimitives.ReadUInt64LittleEndian(bytes[0x18..]), text);
        for (int index = 0; index < Math.Min(header.Sections, MaxSections); index++)
        {
            if (!source.TryRead(header.SectionHeaders + ((ulong)index * SectionBytes), bytes)) break;
            uint at = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            if (at >= (uint)held) continue;
            ReadOnlySpan<byte> rest = text.AsSpan((int)at, held - (int)at);
            int end = rest.IndexOf((byte)0);
            sections.TryAdd(
                Encoding.Latin1.GetString(end < 0 ? rest : rest[..end]),
                (BinaryPrimitives.ReadUInt64LittleEndian(bytes[0x18..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[0x20..])));
        }

        return sections;
    }

    /// <summary>Joins frames that follow one another, so that a list of any length makes few segments.</summary>
    private static void Collect(
        ByteSource source, (ulong Offset, ulong Size) frames, int entryBytes, int frameAt, (ulong Offset, ulong Size) pages,
        SegmentCollector segments)
    {
        const ulong Frames = (PhysicalAddress.ValidMask + 1) / PageBytes;
        ulong count = Math.Min(Math.Min(frames.Size, source.HeldBytes) / (uint)entryBytes, pages.Size / PageBytes);
        byte[] buffer = new byte[ListedFrames * entryBytes];
        ulong first = 0;
        ulong length = 0;
        ulong index = 0;
        while (index < count)
        {
            int wanted = (int)Math.Min(ListedFrames, count - index);
            int read = source.Read(frames.Offset + (index * (uint)entryBytes), buffer.AsSpan(0, wanted * entryBytes)) / entryBytes;
            for (int entry = 0; entry < read; entry++, index++)
            {
                ulong frame = BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan((entry * entryBytes) + frameAt));
                if (length != 0 && frame == first + length)
                {
                    length++;
                    continue;
                }

                Add();
                first = frame;
                length = frame < Frames ? 1UL : 0; // an invalid frame is a page that the guest gave back
            }

            if (read != wanted) break;
        }

        Add();

        void Add()
        {
            if (length == 0) return;
            ulong offset = pages.Offset + ((index - length) * PageBytes);
            segments.Add(frames.Offset + (index * (uint)entryBytes), first * PageBytes, offset, length * PageBytes, length * PageBytes);
            length = 0;
        }
    }

    private static void ReadProcessors(ByteSource source, (ulong Offset, ulong Size) section, List<CpuState> cpus)
    {
        const int ContextBytes = 5168;
        const int MaxProcessors = 4096;
        const int Registers = 520;
        const int Control = 4984;
        byte[] bytes = new byte[ContextBytes];
        ulong count = Math.Min(section.Size / ContextBytes, MaxProcessors);
        for (ulong index = 0; index < count && source.TryRead(section.Offset + (index * ContextBytes), bytes); index++)
        {
            cpus.Add(new CpuState(
                new ControlRegisters(Word(bytes, Control), new Cr3(Word(bytes, Control + 24)), Word(bytes, Control + 32), Efer: 0),
                Word(bytes, Control + 16),
                Word(bytes, Registers + 128),
                Word(bytes, Registers + 144),
                Word(bytes, Registers + 152),
                BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(Registers + 136))));
        }
    }

    private static ulong Word(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset));
}
