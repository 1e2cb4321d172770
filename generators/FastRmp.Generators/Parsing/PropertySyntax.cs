using System.Collections.Immutable;
using System.Text;
using System.Threading;
using FastRmp.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Generators.Parsing;

/// <summary>What only the syntax of a property tells, and what its implementing part has to repeat.</summary>
internal static class PropertySyntax
{
    /// <summary>How types are spelled in emitted source: with <c>global::</c>, keywords escaped, nullability kept.</summary>
    internal static readonly SymbolDisplayFormat TypeFormat =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The declaration of a property by hand.</summary>
    /// <param name="property">The property.</param>
    /// <param name="token">Cancels the search.</param>
    internal static PropertyDeclarationSyntax? Find(IPropertySymbol property, CancellationToken token)
    {
        foreach (SyntaxReference reference in property.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax(token) is PropertyDeclarationSyntax syntax) return syntax;
        }

        return null;
    }

    /// <summary>Modifiers as one text; both parts of a partial property must have the same.</summary>
    /// <param name="modifiers">The modifiers.</param>
    internal static string Modifiers(SyntaxTokenList modifiers)
    {
        StringBuilder text = new();
        foreach (SyntaxToken modifier in modifiers)
        {
            if (text.Length != 0) text.Append(' ');
            text.Append(modifier.Text);
        }

        return text.ToString();
    }

    /// <summary>Modifiers of an accessor as one text; null if there is none.</summary>
    /// <param name="syntax">The declaration, if there is one by hand.</param>
    /// <param name="kind">Which accessor.</param>
    internal static string? AccessorModifiers(PropertyDeclarationSyntax? syntax, SyntaxKind kind)
    {
        if (syntax?.AccessorList is not AccessorListSyntax list) return null;
        foreach (AccessorDeclarationSyntax accessor in list.Accessors)
        {
            if (accessor.IsKind(kind)) return Modifiers(accessor.Modifiers);
        }

        return null;
    }

    /// <summary>The lines of the documentation comment before a declaration, each with its slashes.</summary>
    /// <param name="syntax">The declaration.</param>
    internal static EquatableArray<string> Documentation(PropertyDeclarationSyntax syntax)
    {
        ImmutableArray<string>.Builder lines = ImmutableArray.CreateBuilder<string>();
        foreach (SyntaxTrivia trivia in syntax.GetLeadingTrivia())
        {
            if (!trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)) continue;
            foreach (string line in trivia.ToFullString().Split('\n'))
            {
                string text = line.Trim();
                if (text.Length != 0) lines.Add(text.StartsWith("///", System.StringComparison.Ordinal) ? text : "/// " + text);
            }
        }

        return new EquatableArray<string>(lines.ToImmutable());
    }

    /// <summary>Whether a declaration has a documentation comment.</summary>
    /// <param name="syntax">The declaration.</param>
    internal static bool HasDocumentation(PropertyDeclarationSyntax syntax)
    {
        foreach (SyntaxTrivia trivia in syntax.GetLeadingTrivia())
        {
            if (trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia)
                || trivia.IsKind(SyntaxKind.MultiLineDocumentationCommentTrivia))
            {
                return true;
            }
        }

        return false;
    }
}
