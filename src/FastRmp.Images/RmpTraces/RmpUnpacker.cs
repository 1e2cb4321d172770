using System;
using System.Threading;
using System.Threading.Tasks;

namespace FastRmp.Images;

/// <summary>Unpacks the events of a store on a thread of its own, a block ahead of the thread that reads them.</summary>
/// <remarks>One thread reads and disposes. Nothing is allocated for a block.</remarks>
internal sealed class RmpUnpacker : IDisposable
{
    /// <summary>Most events of a block, 1 MiB of them: enough to be long beside what it costs to wake a thread.</summary>
    internal const int BlockEvents = 32 * RmpEventStore.ChunkEvents;

    private const int Blocks = 3;

    private readonly RmpEventStore _store;
    private readonly RmpRecord[][] _events = new RmpRecord[Blocks][];
    private readonly int[] _lengths = new int[Blocks];
    private readonly SemaphoreSlim _free = new(Blocks);
    private readonly SemaphoreSlim _full = new(0);
    private readonly Task _work;
    private volatile bool _isStopped;
    private int _next;
    private bool _hasBlock;

    internal RmpUnpacker(RmpEventStore store)
    {
        _store = store;
        for (int block = 0; block < Blocks; block++)
        {
            _events[block] = new RmpRecord[BlockEvents];
        }

        _work = Task.Factory.StartNew(Unpack, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for the next block, and gives the one before it back.</summary>
    /// <returns>False after the last one.</returns>
    internal bool TryNext(out RmpRecord[] events, out int length)
    {
        if (_hasBlock) _free.Release();
        _full.Wait();
        _hasBlock = true;
        events = _events[_next];
        length = _lengths[_next];
        _next = (_next + 1) % Blocks;
        if (length == 0) _work.GetAwaiter().GetResult(); // says what failed, if something did
        return length != 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isStopped = true;
        _free.Release();
        _ = Task.WaitAny(_work); // whatever it ended with
        _free.Dispose();
        _full.Dispose();
    }

    private void Unpack()
    {
        int block = 0;
        try
        {
            for (int index = 0; index < _store.ChunkCount; block = (block + 1) % Blocks)
            {
                _free.Wait();
                if (_isStopped) return;
                Span<RmpRecord> events = _events[block];
                int length = 0;
                while (index < _store.ChunkCount && events.Length - length >= RmpEventStore.ChunkEvents)
                {
                    length += _store.Unpack(index++, events[length..]);
                }

                _lengths[block] = length;
                _full.Release();
            }

            _free.Wait();
        }
        finally
        {
            _lengths[block] = 0;
            _full.Release();
        }
    }
}
