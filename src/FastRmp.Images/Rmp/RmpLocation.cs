namespace FastRmp.Images;

/// <summary>Where an RMP is, and how that became known. Immutable.</summary>
/// <param name="Geometry">The place.</param>
/// <param name="Source">How it became known.</param>
public readonly record struct RmpLocation(RmpGeometry Geometry, RmpSource Source)
{
    /// <summary>Another place that the same log names: of what is said twice the last counts. Null if there is none.</summary>
    public RmpGeometry? Other { get; init; }
}
