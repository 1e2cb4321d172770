namespace FastRmp.Images;

/// <summary>A quadword that was looked for: two words, so that it is returned in registers.</summary>
internal readonly struct FoundQuadword(ulong value, ulong count)
{
    /// <summary>The quadword; zero if it was not found.</summary>
    internal readonly ulong Value = value;

    /// <summary>1 if it was found, else 0.</summary>
    internal readonly ulong Count = count;
}
