using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace FastRmp.Images;

/// <summary>An image of an x86-64 machine's physical memory, with its processors and its kernel's notes where the image has them.</summary>
/// <remarks>
/// <para>The bytes of the file decide its format (<see cref="MemoryImageFormat"/>), plain, gzip or zstd; others are
/// refused, and the message names the format.</para>
/// <para>A damaged image is read as far as possible; <see cref="Problems"/> lists what is wrong. A segment that extends beyond the end of
/// the file keeps its first part.</para>
/// <para>Immutable once opened; any threads may read. Dispose it after the last use of its memory.</para>
/// </remarks>
public sealed class MemoryImage : IDisposable
{
    private readonly ImageContents _contents;
    private VmCoreInfo? _found;
    private bool _hasSearched;

    private MemoryImage(ImageFile file, ImageContents contents)
    {
        File = file;
        _contents = contents;
        Memory = new ImageMemory(contents.Pages);
    }

    /// <summary>The file's bytes.</summary>
    public ImageFile File { get; }

    /// <summary>The input's name.</summary>
    public string Name => File.Name;

    /// <summary>The physical memory that the image holds; everything else is absent.</summary>
    public ImageMemory Memory { get; }

    /// <summary>What the image says about itself.</summary>
    public ImageDescription Description => _contents.Description;

    /// <summary>The registers of the processors in the order of the image; empty if it has none. The kernel's own dumps have
    /// none.</summary>
    public ReadOnlySpan<CpuState> Cpus => _contents.Cpus;

    /// <summary>The kernel's notes about itself; null if the format has no place for them, and <see cref="FindVmCoreInfo"/> was not asked
    /// or found none.</summary>
    public VmCoreInfo? VmCoreInfo => _contents.VmCoreInfo ?? Volatile.Read(ref _found);

    /// <summary>What is wrong with the image, each with its offset.</summary>
    public InputProblems Problems => _contents.Problems;

    /// <summary>Where the kernel's image lies, as far as the image shows.</summary>
    internal ReadOnlySpan<KernelImageSegment> KernelImage => _contents.KernelImage;

    /// <summary>Opens an image.</summary>
    /// <param name="path">The file: plain, gzip, zstd, or a pipe. Of a split dump any part will do: the others are looked for beside
    /// it.</param>
    /// <param name="options">What the content does not say; null for the defaults.</param>
    /// <returns>The image; dispose it.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    /// <exception cref="MalformedInputException">The file is empty, has no format that can be read, or its headers cannot be
    /// read.</exception>
    public static MemoryImage Open(string path, MemoryImageOptions? options = null) => Open([path], options);

    /// <summary>Opens an image of several files: a split dump.</summary>
    /// <param name="paths">The files, at least one, in any order.</param>
    /// <param name="options">What the content does not say; null for the defaults.</param>
    /// <returns>The image; dispose it.</returns>
    /// <exception cref="ArgumentException">There is no path.</exception>
    /// <exception cref="IOException">A file is missing, unreadable or a directory.</exception>
    /// <exception cref="MalformedInputException">A file is empty, has no format that can be read, its headers cannot be read, or it is no
    /// part of the same dump as the first.</exception>
    public static MemoryImage Open(IReadOnlyList<string> paths, MemoryImageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0) throw new ArgumentException("At least one file is needed.", nameof(paths));
        options ??= new MemoryImageOptions();
        return Assemble(ImageFile.Open(paths[0], options.MaxUnpackedBytes, ImageReader.Check(options)), paths, options);
    }

    /// <summary>Reads an image from its bytes.</summary>
    /// <param name="file">The bytes. The image owns them from here on; they are disposed also if this fails.</param>
    /// <param name="options">What the content does not say; null for the defaults.</param>
    /// <returns>The image; dispose it.</returns>
    /// <exception cref="MalformedInputException">The bytes have no format that can be read, or their headers cannot be read.</exception>
    public static MemoryImage Read(ImageFile file, MemoryImageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            return new MemoryImage(file, ImageReader.Read(file, [], options ?? new MemoryImageOptions()));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads an image from a stream; what begins as no image is not read to its end.</summary>
    internal static MemoryImage Read(Stream stream, string name, MemoryImageOptions options) =>
        Read(ImageFile.Read(stream, name, options.MaxUnpackedBytes, ImageReader.Check(options)), options);

    /// <summary>Reads an image whose first file is open.</summary>
    /// <param name="first">The file of the first path; owned from here on, also if this fails.</param>
    /// <param name="paths">All paths.</param>
    /// <param name="options">What the content does not say.</param>
    internal static MemoryImage Assemble(ImageFile first, IReadOnlyList<string> paths, MemoryImageOptions options)
    {
        List<ImageFile> files = [first];
        try
        {
            for (int index = 1; index < paths.Count; index++)
            {
                files.Add(ImageFile.Open(paths[index], options.MaxUnpackedBytes, ImageReader.CheckPart(paths[0])));
            }

            if (paths.Count == 1 && options.FindsParts)
            {
                foreach (string part in SplitFinder.Find(paths[0], first.Source))
                {
                    files.Add(ImageFile.Open(part, options.MaxUnpackedBytes));
                }
            }

            return new MemoryImage(first, ImageReader.Read(first, files[1..], options));
        }
        catch
        {
            foreach (ImageFile file in files)
            {
                file.Dispose();
            }

            throw;
        }
    }

    /// <summary>The kernel's notes: those of the image, or, if it has none, those that lie in its memory.</summary>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The notes; null if there are none, or none that fit the memory.</returns>
    /// <remarks>The first call may look through all of the memory: first at the beginning of each page, where the kernel keeps them. What
    /// it finds is in <see cref="VmCoreInfo"/> from then on.</remarks>
    public VmCoreInfo? FindVmCoreInfo(CancellationToken cancellation = default)
    {
        if (VmCoreInfo is { } known) return known;
        if (Volatile.Read(ref _hasSearched)) return null;
        VmCoreInfo? found = VmCoreInfoSearch.Find(Memory, cancellation);
        Volatile.Write(ref _found, found);
        Volatile.Write(ref _hasSearched, true);
        return found;
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
    public void Dispose()
    {
        _contents.Pages.Dispose();
        File.Dispose();
    }

    private MalformedInputException Refusal(string reason) => new(InputProblem.InFile(Name, reason));
}
