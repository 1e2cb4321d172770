namespace FastRmp.Reference;

/// <summary>What there is of the context that firmware keeps of itself: keys, ASIDs, number of guests (taught by AMD's firmware).</summary>
public enum ReferenceContextState
{
    /// <summary>Nothing: memory has lost it, or firmware has just been loaded.</summary>
    Lost,

    /// <summary>The one of before the last shutdown or the last refused INIT.</summary>
    Cleared,

    /// <summary>An INIT has made it.</summary>
    Made,
}
