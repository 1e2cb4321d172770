using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FastRmp.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace FastRmp.Generators.Diagnostics;

/// <summary>Reports what is wrong with the declaration of a bit layout.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LayoutAnalyzer : DiagnosticAnalyzer
{
    /// <summary>All diagnostics, FRMP001 and on.</summary>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        Descriptors.BadSize,
        Descriptors.TypeNotPartial,
        Descriptors.UnsupportedTarget,
        Descriptors.PropertyNotPartial,
        Descriptors.BadProperty,
        Descriptors.ReversedRange,
        Descriptors.OutOfRange,
        Descriptors.CrossesQuadword,
        Descriptors.Overlap,
        Descriptors.Gap,
        Descriptors.TypeTooNarrow,
        Descriptors.WideBool,
        Descriptors.UnsupportedType,
        Descriptors.NameClash,
        Descriptors.MixedBits,
        Descriptors.OwnStorage,
        Descriptors.NoLayout,
        Descriptors.EmptyPart,
    ];

    /// <summary>Registers the analysis of each type.</summary>
    /// <param name="context">The compiler's registration context.</param>
    public override void Initialize(AnalysisContext context)
    {
        if (context is null) throw new ArgumentNullException(nameof(context));
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(static symbol => Analyze(symbol), SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        INamedTypeSymbol type = (INamedTypeSymbol)context.Symbol;
        if (!IsMarked(type))
        {
            // An interface declares bits for the layouts that share them; they are checked there.
            if (type.TypeKind != TypeKind.Interface) ReportMisplacedBits(context, type);
            return;
        }

        if (LayoutReader.Read(type, context.CancellationToken) is not LayoutDeclaration layout) return;
        List<Diagnostic> faults = [];
        LayoutRules.Check(layout, faults, context.CancellationToken);
        foreach (Diagnostic fault in faults)
        {
            context.ReportDiagnostic(fault);
        }
    }

    private static bool IsMarked(INamedTypeSymbol type)
    {
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (AttributeNames.Is(attribute, AttributeNames.BitLayoutType)) return true;
        }

        return false;
    }

    private static void ReportMisplacedBits(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        ReportMisplacedBits(context, type, type);
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IPropertySymbol) ReportMisplacedBits(context, type, member);
        }
    }

    private static void ReportMisplacedBits(SymbolAnalysisContext context, INamedTypeSymbol type, ISymbol symbol)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            if (IsAboutBits(attribute))
            {
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.NoLayout, Locations.Of(attribute), symbol.Name, type.Name));
            }
        }
    }

    private static bool IsAboutBits(AttributeData attribute) =>
        AttributeNames.Is(attribute, AttributeNames.BitsType)
        || AttributeNames.Is(attribute, AttributeNames.AddressBitsType)
        || AttributeNames.Is(attribute, AttributeNames.ReservedType)
        || AttributeNames.Is(attribute, AttributeNames.SharedType);
}
