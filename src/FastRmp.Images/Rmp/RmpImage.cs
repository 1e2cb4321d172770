using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>An RMP in a memory image: one of any format that holds its physical memory, or, of a contiguous RMP, a raw file of the table
/// itself.</summary>
/// <remarks>Immutable once opened; any threads may read. Dispose it after the last use of anything that looks into it.</remarks>
public sealed class RmpImage : IDisposable
{
    private readonly IDisposable _owner;
    private readonly ImageFile _image;

    private RmpImage(MemoryImage image, RmpGeometry geometry)
    {
        _owner = image;
        Image = image;
        _image = image.File;
        Memory = image.Memory;
        Geometry = geometry;
        Problems = image.Problems;
    }

    private RmpImage(ImageFile image, ImageMemory memory, RmpGeometry geometry, InputProblems problems)
    {
        _owner = image;
        _image = image;
        Memory = memory;
        Geometry = geometry;
        Problems = problems;
    }

    /// <summary>The input's name.</summary>
    public string Name => _image.Name;

    /// <summary>Where the table is.</summary>
    public RmpGeometry Geometry { get; }

    /// <summary>Whether the image is one of the machine's memory; else it is a file of the table alone.</summary>
    public bool IsMemoryImage => Image is not null;

    /// <summary>What is wrong with the image, each with its offset.</summary>
    public InputProblems Problems { get; }

    /// <summary>The image of the machine's memory; null for a file of the table alone.</summary>
    internal MemoryImage? Image { get; }

    internal ImageMemory Memory { get; }

    /// <summary>Why a file of the table alone does not look like one; null if it does, or there is no such file.</summary>
    internal string? Doubt { get; private init; }

    /// <summary>Opens an image.</summary>
    /// <param name="path">The file: plain, gzip, zstd, or a pipe.</param>
    /// <param name="geometry">Where the table is.</param>
    /// <param name="options">What the content does not say; null for the defaults.</param>
    /// <returns>The image; dispose it.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    /// <exception cref="MalformedInputException">As for <see cref="Read"/>; also if the file is empty.</exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Read owns the file, also if it fails.")]
    public static RmpImage Open(string path, RmpGeometry geometry, MemoryImageOptions? options = null)
    {
        options ??= new MemoryImageOptions();
        ImageFile file = ImageFile.Open(
            path, options.MaxUnpackedBytes, options.Ram is null ? Check(geometry) : ImageReader.Check(options));
        bool isImage = options.Ram is not null || ImageReader.IsKnown(file);
        return isImage ? new RmpImage(MemoryImage.Assemble(file, [path], options), geometry) : Read(file, geometry);
    }

    /// <summary>Looks at the table in an image of the machine's memory.</summary>
    /// <param name="image">The image; owned from here on.</param>
    /// <param name="geometry">Where the table is.</param>
    /// <returns>The table; dispose it.</returns>
    public static RmpImage In(MemoryImage image, RmpGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new RmpImage(image, geometry);
    }

