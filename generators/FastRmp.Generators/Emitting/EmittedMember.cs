using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Emitting;

/// <summary>A member that the generator emits, as the rules about names see it.</summary>
/// <param name="Name">Name; one entry stands for all overloads.</param>
/// <param name="Description">What it is, for messages.</param>
/// <param name="Signatures">Parameter types of each emitted overload, separated by commas; default for what is not a method.</param>
internal readonly record struct EmittedMember(string Name, string Description, ImmutableArray<string> Signatures)
{
    /// <summary>Whether it is a method.</summary>
    internal bool IsMethod => !Signatures.IsDefault;

    /// <summary>Whether a method declared by hand has the parameters of an emitted one, and so would conflict with it.</summary>
    /// <param name="method">The method.</param>
    internal bool HasSignature(IMethodSymbol method)
    {
        string[] types = new string[method.Parameters.Length];
        for (int index = 0; index < types.Length; index++)
        {
            types[index] = method.Parameters[index].Type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
        }

        return method.Arity == 0 && Signatures.Contains(string.Join(",", types));
    }
}
