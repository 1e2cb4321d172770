using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>An ELF64 core of an x86-64 machine: its physical memory, its processors, its kernel's notes.</summary>
/// <remarks>
/// <para>What a damaged core still holds is here, and what is wrong with it in <see cref="Problems"/>: a segment that passes the end of the file keeps its beginning.</para>
/// <para>Immutable once opened; any threads may read. Dispose it after the last use of its memory.</para>
/// </remarks>
public sealed class ElfCore : IDisposable
{
    private readonly CpuState[] _cpus;

    private ElfCore(ImageFile image, SparsePhysicalMemory memory, CpuState[] cpus, VmCoreInfo? vmCoreInfo, KernelImageSegment[] kernelImage, InputProblems problems)
    {
        Image = image;
        Memory = memory;
        _cpus = cpus;
        VmCoreInfo = vmCoreInfo;
        KernelImage = kernelImage;
        Problems = problems;
    }

    /// <summary>The file's bytes.</summary>
    public ImageFile Image { get; }

    /// <summary>The physical memory that the PT_LOAD segments hold; everything else is absent.</summary>
    public SparsePhysicalMemory Memory { get; }

    /// <summary>The processors in the order of their notes; empty if the core has none of the emulator's notes.</summary>
    public ReadOnlySpan<CpuState> Cpus => _cpus;

    /// <summary>The kernel's notes about itself; null if the core has none.</summary>
    public VmCoreInfo? VmCoreInfo { get; }

    /// <summary>What is wrong with the core, each with its offset.</summary>
    public InputProblems Problems { get; }

    /// <summary>Where the kernel's image lies, as far as program headers tell.</summary>
    internal KernelImageSegment[] KernelImage { get; }

    /// <summary>Opens a core.</summary>
    /// <param name="path">The file: plain, gzip, or a pipe.</param>
    /// <returns>The core; dispose it.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    /// <exception cref="MalformedInputException">The file is empty, is no ELF64 core for x86-64, or has no program header that can be read.</exception>
    public static ElfCore Open(string path) => Read(ImageFile.Open(path));

    /// <summary>Reads a core from an image.</summary>
    /// <param name="image">The bytes. The core owns them from here on; they are disposed also if this fails.</param>
    /// <returns>The core; dispose it.</returns>
    /// <exception cref="MalformedInputException">The image is no ELF64 core for x86-64, or has no program header that can be read.</exception>
    public static ElfCore Read(ImageFile image)
    {
        ArgumentNullException.ThrowIfNull(image);
        try
        {
            return Parse(image);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Gives the image back.</summary>
    public void Dispose() => Image.Dispose();

    private static ElfCore Parse(ImageFile image)
    {
        ElfHeader header = ElfHeader.Read(image);
        InputProblems problems = new();
        if (image.Problem is not null) problems.Add(image.Problem);
        SegmentCollector segments = new(image, problems);
        NoteReader notes = new(image, problems);
        for (uint index = 0; index < header.Count; index++)
        {
            ulong at = header.ProgramHeaders + ((ulong)index * ElfHeader.ProgramHeaderBytes);
            if (!image.Contains(at, ElfHeader.ProgramHeaderBytes))
            {
                string reason = string.Create(CultureInfo.InvariantCulture, $"the file ends at 0x{image.Length:x}, inside program header {index} of {header.Count}");
                problems.Add(InputProblem.AtOffset(image.Name, at, reason));
                break;
            }

            ElfProgramHeader entry = ElfProgramHeader.Read(image, at);
            if (entry.Type == ElfProgramHeader.TypeLoad) segments.Add(entry);
            if (entry.Type == ElfProgramHeader.TypeNote) notes.Read(entry);
        }

        MemorySegment[] loaded = segments.Take();
        if (loaded.Length == 0) problems.Add(InputProblem.AtOffset(image.Name, header.ProgramHeaders, "no PT_LOAD segment holds physical memory"));
        SparsePhysicalMemory memory = new(image.Memory, loaded);
        return new ElfCore(image, memory, CollectionsMarshal.AsSpan(notes.Cpus).ToArray(), notes.VmCoreInfo, [.. segments.KernelImage], problems);
    }
}
