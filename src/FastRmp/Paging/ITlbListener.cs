namespace FastRmp.Paging;

/// <summary>A cache of translations in a <see cref="TlbDomain"/>.</summary>
internal interface ITlbListener
{
    /// <summary>Makes the owner look for invalidations before it finds anything again. Called by any thread.</summary>
    void Interrupt();
}
