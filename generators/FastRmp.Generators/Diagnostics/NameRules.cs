using System.Collections.Generic;
using System.Threading;
using FastRmp.Generators.Emitting;
using FastRmp.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace FastRmp.Generators.Diagnostics;

/// <summary>Rules about names: what is emitted must not meet what is declared by hand, nor itself.</summary>
internal static class NameRules
{
    /// <summary>Checks the names of all members, declared and emitted.</summary>
    /// <param name="layout">The declaration.</param>
    /// <param name="faults">Receives what is wrong.</param>
    /// <param name="token">Cancels the check.</param>
    internal static void Check(LayoutDeclaration layout, List<Diagnostic> faults, CancellationToken token)
    {
        // Without a size the names of the quadwords are unknown.
        if (!layout.HasValidSize) return;
        Dictionary<string, EmittedMember> emitted = new(System.StringComparer.Ordinal);
        foreach (EmittedMember member in EmittedMembers.OfLayout(layout.Type, layout.Size))
        {
            Add(layout, member, Locations.Of(layout.Type), emitted, faults);
        }

        HashSet<string> fields = new(System.StringComparer.Ordinal);
        foreach (FieldDeclaration field in layout.Fields)
        {
            string name = field.Property.Name;
            if (!fields.Add(name))
            {
                faults.Add(Diagnostic.Create(Descriptors.NameClash, field.Location, name, "two fields have it"));
                continue;
            }

            foreach (EmittedMember member in EmittedMembers.OfField(name, field.Ranges.Length, layout.Size, field.IsShared))
            {
                Add(layout, member, field.Location, emitted, faults);
            }
        }

        CheckDeclared(layout, emitted, faults, token);
    }

    private static void Add(
        LayoutDeclaration layout, EmittedMember member, Location location, Dictionary<string, EmittedMember> emitted,
        List<Diagnostic> faults)
    {
        if (member.Name == layout.Type.Name)
        {
            faults.Add(
                Diagnostic.Create(
                    Descriptors.NameClash, location, member.Name,
                    "the layout has it, and the generator emits " + member.Description + " of that name"));
        }
        else if (emitted.TryGetValue(member.Name, out EmittedMember other))
        {
            faults.Add(
                Diagnostic.Create(
                    Descriptors.NameClash, location, member.Name,
                    "the generator emits " + other.Description + " and " + member.Description + " of that name"));
        }
        else
        {
            emitted.Add(member.Name, member);
        }
    }

    private static void CheckDeclared(
        LayoutDeclaration layout, Dictionary<string, EmittedMember> emitted, List<Diagnostic> faults, CancellationToken token)
    {
        foreach (ISymbol member in layout.Type.GetMembers())
        {
            token.ThrowIfCancellationRequested();
            if (member.IsImplicitlyDeclared || !GeneratedCode.IsByHand(member) || IsPrimaryConstructor(member, token)) continue;
            if (!emitted.TryGetValue(member.Name, out EmittedMember other) || IsOverload(member, other)) continue;
            faults.Add(
                Diagnostic.Create(
                    Descriptors.NameClash, Locations.Of(member), member.Name,
                    "the generator emits " + other.Description + " of that name"));
        }
    }

    // Reported as storage already.
    private static bool IsPrimaryConstructor(ISymbol member, CancellationToken token)
    {
        foreach (SyntaxReference reference in member.DeclaringSyntaxReferences)
        {
            if (member is IMethodSymbol { MethodKind: MethodKind.Constructor } && reference.GetSyntax(token) is TypeDeclarationSyntax)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOverload(ISymbol declared, EmittedMember emitted) =>
        declared is IMethodSymbol method && emitted.IsMethod && !emitted.HasSignature(method);
}
