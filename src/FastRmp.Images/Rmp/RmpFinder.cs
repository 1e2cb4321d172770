using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Finds the RMP of an SNP host in an image of its memory.</summary>
/// <remarks>
/// <para>No image has the registers RMP_BASE, RMP_END and RMP_CFG, and VMCOREINFO names none of the kernel's variables that hold them. What
/// an image does have: the kernel's own log, with the lines that it printed while it booted (unless later ones took their place), and
/// the variables, for who has a list of the kernel's symbols: a file, or the list of the kernel itself if it has variables in it
/// (CONFIG_KALLSYMS_ALL), as distributions' kernels do.</para>
/// <para>An RMP that is found need not be in the image: kernels do not dump memory that the firmware reserved, as it reserves the
/// RMP.</para>
/// <para>Any threads may call it.</para>
/// </remarks>
public static class RmpFinder
{
    private static readonly byte[][] Messages =
    [
        "RMP table physical "u8.ToArray(), "RMP base table"u8.ToArray(), "Segmented RMP using"u8.ToArray(), "RMP segment "u8.ToArray(),
        "the RMP table has not been reserved"u8.ToArray(),
    ];

    /// <summary>How a reason begins that the size of a segment is not known.</summary>
    internal const string SizeUnknown = "the size of a segment is not known";

    /// <summary>Finds the RMP by the kernel's variables, or by its log.</summary>
    /// <param name="image">The image.</param>
    /// <param name="symbols">The kernel's symbols, which lead to its variables; null to look into the log, and if that does not say, to
    /// take the symbols that the kernel has itself.</param>
    /// <param name="location">Where the RMP is.</param>
    /// <param name="reason">Why it is not known, as a clause; null if it is.</param>
    /// <param name="cancellation">Ends the search with an exception.</param>
    /// <returns>Whether it is known.</returns>
    public static bool TryFind(
        MemoryImage image, KernelSymbols? symbols, out RmpLocation location, [NotNullWhen(false)] out string? reason,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        location = default;
        if (symbols is null)
        {
            if (TryFindByLog(image, cancellation, out location, out reason)) return true;
            bool isKnown = KernelSymbols.TryRead(image, out KernelSymbols? own, out _, cancellation)
                && TryFindByVariables(image, own, cancellation, out location, out _);
            if (isKnown) reason = null;
            return isKnown;
        }

        return TryFindByVariables(image, symbols, cancellation, out location, out reason);
    }

    private static bool TryFindByVariables(
        MemoryImage image, KernelSymbols symbols, CancellationToken cancellation, out RmpLocation location,
        [NotNullWhen(false)] out string? reason)
    {
        location = default;
        if (!KernelVariables.TryRead(image, symbols, cancellation, out RmpRegisters registers, out string? refusal)
            || !RmpSegmentTable.TryRead(image, registers, out RmpGeometry geometry, out refusal))
        {
            reason = Clause(refusal!);
            return false;
        }

        location = new RmpLocation(geometry, RmpSource.KernelVariables);
        reason = null;
        return true;
    }

    /// <summary>Finds the RMP by the boot messages of a log.</summary>
    /// <param name="log">The log. Of several boots the last counts.</param>
    /// <param name="image">An image that may have the segment table, if the log does not tell the segments; null for none.</param>
    /// <param name="location">Where the RMP is.</param>
    /// <param name="reason">Why it is not known, as a clause; null if it is.</param>
    /// <returns>Whether it is known.</returns>
    public static bool TryFindInLog(
        LogReport log, MemoryImage? image, out RmpLocation location, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(log);
        LoggedGeometry logged = new(log.Findings);
        bool isFound = logged.TryMake(image, out RmpGeometry geometry, out string? refusal);
        location = isFound ? new RmpLocation(geometry, RmpSource.Log) { Other = logged.Other(image) } : default;
        reason = isFound ? null : refusal ?? "no log says where the RMP is ('RMP table physical range')";
        return isFound;
    }

