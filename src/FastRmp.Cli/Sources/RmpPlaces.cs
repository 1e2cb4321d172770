using System;
using System.Globalization;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>Where the RMP of an image is: as the user says, or as the image tells.</summary>
internal static class RmpPlaces
{
    private const string Options =
        "give --rmp BASE:END (both numbers are in the kernel's log: 'RMP table physical range'), --rst for a segmented RMP";

    /// <summary>Finds the RMP.</summary>
    /// <exception cref="MalformedInputException">It is not known where it is.</exception>
    /// <exception cref="IOException">The symbols cannot be read.</exception>
    internal static RmpLocation Locate(Session session, MemoryImage image, RmpRequest request)
    {
        if (TryLocate(session, image, request, out RmpLocation location, out string reason)) return location;
        throw new MalformedInputException(InputProblem.InFile(image.Name, reason));
    }

    /// <summary>Finds the RMP, or says why it is not known.</summary>
    /// <exception cref="MalformedInputException">The symbols are no symbols.</exception>
    /// <exception cref="IOException">The symbols cannot be read.</exception>
    internal static bool TryLocate(
        Session session, MemoryImage image, RmpRequest request, out RmpLocation location, out string reason)
    {
        reason = string.Empty;
        if (request.Given is { } given)
        {
            location = new RmpLocation(new RmpGeometry(given), RmpSource.Given);
            return true;
        }

        KernelSymbols? symbols = request.Symbols is { } file ? KernelSymbols.Open(file) : null;
        bool isFound = request.SegmentTable is { } table
            ? RmpFinder.TryReadSegments(
                image, table, request.Configuration, symbols, out location, out string? refusal, session.Cancellation)
            : RmpFinder.TryFind(image, symbols, out location, out refusal, session.Cancellation);
        if (isFound) return true;
        reason = Reason(request, refusal!);
        return false;
    }

    // What the user gave already is not what is to be given.
    private static string Reason(RmpRequest request, string refusal)
    {
        if (request.SegmentTable is null)
        {
            return $"it is not known where the RMP is: {refusal}; {Options}{(request.Symbols is null ? ", or --symbols" : string.Empty)}";
        }

        if (request.Configuration is not null || !refusal.StartsWith(RmpFinder.SizeUnknown, StringComparison.Ordinal)) return refusal;
        return $"{refusal}; give --rmp-cfg{(request.Symbols is null ? ", or --symbols" : string.Empty)}";
    }

    /// <summary>Tells where the RMP was found, if the user did not say it.</summary>
    internal static void Tell(Session session, MemoryImage image, RmpLocation location)
    {
        if (location.Source != RmpSource.Given) session.Remark($"{image.Name}: RMP {Text(location.Geometry)}, {FoundBy(location.Source)}");
    }

    /// <summary>Tells that what is said of entries rests on a guess, if it does: a processor with segments has RMPREAD, and what it keeps
    /// in memory is not documented.</summary>
    internal static void TellFormat(Session session, MemoryImage image, RmpGeometry geometry)
    {
        if (!geometry.IsSegmented) return;
        session.Remark(
            $"{image.Name}: the entries of a segmented RMP are read as those of Zen 3 and Zen 4: what Zen 5 has in memory is not public");
    }

    /// <summary>Where it is, in words.</summary>
    internal static string Text(RmpGeometry geometry)
    {
        if (geometry.TryGetContiguous(out ContiguousGeometry range)) return $"0x{range.Base.Value:x}-0x{range.End.Value:x}";
        if (!geometry.TryGetSegmented(out SegmentedGeometry segments)) return "nowhere";
        int count = segments.Segments.Length;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"at 0x{segments.Base.Value:x}, {count} segment{(count == 1 ? string.Empty : "s")} of {1UL << (segments.SegmentShift - 30)}G");
    }

    /// <summary>How that became known, in words.</summary>
    internal static string FoundBy(RmpSource source) => source switch
    {
        RmpSource.Given => "as given",
        RmpSource.SegmentTable => "by its segment table",
        RmpSource.KernelVariables => "found by the kernel's variables",
        RmpSource.KernelLog => "found by the kernel's log in the image",
        _ => "found by the log",
    };

    /// <summary>How that became known, for programs.</summary>
    internal static string SourceName(RmpSource source) => source switch
    {
        RmpSource.Given => "given",
        RmpSource.SegmentTable => "segment_table",
        RmpSource.KernelVariables => "kernel_variables",
        RmpSource.KernelLog => "kernel_log",
        _ => "log",
    };

    /// <summary>Whether the image holds any of the entries.</summary>
    internal static bool HasEntries(MemoryImage image, RmpGeometry geometry)
    {
        for (int index = 0; index < geometry.CoveredRanges; index++)
        {
            PhysicalRange entries = Entries(geometry, index);
            if (image.Memory.TryNextRange(entries.Start, out PhysicalRange held) && held.Start.Value < entries.End) return true;
        }

        return false;
    }

    /// <summary>Says that the image holds none of the entries.</summary>
    internal static MalformedInputException NoEntries(MemoryImage image, RmpGeometry geometry)
    {
        string where = string.Empty;
        if (geometry.CoveredRanges != 0)
        {
            PhysicalRange first = Entries(geometry, 0);
            where = geometry.CoveredRanges == 1
                ? $" at physical addresses 0x{first.Start.Value:x} to 0x{first.End - 1:x}"
                : string.Create(
                    CultureInfo.InvariantCulture, $" of {geometry.CoveredRanges} segments, the first at 0x{first.Start.Value:x},");
        }

        return new MalformedInputException(InputProblem.InFile(
            image.Name,
            $"nothing of the RMP's entries{where} is in the image: a kernel does not dump the memory that its firmware reserved"));
    }

    /// <summary>Where the entries of a covered range are.</summary>
    internal static PhysicalRange Entries(RmpGeometry geometry, int index)
    {
        PhysicalRange covered = geometry.CoveredRange(index);
        _ = geometry.TryGetEntryAddress(covered.Start, out PhysicalAddress first);
        return new PhysicalRange(first, (covered.Length >> PageSize.Size4K.Shift()) * RmpEntry.SizeInBytes);
    }
}
