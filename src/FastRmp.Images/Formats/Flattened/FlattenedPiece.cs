namespace FastRmp.Images;

/// <summary>Bytes of the file that a flattened one stands for.</summary>
/// <param name="Start">Offset of the first in that file.</param>
/// <param name="Length">How many.</param>
/// <param name="Position">Offset of the first in the flattened file.</param>
internal readonly record struct FlattenedPiece(ulong Start, ulong Length, ulong Position)
{
    /// <summary>The offset behind the last.</summary>
    internal ulong End => Start + Length;
}
