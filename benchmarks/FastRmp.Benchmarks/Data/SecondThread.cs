using System;
using System.Threading;

namespace FastRmp.Benchmarks.Data;

/// <summary>A thread that does a piece of work beside the caller's, again and again; it spins in between, so that both begin at
/// once.</summary>
internal sealed class SecondThread : IDisposable
{
    private readonly Func<int, ulong> _work;
    private readonly Thread _thread;
    private int _request;
    private int _started;
    private int _done;
    private ulong _result;

    /// <summary>Starts the thread.</summary>
    /// <param name="work">The work; it gets the number that <see cref="Begin"/> was given.</param>
    internal SecondThread(Func<int, ulong> work)
    {
        _work = work;
        _thread = new Thread(Loop) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Begins a piece of work.</summary>
    /// <param name="request">Which, not negative.</param>
    internal void Begin(int request)
    {
        _request = request;
        Volatile.Write(ref _started, _started + 1);
    }

    /// <summary>Waits for the end of the work.</summary>
    /// <returns>What it came to.</returns>
    internal ulong End()
    {
        SpinWait spin = default;
        while (Volatile.Read(ref _done) != _started)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        return _result;
    }

    public void Dispose()
    {
        Begin(-1);
        _thread.Join();
    }

    private void Loop()
    {
        for (int round = 1; ; round++)
        {
            SpinWait spin = default;
            while (Volatile.Read(ref _started) != round)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            if (_request < 0) return;
            _result = _work(_request);
            Volatile.Write(ref _done, round);
        }
    }
}
