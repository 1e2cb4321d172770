namespace FastRmp.Images;

/// <summary>A range of physical memory that an image names and does not hold.</summary>
/// <param name="Start">First address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Status">Why its bytes are not there.</param>
internal readonly record struct ImageHole(ulong Start, ulong Length, ImagePageStatus Status)
{
    /// <summary>The address behind the last byte.</summary>
    internal ulong End => Start + Length;
}
