using System.Globalization;
using System.Text;

namespace FastRmp.Generators.Models;

/// <summary>Where a layout is declared.</summary>
/// <param name="Namespace">Namespace with verbatim prefixes where needed; empty for the global one.</param>
/// <param name="Declarations">The types, outermost first; the last one is the layout.</param>
internal sealed record TypeModel(string Namespace, EquatableArray<TypeDeclarationModel> Declarations)
{
    /// <summary>Name of the layout without the verbatim prefix.</summary>
    public string Name => Declarations[Declarations.Length - 1].Name;

    /// <summary>Name of the emitted file, unique but for letter case: namespace, types joined by <c>+</c>.</summary>
    public string HintName
    {
        get
        {
            StringBuilder name = new(Namespace.Replace("@", string.Empty));
            char separator = '.';
            foreach (TypeDeclarationModel declaration in Declarations)
            {
                if (name.Length != 0) name.Append(separator);
                name.Append(declaration.Name);
                if (declaration.Arity != 0) name.Append('`').Append(declaration.Arity.ToString(CultureInfo.InvariantCulture));
                separator = '+';
            }

            return name.Append(".g.cs").ToString();
        }
    }
}
