using System;
using System.Threading;

namespace FastRmp.Images;

/// <summary>Where an image's physical memory comes from: one kind for each way of storing it.</summary>
/// <remarks>Any threads may read.</remarks>
internal abstract unsafe class PageSource : IDisposable
{
    /// <summary>The segments of a mapped file; null for other kinds.</summary>
    internal RunTable* Runs { get; private protected init; }

    /// <summary>Whether the memory was disposed.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Finds the bytes at an address.</summary>
    /// <param name="address">Physical byte address.</param>
    /// <param name="run">Bytes that include it, if they are present.</param>
    /// <returns>Whether they are.</returns>
    internal abstract ImagePageStatus Locate(ulong address, out MemoryRun run);

    /// <summary>What the image has at an address, without decompressing anything.</summary>
    internal abstract ImagePageStatus StatusOf(ulong address);

    /// <summary>The next range that the image holds, whole.</summary>
    /// <param name="address">Where to begin.</param>
    /// <param name="start">First held address at or above it.</param>
    /// <param name="end">The address behind the range.</param>
    /// <returns>False if there is none.</returns>
    internal abstract bool TryNextHeld(ulong address, out ulong start, out ulong end);

    /// <summary>The next range of memory that the machine had, as far as the image tells, held or left out.</summary>
    internal virtual bool TryNextKnown(ulong address, out ulong start, out ulong end) => TryNextHeld(address, out start, out end);

    /// <summary>The first address at or above one of a range that the image holds from where on there may be other bytes than zeros, as far
    /// as that is known without looking.</summary>
    internal virtual ulong NextData(ulong address) => address;

    /// <summary>How much of the machine's memory is here.</summary>
    internal virtual ImageByteCounts Count()
    {
        ulong held = 0;
        ulong known = 0;
        ulong end;
        for (ulong at = 0; TryNextHeld(at, out ulong start, out end); at = end)
        {
            held += end - start;
        }

        for (ulong at = 0; TryNextKnown(at, out ulong start, out end); at = end)
        {
            known += end - start;
        }

        return new ImageByteCounts(held, Math.Max(known, held) - held, 0, 0);
    }

    /// <summary>Copies bytes.</summary>
    /// <returns>How many there are before the first that is not present.</returns>
    internal int Read(ulong address, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            if (Locate(address, out MemoryRun run) != ImagePageStatus.Present) break;
            ulong offset = address - run.Start;
            int count = (int)Math.Min((ulong)(destination.Length - done), run.Length - offset);
            new ReadOnlySpan<byte>(run.Origin + offset, count).CopyTo(destination[done..]); // Safety: a source's runs lie in its memory.
            Volatile.ReadBarrier();
            if (*run.Version != run.Seen) continue; // the page was replaced meanwhile
            done += count;
            address += (uint)count;
        }

        return done;
    }

    /// <inheritdoc/>
    public virtual void Dispose() => IsDisposed = true;
}
