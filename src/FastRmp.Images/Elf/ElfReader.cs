using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Reads ELF64 cores of x86-64 machines: QEMU's and libvirt's, the kernel's <c>/proc/vmcore</c> and <c>/proc/kcore</c>,
/// makedumpfile's, VirtualBox's, Xen's.</summary>
internal static class ElfReader
{
    // What /proc/kcore gives as the physical address of memory that has no single one: vmalloc, modules, the array of page structures.
    private const ulong NoPhysicalAddress = ulong.MaxValue;

    internal static bool IsMagic(ReadOnlySpan<byte> head) => head.StartsWith("\u007fELF"u8);

    /// <summary>Reads a core's program headers and notes.</summary>
    /// <param name="name">The input's name.</param>
    /// <param name="source">The bytes.</param>
    /// <param name="problems">Receives what is wrong.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="MalformedInputException">The image is not an ELF64 core for x86-64, or has no program header that can be
    /// read.</exception>
    internal static ImageContents Read(string name, ByteSource source, InputProblems problems)
    {
        ElfHeader header = ElfHeader.Read(name, source);
        if (header.Count == 0) return XenReader.Read(name, source, header, problems);
        NoteReader notes = new(name, source, problems);
        SegmentCollector segments = new(name, source, problems, "PT_LOAD");
        List<KernelImageSegment> kernelImage = [];
        List<ElfProgramHeader> loads = ReadHeaders(name, source, header, problems, notes);
        bool isKernelCore = loads.Exists(static load => load.PhysicalAddress == NoPhysicalAddress);
        bool isByVirtualAddress = loads.TrueForAll(static load => load.PhysicalAddress is 0 or NoPhysicalAddress)
            && loads.Exists(static load => load.VirtualAddress != 0);
        segments.ComparesOverlaps = !isKernelCore && !source.IsLive;
        bool isVirtualBox = notes.Writer == NoteWriter.VirtualBox;
        foreach (ElfProgramHeader load in loads)
        {
            if (load.PhysicalAddress == NoPhysicalAddress || (isByVirtualAddress && load.VirtualAddress != 0)) continue;
            if (KernelImageSegment.IsInImage(load.VirtualAddress))
            {
                kernelImage.Add(new KernelImageSegment(load.VirtualAddress, load.PhysicalAddress, load.MemorySize));
            }

            // VirtualBox names the registers of devices without their content; of other writers, what is not in the file was left out.
            bool hasNoMemory = isVirtualBox && load.FileSize == 0;
            if (!hasNoMemory) segments.Add(load.At, load.PhysicalAddress, load.Offset, load.FileSize, load.MemorySize);
        }

        PageSource pages = segments.TakePages(out bool isEmpty);
        if (isEmpty)
        {
            string reason = isByVirtualAddress
                ? "no PT_LOAD segment tells a physical address (kernels before 4.12 write such a /proc/kcore)"
                : "no PT_LOAD segment holds physical memory";
            problems.Add(InputProblem.AtOffset(name, header.ProgramHeaders, reason));
        }

        return new ImageContents(pages, [.. notes.Cpus], notes.VmCoreInfo, [.. kernelImage], problems)
        {
            Description = new ImageDescription
            {
                Format = isVirtualBox ? MemoryImageFormat.VirtualBoxCore
                    : isKernelCore ? MemoryImageFormat.KernelCore : MemoryImageFormat.ElfCore,
                Writer = ElfWriter.Name(notes, isKernelCore, segments.HasExcluded),
                // The running kernel writes one note of zeros, for debuggers.
                Processors = isKernelCore ? 0 : Math.Max(notes.Cpus.Count, notes.Threads.Count),
                Threads = isKernelCore ? [] : [.. notes.Threads],
            },
        };
    }

    private static List<ElfProgramHeader> ReadHeaders(
        string name, ByteSource source, ElfHeader header, InputProblems problems, NoteReader notes)
    {
        List<ElfProgramHeader> loads = [];
        Span<byte> bytes = stackalloc byte[ElfHeader.ProgramHeaderBytes];
        ulong possible = source.HeldBytes / ElfHeader.ProgramHeaderBytes;
        for (uint index = 0; index < header.Count; index++)
        {
            ulong at = header.ProgramHeaders + ((ulong)index * ElfHeader.ProgramHeaderBytes);
            if (index >= possible || !source.TryRead(at, bytes))
            {
                string reason = string.Create(
                    CultureInfo.InvariantCulture, $"the file ends at 0x{source.Length:x}, inside program header {index} of {header.Count}");
                problems.Add(InputProblem.AtOffset(name, at, reason));
                break;
            }

            ElfProgramHeader entry = ElfProgramHeader.Read(bytes, at);
            if (entry.Type == ElfProgramHeader.TypeLoad) loads.Add(entry);
            if (entry.Type == ElfProgramHeader.TypeNote) notes.Read(entry);
        }

        return loads;
    }
}
