using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp.Schedules.Tests;

/// <summary>
/// Runs threads one at a time and changes from one to another only before accesses to words that the test names, as a list of decisions
/// says.
/// </summary>
internal sealed class Scheduler : IDisposable
{
    /// <summary>Points of one program: a reader that looks again and again adds nothing after that many.</summary>
    private const int MaxPoints = 48;

    [ThreadStatic]
    private static Scheduler? _current;

    [ThreadStatic]
    private static int _number;

    [ThreadStatic]
    private static int _points;

    /// <summary>The line that read a word beside the shared memory last: of a scan, as of the uses of a region, only the first read is a
    /// point. Not told by the address, which a garbage collection changes.</summary>
    [ThreadStatic]
    private static int _lastLine;

    [ThreadStatic]
    private static string? _lastFile;

    [ThreadStatic]
    private static bool _isBackwards;

    private readonly SemaphoreSlim[] _turns;
    private readonly SemaphoreSlim _done = new(0);
    private readonly Thread[] _threads;
    private readonly Action?[] _programs;
    private readonly bool[] _finished;
    private readonly nuint _origin;
    private readonly bool[] _hot;
    private readonly List<Decision> _decisions = [];
    private Turn[]? _given;
    private int _turn;
    private int _pointsLeft;
    private int _position;
    private int _switchesLeft;
    private int _participants;
    private bool _over;

    /// <summary>Starts the threads, which wait for programs.</summary>
    /// <param name="threads">Number of threads.</param>
    /// <param name="origin">Address of the shared memory.</param>
    /// <param name="hot">Which of its quadwords are contended: their accesses are points, and those to anything else that is shared, such
    /// as the versions of regions.</param>
    public Scheduler(int threads, nuint origin, bool[] hot)
    {
        _origin = origin;
        _hot = hot;
        _turns = new SemaphoreSlim[threads];
        _threads = new Thread[threads];
        _programs = new Action[threads];
        _finished = new bool[threads];
        for (int i = 0; i < threads; i++)
        {
            int number = i;
            _turns[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Work(number)) { IsBackground = true };
            _threads[i].Start();
        }
    }

    /// <summary>Whether the calling thread accesses the entries of a whole region from the last to the first.</summary>
    public static bool IsBackwards => _isBackwards;

    /// <summary>What <see cref="IsBackwards"/> is in the programs.</summary>
    public bool Backwards { get; init; }

    /// <summary>Called before each access of the library's sources to shared memory.</summary>
    /// <param name="location">What is accessed.</param>
    /// <param name="file">For a read, the file that reads; null for any other access, which is a point of its own.</param>
    /// <param name="line">The line there.</param>
    public static unsafe void Point<T>(ref readonly T location, string? file = null, int line = 0)
    {
        Scheduler? scheduler = _current;
        if (scheduler is null) return;
        // Safety: a number, never followed.
        nuint word = ((nuint)Unsafe.AsPointer(ref Unsafe.AsRef(in location)) - scheduler._origin) / sizeof(ulong);
        bool isStored = word < (nuint)scheduler._hot.Length;
        if (isStored && !scheduler._hot[word]) return;
        bool isScanned = !isStored && file is not null && line == _lastLine && ReferenceEquals(file, _lastFile);
        _lastLine = line;
        _lastFile = isStored ? null : file;
        if (isScanned || _points == MaxPoints) return;
        _points++;
        scheduler.Offer();
    }

    /// <summary>A section under a lock that every program takes for it: nobody else runs meanwhile.</summary>
    public static T Locked<T>(Func<T> section)
    {
        int points = _points;
        _points = MaxPoints;
        try
        {
            return section();
        }
        finally
        {
            _points = points;
        }
    }

    /// <summary>Runs the programs under every schedule with at most so many switches away from a thread that could go on.</summary>
    /// <param name="programs">One for each thread.</param>
    /// <param name="switches">The bound.</param>
    /// <param name="limit">Schedules at most: more is an error of the test.</param>
    /// <param name="before">Called before each run.</param>
    /// <param name="after">Called after each run.</param>
    /// <returns>How many schedules there were.</returns>
    public int Explore(Action[] programs, int switches, int limit, Action before, Action after)
    {
        _decisions.Clear();
        int runs = 0;
        do
        {
            if (++runs > limit) throw new InvalidOperationException($"More than {limit} schedules.");
            before();
            Run(programs, switches);
            after();
        }
        while (Advance());
        return runs;
    }

