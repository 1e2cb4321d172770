using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace FastRmp.Firmware;

/// <summary>What pages hold of firmware's own: guest contexts and metadata entries. Kept outside the table, whatever the RMP
/// says about a page.</summary>
internal sealed class PageContents
{
    private const int EntryShift = 6; // 64 bytes
    private const int EntriesInPage = 64;

    private readonly Dictionary<ulong, GuestContext> _contexts = [];
    private readonly Dictionary<ulong, MetadataEntry[]> _metadata = [];

    internal bool TryGetContext(ulong address, out GuestContext context) => _contexts.TryGetValue(PageOf(address), out context);

    internal GuestContext Context(ulong address) => _contexts.GetValueOrDefault(PageOf(address));

    internal void SetContext(ulong address, in GuestContext context) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_contexts, PageOf(address), out _) = context;

    internal bool TryGetMetadata(ulong address, out MetadataEntry content)
    {
        content = Metadata(address);
        return content != default;
    }

    internal MetadataEntry Metadata(ulong address) =>
        _metadata.TryGetValue(PageOf(address), out MetadataEntry[]? page) ? page[EntryOf(address)] : default;

    internal void SetMetadata(ulong address, in MetadataEntry content)
    {
        ref MetadataEntry[]? page = ref CollectionsMarshal.GetValueRefOrAddDefault(_metadata, PageOf(address), out _);
        page ??= new MetadataEntry[EntriesInPage];
        page[EntryOf(address)] = content;
    }

    /// <summary>A range of pages becomes zero.</summary>
    /// <param name="address">Address of the first page.</param>
    /// <param name="pages">How many 4 KiB pages.</param>
    internal void ClearMetadata(ulong address, ulong pages)
    {
        for (ulong page = PageOf(address); pages != 0; pages--, page++)
        {
            if (_metadata.TryGetValue(page, out MetadataEntry[]? entries)) System.Array.Clear(entries);
        }
    }

    /// <summary>A metadata page's content comes to another page.</summary>
    internal void MoveMetadata(ulong source, ulong destination, ulong pages)
    {
        ulong from = PageOf(source);
        ulong to = PageOf(destination);
        if (from == to) return;
        for (; pages != 0; pages--, from++, to++)
        {
            // The arrays are exchanged: the source's content is no longer needed, and its array is reused for the destination.
            bool has = _metadata.Remove(from, out MetadataEntry[]? entries);
            bool had = _metadata.Remove(to, out MetadataEntry[]? old);
            if (had)
            {
                System.Array.Clear(old!);
                _metadata[from] = old!;
            }

            if (has) _metadata[to] = entries!;
        }
    }

    internal IEnumerable<KeyValuePair<PhysicalAddress, GuestContext>> Contexts()
    {
        foreach ((ulong page, GuestContext context) in _contexts)
        {
            yield return new(PhysicalAddress.FromPageNumber(page), context);
        }
    }

    internal IEnumerable<KeyValuePair<PhysicalAddress, MetadataEntry>> MetadataEntries()
    {
        foreach ((ulong page, MetadataEntry[] entries) in _metadata)
        {
            for (int i = 0; i < EntriesInPage; i++)
            {
                if (entries[i] != default) yield return new(PhysicalAddress.FromPageNumber(page) + ((ulong)i << EntryShift), entries[i]);
            }
        }
    }

    private static ulong PageOf(ulong address) => address >> PageSize.Size4K.Shift();

    private static int EntryOf(ulong address) => (int)((address & PageSize.Size4K.OffsetMask()) >> EntryShift);
}
