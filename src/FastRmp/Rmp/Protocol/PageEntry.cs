namespace FastRmp;

/// <summary>The result of reading a page's entry.</summary>
internal enum PageEntry : byte
{
    Fails = 0,
    Passes = 1,

    /// <summary>Another processor holds it.</summary>
    InMotion = 2,
}
