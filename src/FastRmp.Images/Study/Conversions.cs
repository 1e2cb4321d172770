using System;
using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>Lays page-state changes of running guests over the allocations and releases of a trace, with random numbers from a fixed
/// seed.</summary>
/// <remarks>
/// <para>A guest is known from its first allocation on until it has no block any more. Of each at most <see cref="MostBlocks"/> blocks are
/// followed, so that memory is bounded by the host's guests.</para>
/// <para>The order of draws depends on the events alone, not on any policy.</para>
/// </remarks>
internal sealed class Conversions
{
    /// <summary>Most blocks of a guest that take part.</summary>
    internal const int MostBlocks = 1024;

    private const int LargestOrder = 10; // of the buddy allocator
    private const ulong RegionPages = 512;
    private const int PageShift = 12;
    private const long LargestSwiotlbPages = 1 << 18; // 1 GiB, as in Linux

    private readonly ConversionModel _model;
    private readonly IConversionHost _host;
    private readonly bool _isExact;
    private readonly SeededRandom _random;
    private readonly Dictionary<uint, Guest> _guests = [];
    private readonly Dictionary<ulong, Block> _blocks = [];
    private readonly PriorityQueue<Step, (long Time, long Order)> _steps = new();
    private long _order;
    private long _now;

    /// <summary>Takes a model.</summary>
    /// <param name="model">The parameters.</param>
    /// <param name="host">Where it happens.</param>
    /// <param name="isExact">Whether each release names a block as it was allocated.</param>
    internal Conversions(ConversionModel model, IConversionHost host, bool isExact)
    {
        _model = model;
        _host = host;
        _isExact = isExact;
        _random = new SeededRandom(model.Seed);
    }

    private enum StepKind
    {
        Accept,
        Share,
        Unshare,
        Io,
        Inflate,
        Deflate,
    }

    /// <summary>What was done.</summary>
    internal ConversionCounts Counts { get; } = new();

    /// <summary>Does what is due up to a time.</summary>
    internal void Until(long nanoseconds)
    {
        while (_steps.TryPeek(out Step? step, out (long Time, long Order) due) && due.Time <= nanoseconds)
        {
            _ = _steps.Dequeue();
            _now = due.Time;
            _host.At(_now);
            Do(step);
        }

        _now = Math.Max(_now, nanoseconds);
    }

    /// <summary>A guest got a block.</summary>
    internal void Allocated(uint owner, ulong frame, ulong pages, ulong gpa, bool isLarge)
    {
        bool isKnown = _guests.TryGetValue(owner, out Guest? guest);
        if (guest is null)
        {
            guest = new Guest(owner, _now + _model.BootNanoseconds, _model.LaunchPages, _model.Vcpus);
            _guests.Add(owner, guest);
        }

        ulong launched = Math.Min(pages, (ulong)guest.LaunchPages);
        guest.LaunchPages -= (long)launched;
        guest.Pages += (long)pages;
        if (launched != 0) Write(frame, launched, "launch");
        Block block = new(guest, frame, pages, gpa, isLarge);
        bool isFollowed = guest.Blocks.Count < MostBlocks && _blocks.TryAdd(frame, block);
        if (isFollowed) guest.Add(block);

        // the release of another block would not be noticed
        if (_model.IsLazy && launched == 0 && isFollowed) Later(_model.DelayNanoseconds, new Step(StepKind.Accept, guest, block));
        else Accept(block);
        if (isKnown) return;
        Later(_random.Wait(Interval(guest)), new Step(StepKind.Share, guest, null));
        Later(_random.Wait(_model.IoInterval), new Step(StepKind.Io, guest, null));
        if (_model.BalloonNanoseconds != 0) Later(_random.Wait(_model.BalloonNanoseconds), new Step(StepKind.Inflate, guest, null));
    }

    /// <summary>The allocator gave the host a page in the name of a task that is a guest's: the first are its VMSAs.</summary>
    /// <returns>Whether the page became one.</returns>
    internal bool TakesVmsa(uint owner, ulong frame)
    {
        if (owner == 0 || !_guests.TryGetValue(owner, out Guest? guest) || guest.Vmsas == 0) return false;
        guest.Vmsas--;
        Counts.Vmsas++;
        Write(frame, 1, "vmsa");
        _host.MakePrivate(owner, frame, 1, gpa: 0, mayBeLarge: false, isNew: true);
        return true;
    }

    /// <summary>Pages were released, or got another owner.</summary>
    internal void Freed(ulong frame, ulong pages)
    {
        if (_blocks.Count == 0) return;
        Forget(frame);
        if (_isExact) return;
        for (int order = 1; order <= LargestOrder; order++)
        {
            ulong head = frame & (ulong.MaxValue << order);
            if (head != frame && _blocks.TryGetValue(head, out Block? around) && around.Frame + around.Pages > frame) Forget(head);
        }

        for (ulong head = frame + 1; head < frame + pages; head++)
        {
            Forget(head);
        }
    }

    private void Forget(ulong head)
    {
        if (!_blocks.Remove(head, out Block? block)) return;
        block.IsGone = true;
        if (block.Guest.Remove(block)) _ = _guests.Remove(block.Guest.Owner);
    }

