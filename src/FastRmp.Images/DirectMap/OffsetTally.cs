using System.Runtime.CompilerServices;

namespace FastRmp.Images;

/// <summary>Finds the number to which the most bytes belong, in constant memory for any input.</summary>
/// <remarks>
/// Misra and Gries, with weights: of a stream of W bytes, each number with more than W / (capacity + 1) of them survives. Counts are exact
/// while there were never more numbers than places; else the survivors are counted in a second pass (<see cref="Recount"/>).
/// </remarks>
internal struct OffsetTally
{
    private const int Capacity = 32;

    private Places _places;
    private bool _isRecounting;

    /// <summary>Whether every count is what was added.</summary>
    internal bool IsExact { get; private set; }

    internal static OffsetTally Create() => new() { IsExact = true };

    /// <summary>Starts the second pass: numbers that are not here any more are passed over.</summary>
    internal void Recount()
    {
        _isRecounting = true;
        IsExact = true;
        for (int i = 0; i < Capacity; i++)
        {
            _places[i].Bytes = 0;
        }
    }

    internal void Add(ulong offset, ulong bytes)
    {
        int free = -1;
        ulong smallest = bytes;
        for (int i = 0; i < Capacity; i++)
        {
            ref Place place = ref _places[i];
            if (!place.IsTaken)
            {
                if (free < 0) free = i;
            }
            else if (place.Offset == offset)
            {
                place.Bytes += bytes;
                return;
            }
            else if (place.Bytes < smallest)
            {
                smallest = place.Bytes;
            }
        }

        if (_isRecounting) return;
        if (free < 0)
        {
            free = TakeFromAll(smallest);
            bytes -= smallest;
            IsExact = false;
        }

        if (bytes > 0 && free >= 0) _places[free] = new Place { Offset = offset, Bytes = bytes, IsTaken = true };
    }

    /// <summary>The number with the most bytes, the lowest of several.</summary>
    internal readonly bool TryGetLargest(out ulong offset)
    {
        offset = 0;
        ulong most = 0;
        for (int i = 0; i < Capacity; i++)
        {
            Place place = _places[i];
            if (!place.IsTaken || place.Bytes == 0 || place.Bytes < most || (place.Bytes == most && place.Offset > offset)) continue;
            offset = place.Offset;
            most = place.Bytes;
        }

        return most > 0;
    }

    /// <returns>A place that became free, or −1.</returns>
    private int TakeFromAll(ulong bytes)
    {
        int free = -1;
        for (int i = 0; i < Capacity; i++)
        {
            ref Place place = ref _places[i];
            place.Bytes -= bytes;
            if (place.Bytes != 0) continue;
            place.IsTaken = false;
            free = i;
        }

        return free;
    }

    private struct Place
    {
        public ulong Offset;
        public ulong Bytes;
        public bool IsTaken;
    }

    [InlineArray(Capacity)]
    private struct Places
    {
        private Place _first;
    }
}
