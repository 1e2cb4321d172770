using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using System.Threading;

namespace FastRmp.Images;

/// <summary>A reader of an image's memory for one thread's walks, whatever the format: it remembers the bytes that it hit last, and reads
/// those without a call.</summary>
/// <remarks>It changes its own memory of the last hit: pass it by reference, or give a copy away. Nothing is allocated, unless a page is
/// to be decompressed.</remarks>
public unsafe ref struct ImageMemoryView : IPrefetchableMemory
{
    private readonly PageSource? _source; // null in the default value, which holds nothing
    private byte* _origin;
    private ulong _start;
    private ulong _ends; // offsets below it have eight bytes
    private uint* _version;
    private uint _seen;

    internal ImageMemoryView(PageSource source)
    {
        _source = source;
        _origin = null;
        _start = 0;
        _ends = 0;
        _version = null;
        _seen = 0;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        ulong offset = address.Value - _start;
        if (offset < _ends)
        {
            // Safety: the source's run has eight bytes there; if a cache has replaced them meanwhile, they are not used.
            value = Unsafe.ReadUnaligned<ulong>(_origin + offset);
            Volatile.ReadBarrier();
            if (*_version == _seen) return true;
        }

        return TryReadElsewhere(address.Value, out value);
    }

    /// <inheritdoc/>
    /// <remarks>Among the bytes that were hit last only: to look for others would cost more than the hint gains.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Prefetch(PhysicalAddress address)
    {
        ulong offset = address.Value - _start;
        if (Sse.IsSupported && offset < _ends) Sse.Prefetch0(_origin + offset); // Safety: a hint; nothing is accessed.
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryReadElsewhere(ulong address, out ulong value)
    {
        value = 0;
        while (_source is not null && _source.Locate(address, out MemoryRun run) == ImagePageStatus.Present)
        {
            ulong offset = address - run.Start;
            if (run.Length < sizeof(ulong) || offset > run.Length - sizeof(ulong)) return TryReadAcross(address, out value);
            _origin = run.Origin;
            _start = run.Start;
            _ends = run.Length - (sizeof(ulong) - 1);
            _version = run.Version;
            _seen = run.Seen;
            value = Unsafe.ReadUnaligned<ulong>(_origin + offset); // Safety: as in TryRead.
            Volatile.ReadBarrier();
            if (*_version == _seen) return true;
        }

        value = 0;
        return false;
    }

    /// <summary>Reads a quadword that hangs over the end of a run: another one may hold the rest.</summary>
    private readonly bool TryReadAcross(ulong address, out ulong value)
    {
        ulong gathered = 0;
        bool isWhole = _source!.Read(address, new System.Span<byte>(&gathered, sizeof(ulong))) == sizeof(ulong); // Safety: a local.
        value = isWhole ? gathered : 0;
        return isWhole;
    }
}
