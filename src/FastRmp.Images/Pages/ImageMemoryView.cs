using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace FastRmp.Images;

/// <summary>A reader of an image's memory for walks, whatever the format: a mapped file of plain memory is read where it lies,
/// decompressed pages are read in the image's cache.</summary>
/// <remarks>A plain value; valid while the image is. Nothing is allocated, unless a page is to be decompressed.</remarks>
public readonly unsafe ref struct ImageMemoryView : IPrefetchableMemory
{
    // The fields of ImageViewFields, in their order, and nothing else. As one field of that type they would lie on the stack in a walk.
    private readonly PageSource? _source;
    private readonly byte* _zero;
    private readonly ulong _start;
    private readonly ulong _ends;
    private readonly RunTable* _runs;

    internal ImageMemoryView(PageSource source)
    {
        _source = source;
        _runs = source.Runs;
        if (_runs == null) return;
        ref readonly MappedRun run = ref _runs->Longest;
        _zero = run.Zero;
        _start = run.Start;
        _ends = run.Ends;
    }

    /// <summary>The view that fields are.</summary>
    /// <param name="fields">What an owner keeps.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ref ImageMemoryView Of(ref readonly ImageViewFields fields) =>
        ref Unsafe.As<ImageViewFields, ImageMemoryView>(ref Unsafe.AsRef(in fields)); // Safety: both have the same.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        // Few calls, also of what is inlined anyway: the compiler puts only so many into one walk.
        ulong at = address.Value;
        if (at - _start < _ends)
        {
            value = *(ulong*)(_zero + at); // Safety: the segment has eight bytes there.
            return true;
        }

        // Returned in registers: else the walker's variable would lie in memory on every way.
        FoundQuadword found = ReadElsewhere(at);
        value = found.Value;
        return found.Count != 0;
    }

    /// <inheritdoc/>
    /// <remarks>Where a segment of a mapped file is found at once: to look further would cost more than the hint gains.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(PhysicalAddress address)
    {
        if (!Sse.IsSupported) return;
        if (address.Value - _start < _ends) Sse.Prefetch0(_zero + address.Value); // Safety: a hint; nothing is accessed.
        else PrefetchElsewhere(_runs, address.Value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PrefetchElsewhere(RunTable* runs, ulong address)
    {
        byte* found = runs == null ? null : runs->Find(address);
        if (found != null) Sse.Prefetch0(found); // Safety: as above.
    }

    // Not static: what is alive across a call is then the walk's own, and its own fields lie on the stack, a fifth faster.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FoundQuadword ReadElsewhere(ulong address)
    {
        byte* found = _runs == null ? null : _runs->Find(address);
        return found != null ? new FoundQuadword(Unsafe.ReadUnaligned<ulong>(found), 1) : Locate(_source, address); // Safety: as above.
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FoundQuadword Locate(PageSource? source, ulong address)
    {
        while (source is not null && source.Locate(address, out MemoryRun run) == ImagePageStatus.Present)
        {
            ulong offset = address - run.Start;
            if (run.Length < sizeof(ulong) || offset > run.Length - sizeof(ulong)) return ReadAcross(source, address);
            ulong value = Unsafe.ReadUnaligned<ulong>(run.Origin + offset); // Safety: the run has eight bytes there.
            Volatile.ReadBarrier();
            if (*run.Version == run.Seen) return new FoundQuadword(value, 1); // else a cache has replaced them meanwhile
        }

        return default;
    }

    /// <summary>Reads a quadword that hangs over the end of a run: another one may hold the rest.</summary>
    private static FoundQuadword ReadAcross(PageSource source, ulong address)
    {
        ulong gathered = 0;
        bool isWhole = source.Read(address, new Span<byte>(&gathered, sizeof(ulong))) == sizeof(ulong); // Safety: a local.
        return isWhole ? new FoundQuadword(gathered, 1) : default;
    }
}
