using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>What else an image says of where its RMP is, if that is another place.</summary>
internal static class RmpDoubts
{
    /// <summary>Tells of each contradiction.</summary>
    /// <remarks>The kernel's log is looked into where the kernel's notes are known: they are not searched for.</remarks>
    internal static void Tell(Session session, MemoryImage image, RmpLocation location)
    {
        string place = $"{image.Name}: RMP {RmpPlaces.Text(location.Geometry)}, {RmpPlaces.FoundBy(location.Source)}";
        if (location.Other is { } other && other != location.Geometry)
        {
            session.Remark($"{place}; the same log has it {At(other)}, too: the last place that it names is taken");
        }

        if (location.Source != RmpSource.KernelLog && image.VmCoreInfo is not null
            && RmpFinder.TryFind(image, symbols: null, out RmpLocation logged, out _, session.Cancellation)
            && logged.Geometry != location.Geometry)
        {
            session.Remark($"{place}; but the kernel's log in the image has it {At(logged.Geometry)}");
        }

        if (location.Source is RmpSource.KernelLog or RmpSource.Log) Table(session, image, location.Geometry, place);
    }

    /// <summary>Segments that a log prints are those of the segment table, which the image may hold.</summary>
    private static void Table(Session session, MemoryImage image, RmpGeometry geometry, string place)
    {
        if (!geometry.TryGetSegmented(out SegmentedGeometry segments)) return;
        RmpRegisters registers = RmpRegisters.Of(segments);
        PhysicalAddress table = PhysicalAddress.Truncate(segments.Base.Value + RmpSegmentTable.Offset);
        if (!image.Memory.TryNextRange(table, out PhysicalRange held) || held.Start.Value > table.Value) return; // it is not there
        bool isRead = RmpSegmentTable.TryRead(image, registers, out RmpGeometry read, out string? reason);
        if (isRead && read == geometry) return;
        session.Remark(isRead
            ? $"{place}; but the segment table in the image has other segments: {Segments(read)}"
            : $"{place}; but the segment table in the image is none: {reason}");
    }

    private static string Segments(RmpGeometry geometry)
    {
        const int Most = 4;
        string text = string.Empty;
        int count = geometry.CoveredRanges;
        for (int index = 0; index < count && index < Most; index++)
        {
            PhysicalRange covered = geometry.CoveredRange(index);
            PhysicalRange entries = RmpPlaces.Entries(geometry, index);
            string separator = index == 0 ? string.Empty : ", ";
            text += $"{separator}0x{entries.Start.Value:x} for 0x{covered.Start.Value:x}-0x{covered.End - 1:x}";
        }

        return count > Most ? $"{text} and {count - Most} more" : text;
    }

    private static string At(RmpGeometry geometry) => geometry.IsSegmented ? RmpPlaces.Text(geometry) : $"at {RmpPlaces.Text(geometry)}";
}
