using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Makes the events of a page allocator one by one: guests come, take their memory and go, the host allocates and releases pages
/// beside them.</summary>
/// <remarks>What is kept is bounded by the host: a number for each region in use, one for each single page of a guest and for each page
/// that the host holds for a while. Memory of a length that the trace has is nowhere.</remarks>
internal sealed class PageEventGenerator
{
    private const int PagesShift = 9;
    private const int HostTask = 0;
    private const double Second = 1e9;
    private const double LargestPause = 10 * Second;

    // Multiples of the mean, and how many of a thousand guests have them: most are small. The mean is 1.
    private static readonly (double Size, int Share)[] Sizes = [(0.25, 300), (0.5, 250), (1, 250), (2, 125), (4, 75)];

    private readonly GeneratorModel _model;
    private readonly SeededRandom _random;
    private readonly Stack<int> _free;
    private readonly Stack<int> _freeBlocks = [];
    private readonly FramePool _guestPages;
    private readonly FramePool _hostPages;
    private readonly PriorityQueue<Guest, (long Time, int Task)> _guests = new();
    private readonly ulong[] _held;
    private int _heldCount;
    private int _hostLeft;
    private Guest? _leaving;
    private ulong? _returned;
    private long _nextChurn;
    private long _now = 1;

    internal PageEventGenerator(GeneratorModel model)
    {
        _model = model;
        _random = new SeededRandom(model.Seed);
        int perBlock = 1 << model.BlockShift;
        int single = model.BlockShift == 0 ? model.Regions : SinglePages(model);
        _free = new Stack<int>(single);
        for (int region = single - 1; region >= 0; region--)
        {
            _free.Push(region);
        }

        for (int block = model.Regions / perBlock; model.BlockShift != 0 && --block * perBlock >= single;)
        {
            _freeBlocks.Push(block * perBlock);
        }

        _guestPages = new FramePool(_free);
        _hostPages = new FramePool(_free);
        _held = new ulong[model.ChurnPages];
        _hostLeft = Math.Min(model.HostRegions, single);
        for (int task = 1; task <= model.Guests; task++)
        {
            Guest guest = new(task);
            _guests.Enqueue(guest, (1 + _random.Wait(model.TouchNanoseconds), task));
        }

        _nextChurn = 1 + _random.Wait(model.ChurnNanoseconds);
    }

    /// <summary>The names of the tasks: the host's, then the guests'.</summary>
    internal static List<string> Tasks(GeneratorModel model)
    {
        List<string> tasks = ["host"];
        for (int task = 1; task <= model.Guests; task++)
        {
            tasks.Add($"guest{task}");
        }

        return tasks;
    }

    /// <summary>The next event.</summary>
    /// <param name="one">The event.</param>
    /// <param name="time">Its time in nanoseconds, not 0.</param>
    /// <returns>False when the hours are over.</returns>
    internal bool TryNext(out PageEvent one, out ulong time)
    {
        while (true)
        {
            if (TryStart(out one) || TryLeave(out one) || TryReturn(out one))
            {
                time = (ulong)_now;
                return true;
            }

            bool isGuest = _guests.TryPeek(out Guest? guest, out (long Time, int Task) due) && due.Time <= _nextChurn;
            time = (ulong)Math.Max(_now, isGuest ? due.Time : _nextChurn);
            if ((long)time > _model.Nanoseconds) return false;
            _now = (long)time;
            if (!isGuest)
            {
                if (TryChurn(out one)) return true;
                continue;
            }

            _ = _guests.Dequeue();
            if (TryStep(guest!, out one)) return true;
        }
    }

    // With a pool of 1 GiB pages the rest of the memory has what is neither in it nor the host's, 1/32 at least.
    private static int SinglePages(GeneratorModel model)
    {
        const int Share = 32;
        int perBlock = 1 << model.BlockShift;
        int wanted = model.HostRegions + Math.Max(perBlock, model.Regions / Share);
        return Math.Min(model.Regions, (wanted + perBlock - 1) / perBlock * perBlock);
    }

    private bool TryStart(out PageEvent one)
    {
        one = default;
        if (_hostLeft == 0) return false;
        _hostLeft--;
        one = Allocation(HostTask, (ulong)_free.Pop() << PagesShift, PagesShift);
        return true;
    }