    /// <summary>Reads an image.</summary>
    /// <param name="image">The bytes. They are owned from here on, and disposed also if this fails.</param>
    /// <param name="geometry">Where the table is.</param>
    /// <returns>The image; dispose it.</returns>
    /// <exception cref="MalformedInputException">It begins as a memory image and cannot be read, or it is a raw file larger than
    /// the table, or of another size and of a format that is known and not read, or the RMP is segmented and so in several places. A
    /// smaller one is read as far as it goes, with a problem where it ends.</exception>
    public static RmpImage Read(ImageFile image, RmpGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (ImageReader.IsKnown(image)) return new RmpImage(MemoryImage.Read(image), geometry);

        try
        {
            return ReadRaw(image, geometry);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    /// <summary>Leaves alone what is no image and longer than the table.</summary>
    internal static HeadCheck Check(RmpGeometry geometry) => (name, packing, head) =>
    {
        if (ImageReader.IsKnown(head)) return ImageReader.Check(new MemoryImageOptions())(name, packing, head);
        return geometry.TryGetContiguous(out ContiguousGeometry place) ? place.StorageBytes : 0;
    };

    /// <summary>Reads the counters by ASID, which the table's bookkeeping begins with.</summary>
    /// <param name="counters">Receives them, at most 2048.</param>
    /// <returns>Whether all of them are in the image.</returns>
    public bool TryReadCounters(Span<ulong> counters)
    {
        if (Geometry.OwnRanges == 0) return false;
        Span<byte> bytes = MemoryMarshal.AsBytes(counters);
        return Memory.Read(Geometry.OwnRange(0).Start, bytes) == bytes.Length;
    }

    /// <summary>Finds the entries of a region of 2 MiB, for random access.</summary>
    /// <param name="region">Any address in the region.</param>
    /// <param name="buffer">Takes the entries where they do not lie together in this process; at least 512.</param>
    /// <param name="entries">The 512 entries.</param>
    /// <param name="isCovered">Whether the RMP covers the region: if not, its pages are the hypervisor's.</param>
    /// <returns>False if the region is not covered, or the image does not hold all of its entries.</returns>
    internal bool TryReadRegion(PhysicalAddress region, Span<RmpEntry> buffer, out ReadOnlySpan<RmpEntry> entries, out bool isCovered)
    {
        entries = default;
        isCovered = Geometry.TryGetEntryAddress(region.AlignDown(PageSize.Size2M), out PhysicalAddress at);
        if (!isCovered) return false;
        Span<byte> room = MemoryMarshal.AsBytes(buffer[..PageArithmetic.EntriesPerTable]);
        if (Memory.TryTogether(at.Value, (ulong)room.Length, out ReadOnlySpan<byte> bytes) && bytes.Length == room.Length)
        {
            entries = MemoryMarshal.Cast<byte, RmpEntry>(bytes);
            return true;
        }

        if (Memory.Read(at, room) != room.Length) return false;
        entries = buffer[..PageArithmetic.EntriesPerTable];
        return true;
    }

    /// <summary>The entries from the first to the last.</summary>
    /// <returns>A reader for one thread.</returns>
    public RmpEntryReader Entries() => new(this);

    /// <summary>Releases the image.</summary>
    public void Dispose()
    {
        if (!IsMemoryImage) Memory.Release(); // else the owner does
        _owner.Dispose();
    }

    // The size is all that there is to check. A file that ends early keeps what it has; of a longer one nothing says where the table begins
    // in it.
    private static RmpImage ReadRaw(ImageFile image, RmpGeometry geometry)
    {
        if (!geometry.TryGetContiguous(out ContiguousGeometry place))
        {
            throw new MalformedInputException(InputProblem.InFile(
                image.Name,
                "is not a memory image of a known format, and a segmented RMP lies in several places, so that no raw file holds it"));
        }

        InputProblems problems = new();
        if (image.Problem is not null) problems.Add(image.Problem);
        if (image.Length != place.StorageBytes && image.Problem is null)
        {
            byte[] head = new byte[FileKinds.HeadBytes];
            string? kind = FileKinds.Describe(head.AsSpan(0, image.Read(0, head)));
            if (kind is not null) throw new MalformedInputException(InputProblem.InFile(image.Name, $"is {kind}"));
            string reason = string.Create(
                CultureInfo.InvariantCulture,
                $"is not a memory image of a known format, and as a raw RMP it would have 0x{place.StorageBytes:x} bytes (0x{place.Base.Value:x} to 0x{place.End.Value:x}), not 0x{image.Length:x}{(image.HasMore ? " and more" : string.Empty)}");
            if (image.Length > place.StorageBytes) throw new MalformedInputException(InputProblem.InFile(image.Name, reason));
            problems.Add(InputProblem.AtOffset(image.Name, image.Length, reason));
        }

        SegmentCollector segments = new(image.Name, image.Source, problems, "the table");
        ulong length = Math.Min(image.Length, place.StorageBytes);
        segments.Add(0, place.Base.Value, 0, length, length);
        return new RmpImage(image, new ImageMemory(segments.TakePages(out _)), geometry, problems)
        {
            Doubt = RawTableCheck.Doubt(image, length),
        };
    }
}
