using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace FastRmp.Images;

/// <summary>Reads one trace with several threads: each reads blocks of lines on its own, and what was read is put together in the order of
/// the file.</summary>
/// <remarks>
/// <para>The thread that calls puts blocks together, and reads blocks too while there is none to take: it waits for nobody but for a block
/// that another thread is reading at the moment. There are never more than a few blocks, which are used again.</para>
/// <para>Tests compare it with reading line by line.</para>
/// </remarks>
internal sealed class PageBlockReader : IDisposable
{
    private const int BlocksOfThread = 2;

    private readonly PageTraceReader _reader;
    private readonly InputStream _stream;
    private readonly LineBlocks _lines;
    private readonly int _blockBytes;
    private readonly Task[] _helpers;
    private readonly Lock _reading = new(); // who has it reads the next block
    private readonly object _gate = new(); // of all that follows
    private readonly List<PageBlock> _blocks = [];
    private readonly Stack<PageBlock> _free = [];
    private readonly PageBlock?[] _parsed;
    private long _blocksRead;
    private long _blocksTaken;
    private bool _isEnded;
    private bool _isStopped;
    private bool _isBroken;

    internal PageBlockReader(PageTraceReader reader, InputStream stream, int threads, int blockBytes)
    {
        _reader = reader;
        _stream = stream;
        _lines = new LineBlocks(stream);
        _blockBytes = blockBytes;
        _parsed = new PageBlock?[threads * BlocksOfThread];
        _helpers = new Task[threads - 1];
    }

    /// <summary>How many threads read a trace. More than two would wait for the one that puts blocks together.</summary>
    internal static int Threads { get; } = Math.Min(Environment.ProcessorCount, 2);

    /// <summary>The number of the line that was taken last.</summary>
    internal long LineNumber { get; private set; }

    /// <summary>Bytes read, after decompression.</summary>
    internal long BytesRead => _lines.BytesRead;

    /// <summary>Reads to the end.</summary>
    /// <param name="progress">Called for each block with the bytes of the file consumed so far, before decompression.</param>
    /// <exception cref="MalformedInputException">The input is cut or corrupt.</exception>
    /// <exception cref="System.IO.IOException">The input cannot be read.</exception>
    internal void Read(Action<long>? progress)
    {
        PageBlockParser parser = new();
        Task[] helpers = [];
        try
        {
            while (TryNext(helpers, out PageBlock? block, out bool isParsed))
            {
                if (!isParsed)
                {
                    // a small input has been read before another thread has begun
                    if (TryParse(block, parser) && helpers.Length == 0 && !_lines.IsAtEnd) helpers = Start();
                    continue;
                }

                progress?.Invoke(block.Text.BytesConsumed);
                if (!TryTake(block)) return;
                GiveBack(block, isTaken: true);
            }
        }
        finally
        {
            Stop(helpers);
        }

        progress?.Invoke(_stream.BytesConsumed);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PageBlock block in _blocks)
        {
            block.Dispose();
        }
    }

    // The next block of the file if it is there, else one to read the next lines into.
    private bool TryNext(Task[] helpers, [NotNullWhen(true)] out PageBlock? block, out bool isParsed)
    {
        lock (_gate)
        {
            while (!_isBroken)
            {
                ref PageBlock? next = ref _parsed[(int)(_blocksTaken % _parsed.Length)];
                block = next;
                next = null;
                isParsed = block is not null;
                if (block is not null) return true;
                if (!_isEnded && TryFree(out block)) return true;
                if (_isEnded && _blocksTaken == _blocksRead) return false;
                _ = Monitor.Wait(_gate);
            }
        }

        Stop(helpers);
        ExceptionDispatchInfo.Throw(Array.Find(helpers, static one => one.IsFaulted)!.Exception!.InnerException!);
        (block, isParsed) = (null, false);
        return false;
    }

    private bool TryParse(PageBlock block, PageBlockParser parser)
    {
        lock (_reading)
        {
            bool isMore = !_isEnded && _lines.TryRead(block.Text);
            block.Number = _blocksRead;
            lock (_gate)
            {
                _isEnded = !isMore;
                _blocksRead += isMore ? 1 : 0;
            }

            if (!isMore)
            {
                GiveBack(block, isTaken: false);
                return false;
            }
        }

        parser.Parse(block, block.Number == 0, _reader.HasReleases);
        lock (_gate)
        {
            _parsed[(int)(block.Number % _parsed.Length)] = block;
            Monitor.PulseAll(_gate);
        }

        return true;
    }

    private void GiveBack(PageBlock block, bool isTaken)
    {
        lock (_gate)
        {
            _blocksTaken += isTaken ? 1 : 0;
            _free.Push(block);
            Monitor.PulseAll(_gate);
        }
    }

    // Puts a block behind those before it.
    private bool TryTake(PageBlock block)
    {
        block.Parser!.Take(block.NewTasks);
        long before = LineNumber;
        int events = 0;
        foreach (ref readonly PageBlock.Left left in CollectionsMarshal.AsSpan(block.LeftLines))
        {
            _reader.Take(block, events, left.Events);
            events = left.Events;
            LineNumber = before + left.Line;
            ReadOnlySpan<byte> line = block.Text.Bytes.Slice(left.Start, left.Length);
            if (!_reader.TryTake(line, _stream.Name, LineNumber, block.Text.IsTooLong)) return false;
        }

        _reader.Take(block, events, block.Count);
        _reader.Count(block.Passed);
        LineNumber = before + block.Lines;
        if (block.Text.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
        return true;
    }

    private Task[] Start()
    {
        for (int i = 0; i < _helpers.Length; i++)
        {
            _helpers[i] = Task.Factory.StartNew(
                Help, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        return _helpers;
    }

    private void Help()
    {
        PageBlockParser parser = new();
        bool isDone = false;
        try
        {
            while (TryWaitForFree(out PageBlock? block) && TryParse(block, parser))
            {
                // as long as there are lines
            }

            isDone = true;
        }
        finally
        {
            lock (_gate)
            {
                _isBroken |= !isDone;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private bool TryWaitForFree([NotNullWhen(true)] out PageBlock? block)
    {
        lock (_gate)
        {
            while (!_isStopped && !_isEnded)
            {
                if (TryFree(out block)) return true;
                _ = Monitor.Wait(_gate);
            }
        }

        block = null;
        return false;
    }

    // Who calls has the gate.
    private bool TryFree([NotNullWhen(true)] out PageBlock? block)
    {
        if (_free.TryPop(out block)) return true;
        if (_blocks.Count == _parsed.Length) return false;
        _blocks.Add(block = new PageBlock(_blockBytes));
        return true;
    }

    private void Stop(Task[] helpers)
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Task helper in helpers)
        {
            _ = Task.WaitAny(helper); // does not throw
        }
    }
}
