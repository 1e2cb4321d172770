namespace FastRmp;

/// <summary>What a look at a page's entry came to.</summary>
internal enum PageEntry : byte
{
    Fails = 0,
    Passes = 1,

    /// <summary>Another processor holds it.</summary>
    InMotion = 2,
}
