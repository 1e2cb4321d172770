using System.Collections.Generic;
using System.Threading;
using FastRmp.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Diagnostics;

/// <summary>
/// Everything that a declaration must fulfil. The generator asks whether anything is wrong, the analyzer says what:
/// both through this one door, so that they never disagree.
/// </summary>
internal static class LayoutRules
{
    /// <summary>Checks a declaration.</summary>
    /// <param name="layout">The declaration.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <param name="token">Cancels the check.</param>
    internal static void Check(LayoutDeclaration layout, List<Diagnostic> faults, CancellationToken token)
    {
        TargetRules.Check(layout, faults, token);
        if (!layout.HasValidSize)
        {
            faults.Add(Diagnostic.Create(Descriptors.BadSize, Locations.Of(layout.Attribute), layout.Type.Name, layout.Size));
        }

        foreach (AttributeData part in layout.EmptyParts)
        {
            faults.Add(Diagnostic.Create(Descriptors.EmptyPart, Locations.Of(part), part.ConstructorArguments[0].Value));
        }

        foreach (FieldDeclaration field in layout.Fields)
        {
            token.ThrowIfCancellationRequested();
            PropertyRules.Check(field, faults);
        }

        RangeRules.Check(layout, faults);
        NameRules.Check(layout, faults, token);
    }
}