    /// <summary>Runs the programs under given schedules, which may have more switches than all schedules could.</summary>
    /// <param name="programs">One for each thread.</param>
    /// <param name="schedules">Of each, whose turn it is and for how many points; the threads finish after the last one.</param>
    /// <param name="before">Called before each run.</param>
    /// <param name="after">Called after each run.</param>
    /// <returns>How many schedules there were.</returns>
    public int Follow(Action[] programs, IEnumerable<Turn[]> schedules, Action before, Action after)
    {
        int runs = 0;
        foreach (Turn[] schedule in schedules)
        {
            before();
            (_given, _turn, _pointsLeft) = (schedule, -1, 0);
            Run(programs, switches: 0);
            _given = null;
            after();
            runs++;
        }

        return runs;
    }

    public void Dispose()
    {
        _over = true;
        foreach (SemaphoreSlim turn in _turns)
        {
            turn.Release();
        }

        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        foreach (SemaphoreSlim turn in _turns)
        {
            turn.Dispose();
        }

        _done.Dispose();
    }

    private void Run(Action[] programs, int switches)
    {
        _position = 0;
        _switchesLeft = switches;
        _participants = programs.Length;
        for (int i = 0; i < programs.Length; i++)
        {
            _programs[i] = programs[i];
            _finished[i] = false;
        }

        _turns[Decide(-1)].Release();
        _done.Wait();
    }

    /// <summary>The next schedule: the last decision that has another option takes it, and those after it are discarded.</summary>
    private bool Advance()
    {
        while (_decisions.Count > 0)
        {
            Decision last = _decisions[^1];
            _decisions.RemoveAt(_decisions.Count - 1);
            if (last.Taken + 1 < last.Options)
            {
                _decisions.Add(last with { Taken = last.Taken + 1 });
                return true;
            }
        }

        return false;
    }

    private void Offer()
    {
        int self = _number;
        int next = Decide(self);
        if (next == self) return;
        _switchesLeft--;
        _turns[next].Release();
        _turns[self].Wait();
    }

    /// <summary>Who runs next. Option 0 is to go on; a thread that cannot go on offers the others alone.</summary>
    private int Decide(int self)
    {
        if (_given is not null) return NextOf(_given, self);
        bool canGoOn = self >= 0 && !_finished[self];
        int others = 0;
        for (int i = 0; i < _participants; i++)
        {
            if (i != self && !_finished[i]) others++;
        }

        int options = canGoOn ? 1 + (_switchesLeft > 0 ? others : 0) : others;
        if (options == 0) return -1;
        if (options == 1 && canGoOn) return self;
        if (_position == _decisions.Count) _decisions.Add(new Decision(0, options));
        Decision decision = _decisions[_position++];
        if (decision.Options != options) throw new InvalidOperationException("A program does not do the same under the same schedule.");
        int skip = canGoOn ? decision.Taken - 1 : decision.Taken;
        if (skip < 0) return self;
        for (int i = 0; i < _participants; i++)
        {
            if (i != self && !_finished[i] && skip-- == 0) return i;
        }

        throw new InvalidOperationException("No such option.");
    }

    private int NextOf(Turn[] schedule, int self)
    {
        bool canGoOn = self >= 0 && !_finished[self];
        if (canGoOn && --_pointsLeft > 0) return self;
        while (++_turn < schedule.Length)
        {
            _pointsLeft = schedule[_turn].Points;
            if (!_finished[schedule[_turn].Thread]) return schedule[_turn].Thread;
        }

        _pointsLeft = int.MaxValue;
        return canGoOn ? self : Array.FindIndex(_finished, 0, _participants, static finished => !finished);
    }

    private void Work(int number)
    {
        _number = number;
        _ = ThreadPlace.Take(); // the first of either would have points that no later one has
        _ = VersionToken.Next();
        while (true)
        {
            _turns[number].Wait();
            if (_over) return;
            _current = this;
            _points = 0;
            _lastFile = null;
            _isBackwards = Backwards;
            _programs[number]!();
            _current = null;
            _finished[number] = true;
            int next = Decide(number);
            if (next < 0) _done.Release();
            else _turns[next].Release();
        }
    }

    private readonly record struct Decision(int Taken, int Options);

    /// <summary>A turn of a thread.</summary>
    /// <param name="Thread">Its number.</param>
    /// <param name="Points">How many accesses it does.</param>
    internal readonly record struct Turn(int Thread, int Points);
}
