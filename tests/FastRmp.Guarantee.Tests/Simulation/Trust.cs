namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>What the guest thinks of one of its pages.</summary>
internal enum Trust
{
    /// <summary>Not validated: the guest does not use it.</summary>
    Fresh,

    /// <summary>Validated once, and in use.</summary>
    Valid,

    /// <summary>The guest was told of an attack, and never uses the page again.</summary>
    Lost,
}
