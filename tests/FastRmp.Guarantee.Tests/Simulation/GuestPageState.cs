namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>What the guest knows of one of its pages.</summary>
internal enum GuestPageState
{
    /// <summary>Not validated: the guest does not use it.</summary>
    Fresh,

    /// <summary>Validated once, and in use.</summary>
    Valid,

    /// <summary>The guest detected an attack, and never uses the page again.</summary>
    Lost,
}
