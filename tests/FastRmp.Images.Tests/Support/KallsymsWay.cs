namespace FastRmp.Images.Tests.Support;

/// <summary>How a kernel keeps the addresses of its symbols.</summary>
public enum KallsymsWay
{
    /// <summary>From a base, but processors' own variables as they are.</summary>
    Absolute,

    /// <summary>From a base.</summary>
    FromBase,

    /// <summary>From the number's own place.</summary>
    FromItself,
}
