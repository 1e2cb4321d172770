using System.Collections.Generic;
using FastRmp.Generators.Models;
using FastRmp.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Diagnostics;

/// <summary>Rules about the ranges: each by itself, and all together covering each bit once.</summary>
internal static class RangeRules
{
    /// <summary>Checks all ranges of a layout.</summary>
    /// <param name="layout">The declaration.</param>
    /// <param name="faults">Receives what is wrong.</param>
    internal static void Check(LayoutDeclaration layout, List<Diagnostic> faults)
    {
        // Without a size nothing is inside or outside.
        if (!layout.HasValidSize) return;
        List<RangeDeclaration> valid = [];
        bool areAllValid = true;
        foreach (FieldDeclaration field in layout.Fields)
        {
            foreach (RangeDeclaration range in field.Ranges)
            {
                areAllValid &= AddIfValid(layout, range, mayCross: false, valid, faults);
            }
        }

        foreach (RangeDeclaration range in layout.Reserved)
        {
            areAllValid &= AddIfValid(layout, range, mayCross: true, valid, faults);
        }

        CheckOverlaps(valid, faults);

        // A range that is wrong in itself leaves a gap that is not a second mistake.
        if (areAllValid) CheckGaps(layout, valid, faults);
    }

    private static bool AddIfValid(
        LayoutDeclaration layout, RangeDeclaration declaration, bool mayCross, List<RangeDeclaration> valid, List<Diagnostic> faults)
    {
        RangeModel range = declaration.Range;
        int top = layout.Size - 1;
        if (range.High < range.Low)
        {
            faults.Add(Diagnostic.Create(Descriptors.ReversedRange, declaration.Location, declaration.Owner, range.Text));
            return false;
        }

        if (range.Low < 0 || range.High > top)
        {
            faults.Add(Diagnostic.Create(Descriptors.OutOfRange, declaration.Location, declaration.Owner, range.Text, top));
            return false;
        }

        if (!mayCross && range.High / RangeModel.WordBits != range.Word)
        {
            faults.Add(Diagnostic.Create(Descriptors.CrossesQuadword, declaration.Location, declaration.Owner, range.Text));
        }

        valid.Add(declaration);
        return true;
    }

    // Reported at the later of two, once for each range.
    private static void CheckOverlaps(List<RangeDeclaration> ranges, List<Diagnostic> faults)
    {
        for (int later = 1; later < ranges.Count; later++)
        {
            for (int earlier = 0; earlier < later; earlier++)
            {
                RangeModel one = ranges[earlier].Range;
                RangeModel two = ranges[later].Range;
                if (one.Low > two.High || two.Low > one.High) continue;
                faults.Add(
                    Diagnostic.Create(
                        Descriptors.Overlap, ranges[later].Location, ranges[later].Owner, two.Text, ranges[earlier].Owner, one.Text));
                break;
            }
        }
    }

    private static void CheckGaps(LayoutDeclaration layout, List<RangeDeclaration> ranges, List<Diagnostic> faults)
    {
        bool[] isDeclared = new bool[layout.Size];
        foreach (RangeDeclaration declaration in ranges)
        {
            for (int bit = declaration.Range.Low; bit <= declaration.Range.High; bit++)
            {
                isDeclared[bit] = true;
            }
        }

        for (int high = layout.Size - 1; high >= 0; high--)
        {
            if (isDeclared[high]) continue;
            int low = high;
            while (low > 0 && !isDeclared[low - 1])
            {
                low--;
            }

            faults.Add(Diagnostic.Create(Descriptors.Gap, Locations.Of(layout.Type), layout.Type.Name, new RangeModel(high, low).Text));
            high = low;
        }
    }
}
