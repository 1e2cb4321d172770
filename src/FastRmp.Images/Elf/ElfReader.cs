using System.Globalization;

namespace FastRmp.Images;

/// <summary>Reads ELF64 cores of x86-64 machines.</summary>
internal static class ElfReader
{
    /// <summary>Reads a core's program headers and notes.</summary>
    /// <param name="image">The bytes.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="MalformedInputException">The image is not an ELF64 core for x86-64, or has no program header that can be
    /// read.</exception>
    internal static ImageContents Read(ImageFile image)
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
                string reason = string.Create(
                    CultureInfo.InvariantCulture, $"the file ends at 0x{image.Length:x}, inside program header {index} of {header.Count}");
                problems.Add(InputProblem.AtOffset(image.Name, at, reason));
                break;
            }

            ElfProgramHeader entry = ElfProgramHeader.Read(image, at);
            if (entry.Type == ElfProgramHeader.TypeLoad) segments.Add(entry);
            if (entry.Type == ElfProgramHeader.TypeNote) notes.Read(entry);
        }

        MemorySegment[] loaded = segments.Take();
        if (loaded.Length == 0)
        {
            problems.Add(InputProblem.AtOffset(image.Name, header.ProgramHeaders, "no PT_LOAD segment holds physical memory"));
        }

        SparsePhysicalMemory memory = new(image.Memory, loaded);
        return new ImageContents(memory, [.. notes.Cpus], notes.VmCoreInfo, [.. segments.KernelImage], problems);
    }
}
