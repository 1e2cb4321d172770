namespace FastRmp.Qemu;

/// <summary>What is known of an instruction's stores before it is executed.</summary>
internal enum StoreDecoding
{
    /// <summary>It makes none.</summary>
    None,

    /// <summary>Where it stores.</summary>
    Known,

    /// <summary>It stores, and where is not to be had from its bytes and the general registers.</summary>
    Unknown,
}