    /// <summary>Reads the segment table of a segmented RMP.</summary>
    /// <param name="image">The image.</param>
    /// <param name="segmentTable">Where the table (RST) is: 16 KiB above RMP_BASE.</param>
    /// <param name="configuration">RMP_CFG; null to take it from the kernel's variables or its log.</param>
    /// <param name="symbols">The kernel's symbols, which lead to its variables; null to look into the log.</param>
    /// <param name="location">Where the RMP is.</param>
    /// <param name="reason">Why it cannot be read, as a clause; null if it can.</param>
    /// <param name="cancellation">Ends the search with an exception.</param>
    /// <returns>Whether it could be read.</returns>
    public static bool TryReadSegments(
        MemoryImage image, PhysicalAddress segmentTable, ulong? configuration, KernelSymbols? symbols, out RmpLocation location,
        [NotNullWhen(false)] out string? reason, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        location = default;
        if (segmentTable.Value < RmpSegmentTable.Offset)
        {
            reason = string.Create(
                CultureInfo.InvariantCulture, $"a segment table lies 16 KiB above RMP_BASE: 0x{segmentTable.Value:x} is too low");
            return false;
        }

        if (configuration is null)
        {
            if (!TryFind(image, symbols, out RmpLocation known, out reason, cancellation))
            {
                reason = $"{SizeUnknown} (RMP_CFG): {reason}";
                return false;
            }

            if (!known.Geometry.TryGetSegmented(out SegmentedGeometry segmented))
            {
                reason = "the image's kernel has an RMP without segments";
                return false;
            }

            configuration = RmpRegisters.Of(segmented).RmpCfg;
        }

        bool isRead = RmpSegmentTable.TryRead(
            image, new RmpRegisters(segmentTable.Value - RmpSegmentTable.Offset, 0, configuration.Value), out RmpGeometry geometry,
            out string? refusal);
        if (isRead) location = new RmpLocation(geometry, RmpSource.SegmentTable);
        reason = isRead ? null : Clause(refusal!);
        return isRead;
    }

    /// <summary>A geometry's refusal is a sentence; a reason stands in one.</summary>
    private static string Clause(string refusal)
    {
        if (!refusal.EndsWith('.')) return refusal;
        bool isWord = refusal.Length > 2 && char.IsAsciiLetterLower(refusal[1]);
        return isWord ? char.ToLowerInvariant(refusal[0]) + refusal[1..^1] : refusal[..^1];
    }

    private static bool TryFindByLog(
        MemoryImage image, CancellationToken cancellation, out RmpLocation location, [NotNullWhen(false)] out string? reason)
    {
        location = default;
        byte[]? lines = KernelLogBuffer.Collect(image, Messages, cancellation);
        if (lines is null or [])
        {
            reason = lines is null ? "the kernel's log is not in the image" : "the kernel's log in the image does not say where the RMP is";
            return false;
        }

        LoggedGeometry logged = new(Read(lines, cancellation).Findings);
        bool isFound = logged.TryMake(image, out RmpGeometry geometry, out string? refusal);
        if (isFound) location = new RmpLocation(geometry, RmpSource.KernelLog) { Other = logged.Other(image) };
        refusal = refusal is null ? "its line about the RMP is cut, or not the kernel's own" : Clause(refusal);
        reason = isFound ? null : $"the kernel's log in the image does not tell: {refusal}";
        return isFound;
    }

    private static LogReport Read(byte[] lines, CancellationToken cancellation)
    {
        LogReport report = new();
        using MemoryStream stream = new([(byte)'\n', .. lines]); // an empty line first: no message is taken for the head of a file
        using LogReader reader = LogReader.FromStream(stream, "log", report);
        try
        {
            return reader.ReadAll(cancellation);
        }
        catch (MalformedInputException)
        {
            return report; // it is another kind of file after all, and what was found before is here
        }
    }
}
