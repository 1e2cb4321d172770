using Microsoft.CodeAnalysis;

namespace FastRmp.Generators.Parsing;

/// <summary>
/// Tells the generator's own output from declarations by hand. The analyzer sees both in one type, while the
/// generator sees the latter alone; rules about names must come to the same answer in both.
/// </summary>
internal static class GeneratedCode
{
    /// <summary>Whether a tree was emitted by <see cref="LayoutGenerator"/>; the compiler puts the generator's type name into the
    /// path.</summary>
    /// <param name="tree">A syntax tree of the compilation.</param>
    internal static bool IsOwn(SyntaxTree tree)
    {
        string path = tree.FilePath;
        int end = path.LastIndexOfAny(['/', '\\']);
        string folder = typeof(LayoutGenerator).FullName!;
        return end >= folder.Length && string.CompareOrdinal(path, end - folder.Length, folder, 0, folder.Length) == 0;
    }

    /// <summary>Whether a symbol has a declaration by hand.</summary>
    /// <param name="symbol">A member of a layout.</param>
    internal static bool IsByHand(ISymbol symbol)
    {
        foreach (SyntaxReference reference in symbol.DeclaringSyntaxReferences)
        {
            if (!IsOwn(reference.SyntaxTree)) return true;
        }

        return false;
    }
}