    private void Do(Step step)
    {
        Guest guest = step.Guest;
        if (guest.IsGone || step.Block is { IsGone: true }) return;
        switch (step.Kind)
        {
            case StepKind.Accept:
                Accept(step.Block!);
                break;
            case StepKind.Share:
                Share(guest);
                Later(_random.Wait(Interval(guest)), step);
                break;
            case StepKind.Unshare:
                step.Block!.IsBusy = false;
                Counts.ToPrivate++;
                MakePrivate(step.Block, step.First, step.Pages);
                break;
            case StepKind.Io:
                if (guest.Swiotlb is { IsGone: false } buffer) Write(buffer.Frame + (ulong)_random.Below((int)buffer.Pages), 1, "swiotlb");
                Later(_random.Wait(_model.IoInterval), step);
                break;
            case StepKind.Inflate:
                Inflate(guest);
                Later(_random.Wait(_model.BalloonNanoseconds), step);
                break;
            default:
                step.Block!.IsBusy = false;
                MakePrivate(step.Block, 0, step.Block.Pages);
                break;
        }
    }

    private void Accept(Block block)
    {
        Counts.Accepted++;
        block.IsAccepted = true;
        _host.MakePrivate(block.Guest.Owner, block.Frame, block.Pages, block.Gpa, block.IsLarge, isNew: true);
        for (ulong frame = block.Frame; block.IsLarge && frame < block.Frame + block.Pages; frame += RegionPages)
        {
            if (_model.SmashShare == 0 || _random.Fraction() >= _model.SmashShare) continue;
            Counts.Smashes++;
            _host.SmashRegion(frame);
        }

        Guest guest = block.Guest;
        double buffer = Math.Min(guest.Pages * _model.SwiotlbShare, LargestSwiotlbPages);
        if (guest.SwiotlbPages + (long)block.Pages > buffer) return;
        guest.SwiotlbPages += (long)block.Pages;
        Counts.SwiotlbPages += (long)block.Pages;
        guest.Swiotlb = block;
        block.IsBusy = true; // for good
        _host.MakeShared(block.Frame, block.Pages);
    }

    private void Share(Guest guest)
    {
        if (Pick(guest) is not { } block) return;
        ulong most = Math.Min(block.Pages, (ulong)_model.Pages);
        ulong pages = 1 + (ulong)_random.Below((int)most);
        ulong first = (ulong)_random.Below((int)(block.Pages - pages + 1));
        block.IsBusy = true;
        Counts.ToShared++;
        _host.MakeShared(block.Frame + first, pages);
        Write(block.Frame + first, pages, "shared");
        Later(_random.Wait(_model.HoldNanoseconds), new Step(StepKind.Unshare, guest, block, first, pages));
    }

    private void Inflate(Guest guest)
    {
        if (Pick(guest) is not { } block) return;
        block.IsBusy = true;
        Counts.Balloons++;
        _host.MakeShared(block.Frame, block.Pages);
        Later(_random.Wait(_model.BalloonNanoseconds), new Step(StepKind.Deflate, guest, block));
    }

    // Drawn once: a guest whose blocks are all busy skips a turn.
    private Block? Pick(Guest guest)
    {
        if (guest.Blocks.Count == 0) return null;
        Block block = guest.Blocks[_random.Below(guest.Blocks.Count)];
        return block.IsBusy || !block.IsAccepted ? null : block;
    }

    private void MakePrivate(Block block, ulong first, ulong pages) => _host.MakePrivate(
        block.Guest.Owner, block.Frame + first, pages, block.Gpa + (first << PageShift), block.IsLarge, isNew: false);

    private void Write(ulong frame, ulong pages, string kind)
    {
        Counts.Wrote(kind, pages);
        _host.HostWrite(frame, pages, kind);
    }

    private double Interval(Guest guest) => _now < guest.BootsUntil ? _model.BootInterval : _model.SteadyInterval;

    private void Later(double nanoseconds, Step step)
    {
        const double Never = 1e18;
        if (nanoseconds < Never) _steps.Enqueue(step, (_now + (long)nanoseconds, _order++));
    }

    /// <summary>A running guest.</summary>
    private sealed class Guest(uint owner, long bootsUntil, long launchPages, int vmsas)
    {
        internal uint Owner { get; } = owner;

        internal long BootsUntil { get; } = bootsUntil;

        internal long LaunchPages { get; set; } = launchPages;

        internal int Vmsas { get; set; } = vmsas;

        internal List<Block> Blocks { get; } = [];

        internal long Pages { get; set; }

        internal long SwiotlbPages { get; set; }

        internal Block? Swiotlb { get; set; }

        internal bool IsGone { get; private set; }

        internal void Add(Block block)
        {
            block.Index = Blocks.Count;
            Blocks.Add(block);
        }

        /// <summary>Takes a block out.</summary>
        /// <returns>Whether it was the last.</returns>
        internal bool Remove(Block block)
        {
            Block last = Blocks[^1];
            Blocks[block.Index] = last;
            last.Index = block.Index;
            Blocks.RemoveAt(Blocks.Count - 1);
            return IsGone = Blocks.Count == 0;
        }
    }

    /// <summary>A block that a guest has.</summary>
    private sealed class Block(Guest guest, ulong frame, ulong pages, ulong gpa, bool isLarge)
    {
        internal Guest Guest { get; } = guest;

        internal ulong Frame { get; } = frame;

        internal ulong Pages { get; } = pages;

        internal ulong Gpa { get; } = gpa;

        internal bool IsLarge { get; } = isLarge;

        internal int Index { get; set; }

        internal bool IsBusy { get; set; }

        internal bool IsAccepted { get; set; }

        internal bool IsGone { get; set; }
    }

    private sealed record Step(StepKind Kind, Guest Guest, Block? Block, ulong First = 0, ulong Pages = 0);
}
