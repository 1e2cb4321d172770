using System.Collections.Generic;
using FastRmp.Images;

namespace FastRmp.Cli.Walk;

/// <summary>An image that a walk may write to: what it writes is kept outside the image, in this object.</summary>
internal ref struct CopyOnWriteMemory : IMutablePhysicalMemory
{
    private readonly Dictionary<PhysicalAddress, ulong> _written = [];
    private readonly ReadCounter _counter;
    private ImageMemoryView _image;

    internal CopyOnWriteMemory(ImageMemoryView image, ReadCounter counter)
    {
        _image = image;
        _counter = counter;
    }

    /// <inheritdoc/>
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        _counter.Count++;
        return _written.TryGetValue(address, out value) || _image.TryRead(address, out value);
    }

    /// <inheritdoc/>
    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        if (!_written.TryGetValue(address, out prior) && !_image.TryRead(address, out prior)) return false;
        if (prior == comparand) _written[address] = value;
        return true;
    }
}
