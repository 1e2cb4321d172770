namespace FastRmp.Generators.Models;

/// <summary>A valid layout: all that the emitter needs, free of symbols and syntax.</summary>
/// <param name="Type">Where the layout is declared.</param>
/// <param name="TypeName">Full name with <c>global::</c>.</param>
/// <param name="Size">Size in bits: 64, 128 or 256.</param>
/// <param name="Source">Where the layout is specified, if the declaration says so.</param>
/// <param name="Fields">Fields in order of declaration.</param>
/// <param name="Reserved">Declared reserved ranges.</param>
internal sealed record LayoutModel(
    TypeModel Type,
    string TypeName,
    int Size,
    string? Source,
    EquatableArray<FieldModel> Fields,
    EquatableArray<RangeModel> Reserved)
{
    /// <summary>Name without the verbatim prefix.</summary>
    public string Name => Type.Name;

    /// <summary>Number of quadwords.</summary>
    public int WordCount => Size / RangeModel.WordBits;

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
