namespace FastRmp.Images;

/// <summary>How a kernel prints where the RMP is.</summary>
public enum RmpTableForm
{
    /// <summary><c>RMP table physical range [a - b]</c>.</summary>
    BracketedRange,

    /// <summary><c>RMP table physical range a - b</c>.</summary>
    Range,

    /// <summary><c>RMP table physical address [a - b]</c>.</summary>
    BracketedAddress,

    /// <summary><c>RMP table physical address a - b</c>.</summary>
    Address,

    /// <summary><c>rmp_base=a, rmp_end=b</c> of a debugging print.</summary>
    Debug,
}
