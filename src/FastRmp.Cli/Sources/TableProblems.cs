using System;
using System.Globalization;
using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>What commands that list an image's tables say when they could not list all.</summary>
internal static class TableProblems
{
    internal static string Absent(MemoryImage image, long tables, PhysicalAddress firstEntry)
    {
        string subject = tables == 1 ? "a table is" : Text($"{tables} tables are");
        string reason = AbsenceText.OfPage(image.Memory, firstEntry) is { } known ? $": its page {known}" : string.Empty;
        return Text(
            $"{image.Name}: {subject} not in the image, whole or in part; the first missing entry is at physical address 0x{firstEntry.Value:x}{reason}");
    }

    internal static string CutShort(string image, int tables, PhysicalAddress entry) =>
        Text(
            $"{image}: the listing ends at the entry at physical address 0x{entry.Value:x}: {tables} tables in a row hold no page, so that they point back at themselves or are not tables");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
