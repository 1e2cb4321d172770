using System;
using System.IO;

namespace FastRmp.Images;

/// <summary>An image of an x86-64 machine's physical memory, with its processors and its kernel's notes where the image has them.</summary>
/// <remarks>
/// <para>The bytes of the file decide its format: ELF64 cores can be read, plain and gzip; others are refused, and the message names the
/// format.</para>
/// <para>A damaged image is read as far as possible; <see cref="Problems"/> lists what is wrong. A segment that extends beyond the end of
/// the file keeps its first part.</para>
/// <para>Immutable once opened; any threads may read. Dispose it after the last use of its memory.</para>
/// </remarks>
public sealed class MemoryImage : IDisposable
{
    private readonly ImageContents _contents;

    private MemoryImage(ImageFile file, ImageContents contents)
    {
        File = file;
        _contents = contents;
    }

    /// <summary>The file's bytes.</summary>
    public ImageFile File { get; }

    /// <summary>The input's name.</summary>
    public string Name => File.Name;

    /// <summary>The physical memory that the image holds; everything else is absent.</summary>
    public SparsePhysicalMemory Memory => _contents.Memory;

    /// <summary>The registers of the processors in the order of the image; empty if it has none. The kernel's own dumps have
    /// none.</summary>
    public ReadOnlySpan<CpuState> Cpus => _contents.Cpus;

    /// <summary>The kernel's notes about itself; null if the image has none.</summary>
    public VmCoreInfo? VmCoreInfo => _contents.VmCoreInfo;

    /// <summary>What is wrong with the image, each with its offset.</summary>
    public InputProblems Problems => _contents.Problems;

    /// <summary>Where the kernel's image lies, as far as the image shows.</summary>
    internal ReadOnlySpan<KernelImageSegment> KernelImage => _contents.KernelImage;

    /// <summary>Opens an image.</summary>
    /// <param name="path">The file: plain, gzip, or a pipe.</param>
    /// <returns>The image; dispose it.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    /// <exception cref="MalformedInputException">The file is empty, is not an ELF64 core for x86-64, or has no program header that can be
    /// read.</exception>
    public static MemoryImage Open(string path) => Read(ImageFile.Open(path));

    /// <summary>Reads an image from its bytes.</summary>
    /// <param name="file">The bytes. The image owns them from here on; they are disposed also if this fails.</param>
    /// <returns>The image; dispose it.</returns>
    /// <exception cref="MalformedInputException">The bytes are not an ELF64 core for x86-64, or have no program header that can be
    /// read.</exception>
    public static MemoryImage Read(ImageFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            return new MemoryImage(file, ElfReader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A processor, ready to translate addresses through its tables.</summary>
    /// <param name="number">Its number, below the length of <see cref="Cpus"/>. An image without registers has one processor, number 0,
    /// that has the kernel's reference tables in CR3 (<see cref="KernelNotes"/>).</param>
    /// <param name="options">What the registers do not say, and a root of the caller's own; null for the defaults.</param>
    /// <returns>The processor.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no processor of that number, or <paramref name="options"/> have a
    /// physical-address width or a C-bit that no processor has.</exception>
    /// <exception cref="MalformedInputException">
    /// The processor has paging off or is not in long mode; or the image has neither registers nor notes that name the kernel's root. None
    /// of this with a root of the caller's own.
    /// </exception>
    public ImageProcessor Processor(int number, PagingOptions? options = null)
    {
        ReadOnlySpan<CpuState> cpus = Cpus;
        if (number < 0 || number >= Math.Max(cpus.Length, 1))
        {
            throw new ArgumentOutOfRangeException(nameof(number), number, cpus.IsEmpty
                ? $"{Name} holds no processor's registers: its one processor has the number 0."
                : $"{Name} holds {cpus.Length} processors, numbered from 0.");
        }

        options ??= new PagingOptions();
        CpuState registers = cpus.IsEmpty ? KernelNotes.RegistersOf(this, options.Root) : cpus[number];
        if (options.Root is { } root) registers = registers with { Control = registers.Control with { Cr3 = root } };
        else if (!registers.Control.Paging) throw Refusal($"paging is off on processor {number} (CR0.PG is clear): there are no mappings");
        else if (!registers.Control.PhysicalAddressExtensions) throw Refusal($"processor {number} is not in long mode (CR4.PAE is clear)");
        if (options.Encryption is null && VmCoreInfo is { } notes) options = options with { Encryption = KernelNotes.Encryption(notes) };
        return new ImageProcessor(
            this, cpus.IsEmpty || options.Root is not null ? null : number, registers, registers.ToPagingState(options));
    }

    /// <summary>Releases the file's bytes.</summary>
    public void Dispose() => File.Dispose();

    private MalformedInputException Refusal(string reason) => new(InputProblem.InFile(Name, reason));
}
