namespace FastRmp.Qemu;

/// <summary>A counter of the kernel's that is about its direct map, as it was on the console first and last. The first one is that which
/// was printed again unchanged, if there is one: nothing happened while it was on its way.</summary>
internal sealed class KernelCounter
{
    private (long Value, long Own)? _first;
    private (long Value, long Own) _last;
    private bool _isSettled;

    /// <summary>By how much the kernel's changed.</summary>
    internal long Change => _last.Value - (_first?.Value ?? 0);

    /// <summary>By how much what it counts changed.</summary>
    internal long OwnChange => _last.Own - (_first?.Own ?? 0);

    /// <summary>It was printed.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="own">What the tables and their changes say now.</param>
    internal void Add(long value, long own)
    {
        bool isSettled = _first is not null && _last == (value, own);
        if (!_isSettled && isSettled) _first = _last;
        _isSettled |= isSettled;
        _last = (value, own);
        _first ??= _last;
    }
}
