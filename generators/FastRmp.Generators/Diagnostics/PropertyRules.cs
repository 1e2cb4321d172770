using System.Collections.Generic;
using FastRmp.Generators.Models;
using FastRmp.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Diagnostics;

/// <summary>Rules about one property that has bits: its shape and its type.</summary>
internal static class PropertyRules
{
    /// <summary>Checks a property.</summary>
    /// <param name="field">The property with its ranges.</param>
    /// <param name="faults">Receives what is wrong.</param>
    internal static void Check(FieldDeclaration field, List<Diagnostic> faults)
    {
        IPropertySymbol property = field.Property;
        if (property.IsStatic || property.IsIndexer || property.GetMethod is null || property.SetMethod is { IsInitOnly: false }
            || !property.ExplicitInterfaceImplementations.IsEmpty)
        {
            faults.Add(Diagnostic.Create(Descriptors.BadProperty, field.Location, property.Name));
        }
        else if (!field.IsShared && !property.IsPartialDefinition)
        {
            faults.Add(Diagnostic.Create(Descriptors.PropertyNotPartial, field.Location, property.Name));
        }

        if (field.IsMixed)
        {
            faults.Add(Diagnostic.Create(Descriptors.MixedBits, field.Location, property.Name));
            return;
        }

        CheckType(field, faults);
    }

    private static void CheckType(FieldDeclaration field, List<Diagnostic> faults)
    {
        IPropertySymbol property = field.Property;
        string type = property.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);
        if (field.Type.Kind is not FieldKind kind || property.RefKind != RefKind.None)
        {
            string allowed = field.IsAddress
                ? "an in-place field is a ulong or a struct with conversion operators from and to ulong"
                : "a field is a bool, an unsigned integer of at most 64 bits, or an enum over one of these or int";
            faults.Add(Diagnostic.Create(Descriptors.UnsupportedType, field.Location, property.Name, type, allowed));
            return;
        }

        foreach (RangeDeclaration declaration in field.Ranges)
        {
            // The width of a range that is none means nothing, and it is reported by itself.
            RangeModel range = declaration.Range;
            if (range.High < range.Low || range.Low < 0 || range.High >= LayoutDeclaration.LargestSize) return;
        }

        if (kind == FieldKind.Bool)
        {
            if (field.Width != 1) faults.Add(Diagnostic.Create(Descriptors.WideBool, field.Location, property.Name, field.Width));
        }
        else if (kind != FieldKind.Address && field.Width > field.Type.Bits)
        {
            faults.Add(Diagnostic.Create(Descriptors.TypeTooNarrow, field.Location, property.Name, type, field.Type.Bits, field.Width));
        }
    }
}
