using System;

namespace FastRmp.Internals;

/// <summary>How a thread's batches do their work: together, which pays where tables come from memory, or one by one, which is faster where
/// they are in the cache: nearly twice, for walks. Which of both holds is measured: now and then some of the work is done each way, under
/// the clock. The results are the same.</summary>
internal struct BatchPace
{
    /// <summary>A smaller part of a batch is not worth looking at the clock three times.</summary>
    internal const int LeastSample = 8;

    private const int ShortestInterval = 1024;
    private const int LongestInterval = 8192; // the sample's own cost is then below a hundredth

    // A thread walks the same tables for a while; another one may walk others.
    [ThreadStatic]
    private static BatchPace _walks;

    [ThreadStatic]
    private static BatchPace _nestedWalks;

    [ThreadStatic]
    private static BatchPace _deviceWalks;

    [ThreadStatic]
    private static BatchPace _entries;

    private long _together; // of the samples that are not enough yet
    private long _oneByOne;
    private int _sampled;
    private int _left; // walks until the next sample
    private int _interval;
    private bool _isFixed;
    private bool _isInDoubt; // the last sample spoke for the other way

    /// <summary>This thread's, of page walks.</summary>
    internal static ref BatchPace OfWalks => ref _walks;

    /// <summary>This thread's, of nested walks.</summary>
    internal static ref BatchPace OfNestedWalks => ref _nestedWalks;

    /// <summary>This thread's, of devices' requests.</summary>
    internal static ref BatchPace OfDeviceWalks => ref _deviceWalks;

    /// <summary>This thread's, of checks and look-ups of RMP entries.</summary>
    internal static ref BatchPace OfEntries => ref _entries;

    /// <summary>Whether walks are made one by one.</summary>
    internal bool IsOneByOne { get; private set; }

    /// <summary>Whether the next walks have to be a sample.</summary>
    internal readonly bool IsDue => _left <= 0;

    /// <summary>How many walks may be made before the next sample; any number if none has been large enough to be one.</summary>
    internal readonly int Left => IsDue ? int.MaxValue : _left;

    /// <summary>Which way a sample begins: not always the same, since what comes second may find more in the cache.</summary>
    internal readonly bool BeginsTogether => _isInDoubt != IsOneByOne;

    /// <summary>Counts walks.</summary>
    internal void Spend(int walks) => _left -= _isFixed ? 0 : Math.Min(walks, Math.Max(_left, 0));

    /// <summary>Takes over what a sample says, until the next one: soon after a change, later and later while nothing changes. Another
    /// way is taken only when two samples in a row speak for it: one may have been interrupted.</summary>
    /// <param name="together">Time of the walks made together.</param>
    /// <param name="oneByOne">Time of as many walks made one by one.</param>
    internal void Decide(long together, long oneByOne)
    {
        bool isOther = oneByOne < together != IsOneByOne;
        if (isOther && !_isInDoubt)
        {
            _isInDoubt = true;
            _left = 0;
            return;
        }

        if (isOther) IsOneByOne = !IsOneByOne;
        _isInDoubt = false;
        _interval = isOther || _interval == 0 ? ShortestInterval : Math.Min(2 * _interval, LongestInterval);
        _left = _interval;
    }

    /// <summary>As <see cref="Decide(long,long)"/>, for work so small that the clock says something of many pieces only: of several samples
    /// together, as soon as they are enough.</summary>
    /// <param name="together">Time of the work done together.</param>
    /// <param name="oneByOne">Time of as much work done one by one.</param>
    /// <param name="sampled">How many pieces each way.</param>
    /// <param name="enough">How many it takes.</param>
    internal void Decide(long together, long oneByOne, int sampled, int enough)
    {
        _together += together;
        _oneByOne += oneByOne;
        _sampled += sampled;
        if (_sampled < enough) return;
        Decide(_together, _oneByOne);
        (_together, _oneByOne, _sampled) = (0, 0, 0);
    }

    /// <summary>For tests: one way from now on, or by measurement again.</summary>
    internal void Fix(bool? isOneByOne)
    {
        this = default;
        if (isOneByOne is not { } way) return;
        IsOneByOne = way;
        _isFixed = true;
        _left = int.MaxValue;
    }
}
