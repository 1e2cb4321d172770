using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Runtime.InteropServices;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Walk;

/// <summary>The RMP that a memory image holds, under a walk: entries are copied into a table when a check comes to them, since the image is
/// read-only and the table may be huge.</summary>
internal sealed class ImageRmp : IDisposable
{
    private readonly ImageMemory _memory;

    private ImageRmp(ImageMemory memory, ReverseMapTable<RmpGeometry> table)
    {
        _memory = memory;
        Table = table;
    }

    /// <summary>The table, which holds what was loaded.</summary>
    internal ReverseMapTable<RmpGeometry> Table { get; }

    /// <summary>The first entry of the walk that a check needed and the image does not hold.</summary>
    internal PhysicalAddress? Missing { get; private set; }

    /// <summary>The page whose check needed it.</summary>
    internal PhysicalAddress MissingPage { get; private set; }

    /// <summary>Whether it was the walker's write to an entry that a check refused.</summary>
    internal bool HasRefusedEntry { get; set; }

    /// <summary>Lays the RMP of an image under walks.</summary>
    /// <exception cref="MalformedInputException">The image holds no entry of it.</exception>
    /// <exception cref="IOException">There is no room for a table of that size.</exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The new object owns the table.")]
    internal static ImageRmp Open(MemoryImage image, RmpGeometry geometry, ProcessorModel processor) =>
        RmpPlaces.HasEntries(image, geometry)
            ? new ImageRmp(image.Memory, new ReverseMapTable<RmpGeometry>(geometry, processor))
            : throw RmpPlaces.NoEntries(image, geometry);

    /// <summary>Forgets what the walk before met.</summary>
    internal void Begin()
    {
        Missing = null;
        HasRefusedEntry = false;
    }

    /// <summary>Loads what a check of a page needs, and notes if that is not there.</summary>
    /// <returns>False if the check cannot be made.</returns>
    internal bool Need(PhysicalAddress page)
    {
        if (TryLoad(page, out PhysicalAddress missing)) return true;
        if (Missing is null) MissingPage = page;
        Missing ??= missing;
        return false;
    }

    /// <summary>Loads a page's entry and its region's base entry.</summary>
    /// <param name="page">Any address in the page.</param>
    /// <param name="missing">The entry that the image does not hold.</param>
    /// <returns>True, too, if the page is not covered.</returns>
    internal bool TryLoad(PhysicalAddress page, out PhysicalAddress missing) =>
        TryCopy(page.AlignDown(PageSize.Size2M), out missing) && TryCopy(page, out missing);

    /// <inheritdoc/>
    public void Dispose() => Table.Dispose();

    private bool TryCopy(PhysicalAddress page, out PhysicalAddress address)
    {
        if (!Table.Geometry.TryGetEntryAddress(page, out address)) return true;
        RmpEntry entry = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<RmpEntry>(ref entry));
        return _memory.Read(address, bytes) == bytes.Length && Table.TryWriteRaw(page, entry);
    }
}
