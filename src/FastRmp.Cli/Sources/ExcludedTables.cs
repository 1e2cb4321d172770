using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>The tables that a listing took as zeros because the image's writer excluded them.</summary>
internal sealed class ExcludedTables
{
    private ulong _last = ulong.MaxValue;
    private ulong _first;
    private long _count;

    /// <summary>Whether an image can have any.</summary>
    internal static bool AreIn(MemoryImage image) =>
        image.Description.Format == MemoryImageFormat.ElfCore && image.Memory.Count().Excluded != 0;

    /// <summary>Counts a table; its entries are read one after the other.</summary>
    internal void Add(ulong table)
    {
        if (table == _last) return;
        if (_count++ == 0) _first = table;
        _last = table;
    }

    /// <summary>Tells of them, if there are any.</summary>
    internal void Tell(Session session, string image)
    {
        if (_count == 0) return;
        string subject = _count == 1 ? "a table was" : string.Create(CultureInfo.InvariantCulture, $"{_count} tables were");
        session.Remark(string.Create(
            CultureInfo.InvariantCulture,
            $"{image}: {subject} excluded when the dump was written, and taken as zeros, the only tables that makedumpfile excludes; the first is at physical address 0x{_first:x}"));
    }
}
