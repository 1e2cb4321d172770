using System.Runtime.CompilerServices;

namespace FastRmp.Images;

/// <summary>Where the segments of a mapped file lie in this process: found by the upper bits of an address.</summary>
/// <remarks>Never changes. A view has a pointer to it; the image's memory keeps it where it is.</remarks>
internal unsafe struct RunTable
{
    /// <summary>For each stretch of physical memory the last segment that has any of it.</summary>
    internal MappedRun* Stretches;

    /// <summary>How many stretches there are.</summary>
    internal ulong Count;

    /// <summary>The base-2 logarithm of a stretch.</summary>
    internal int Shift;

    /// <summary>The longest segment: what a view looks at first.</summary>
    internal MappedRun Longest;

    /// <summary>Finds eight bytes in the segment that most likely has them.</summary>
    /// <returns>Null if they are not there, but perhaps elsewhere.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly byte* Find(ulong address)
    {
        ulong stretch = address >> Shift;
        if (stretch >= Count) return null;
        MappedRun* run = Stretches + stretch; // Safety: there are so many.
        return address - run->Start < run->Ends ? run->Zero + address : null; // Safety: the segment has eight bytes there.
    }
}
