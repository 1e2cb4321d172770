using System.Text;

namespace FastRmp.Generators.Models;

/// <summary>A sound layout: all that the emitter needs, free of symbols and syntax.</summary>
/// <param name="Namespace">Namespace with verbatim prefixes where needed; empty for the global one.</param>
/// <param name="Containers">Types around the layout, outermost first.</param>
/// <param name="Name">Name without the verbatim prefix.</param>
/// <param name="TypeName">Full name with <c>global::</c>.</param>
/// <param name="Size">Size in bits: 64, 128 or 256.</param>
/// <param name="Source">Where the layout is specified, if the declaration says so.</param>
/// <param name="Fields">Fields in order of declaration.</param>
/// <param name="Reserved">Declared reserved ranges.</param>
internal sealed record LayoutModel(
    string Namespace,
    EquatableArray<ContainerModel> Containers,
    string Name,
    string TypeName,
    int Size,
    string? Source,
    EquatableArray<FieldModel> Fields,
    EquatableArray<RangeModel> Reserved)
{
    /// <summary>Number of quadwords.</summary>
    public int WordCount => Size / RangeModel.WordBits;

    /// <summary>Name of the emitted file, unique but for letter case: namespace, types joined by <c>+</c>.</summary>
    public string HintName
    {
        get
        {
            StringBuilder name = new();
            if (Namespace.Length != 0) name.Append(Namespace.Replace("@", string.Empty)).Append('.');
            foreach (ContainerModel container in Containers)
            {
                name.Append(container.Name).Append('+');
            }

            return name.Append(Name).Append(".g.cs").ToString();
        }
    }

    /// <summary>The declared reserved bits of one quadword, in place.</summary>
    /// <param name="word">Quadword index.</param>
    public ulong ReservedMask(int word)
    {
        ulong mask = 0;
        foreach (RangeModel range in Reserved)
        {
            mask |= range.MaskIn(word);
        }

        return mask;
    }
}
