namespace FastRmp.Generators.Models;

/// <summary>What became of one marked struct; exactly one of the two is there.</summary>
/// <param name="Valid">The layout, if nothing is wrong.</param>
/// <param name="Faulty">The rest of it, if something is.</param>
internal sealed record ParsedLayout(LayoutModel? Valid, FaultyModel? Faulty)
{
    /// <summary>Name of the emitted file.</summary>
    public string HintName => Valid is not null ? Valid.Type.HintName : Faulty!.Type.HintName;
}