    private bool TryReturn(out PageEvent one)
    {
        one = default;
        if (_returned is not { } frame) return false;
        _returned = null;
        (_hostPages.Has(frame) ? _hostPages : _guestPages).Return(frame);
        one = Release(HostTask, frame, 0);
        return true;
    }

    private bool TryChurn(out PageEvent one)
    {
        one = default;
        _nextChurn = _now + _random.Wait(_model.ChurnNanoseconds);
        bool isMixed = _random.Fraction() < _model.MixShare && _guestPages.IsOpen;
        if ((isMixed ? _guestPages : _hostPages).Take(_random, isLast: !isMixed) is not { } frame) return false;
        if (_heldCount < _held.Length)
        {
            _held[_heldCount++] = frame;
        }
        else
        {
            int victim = _random.Below(_held.Length);
            _returned = _held[victim];
            _held[victim] = frame;
        }

        one = Allocation(HostTask, frame, 0);
        return true;
    }

    private bool TryLeave(out PageEvent one)
    {
        one = default;
        if (_leaving is not { } guest) return false;
        if (guest.Blocks.TryPop(out int block))
        {
            (_model.BlockShift == 0 ? _free : _freeBlocks).Push(block);
            one = Release(guest.Task, (ulong)block << PagesShift, PagesShift + _model.BlockShift);
            return true;
        }

        if (guest.Pages.TryPop(out uint frame))
        {
            _guestPages.Return(frame);
            one = Release(guest.Task, frame, 0);
            return true;
        }

        _leaving = null;
        guest.EndsAt = 0;
        _guests.Enqueue(guest, (_now + _random.Wait(LargestPause), guest.Task));
        return false;
    }

    private bool TryStep(Guest guest, out PageEvent one)
    {
        one = default;
        if (guest.EndsAt == 0) Begin(guest);
        if (guest.Wanted == 0 || _now >= guest.EndsAt)
        {
            if (_now < guest.EndsAt) _guests.Enqueue(guest, (guest.EndsAt, guest.Task));
            else _leaving = guest;
            return false;
        }

        guest.Wanted--;
        _guests.Enqueue(guest, (_now + _random.Wait(guest.Interval), guest.Task));
        if (_random.Fraction() < guest.SmallShare)
        {
            if (_guestPages.Take(_random, isLast: true) is not { } frame) return false;
            guest.Pages.Push((uint)frame);
            one = Allocation(guest.Task, frame, 0);
            return true;
        }

        if (!(_model.BlockShift == 0 ? _free : _freeBlocks).TryPop(out int block)) return false;
        guest.Blocks.Push(block);
        one = Allocation(guest.Task, (ulong)block << PagesShift, PagesShift + _model.BlockShift);
        return true;
    }

    private void Begin(Guest guest)
    {
        int draw = _random.Below(1000);
        int index = 0;
        while (draw >= Sizes[index].Share)
        {
            draw -= Sizes[index++].Share;
        }

        double regions = Sizes[index].Size * _model.SizeInRegions;
        double blocks = Math.Max(1, Math.Round(regions * (1 - _model.SmallShare) / (1 << _model.BlockShift)));
        double pages = Math.Round(regions * _model.SmallShare * (1 << PagesShift));
        guest.Wanted = (long)(blocks + pages);
        guest.SmallShare = pages / (blocks + pages);
        guest.Interval = _model.TouchNanoseconds / guest.Wanted;
        guest.EndsAt = _now + _random.Wait(_model.LifeNanoseconds);
    }

    private static PageEvent Allocation(int task, ulong frame, int order) =>
        new(PageEventKind.Allocation, frame, order, task, isMovable: task != HostTask);

    private static PageEvent Release(int task, ulong frame, int order) =>
        new(PageEventKind.Release, frame, order, task, isMovable: false);

    /// <summary>A guest, one after the other in the same place.</summary>
    private sealed class Guest(int task)
    {
        internal int Task { get; } = task;

        internal Stack<int> Blocks { get; } = [];

        internal Stack<uint> Pages { get; } = [];

        internal long Wanted { get; set; }

        internal double SmallShare { get; set; }

        internal double Interval { get; set; }

        internal long EndsAt { get; set; }
    }
}
