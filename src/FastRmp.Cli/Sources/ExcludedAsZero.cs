using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>An image's memory in which a page that its writer excluded reads as zeros, and is counted.</summary>
/// <remarks>For tables in an ELF core of makedumpfile: of all that it excludes (zero, cache, user and free pages) only a page of zeros can
/// be one that a paging entry points to, and such a table maps nothing.</remarks>
internal ref struct ExcludedAsZero : IPhysicalMemory
{
    private const ulong PageMask = 0xFFF;

    private readonly ImageMemory _memory;
    private readonly ExcludedTables _tables;
    private ImageMemoryView _view;

    internal ExcludedAsZero(ImageMemory memory, ExcludedTables tables)
    {
        _memory = memory;
        _tables = tables;
        _view = memory.View();
    }

    /// <inheritdoc/>
    public bool TryRead(PhysicalAddress address, out ulong value) => _view.TryRead(address, out value) || IsExcluded(address);

    private readonly bool IsExcluded(PhysicalAddress address)
    {
        if (_memory.StatusOf(address) != ImagePageStatus.Excluded) return false;
        _tables.Add(address.Value & ~PageMask);
        return true;
    }
}
