using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Reads those lines of a block that mean the same wherever they stand: events that name their task, and those that are only
/// counted. All others are left to <see cref="PageTraceReader"/>, which reads them in their turn.</summary>
/// <remarks>For one thread at a time; each has its own.</remarks>
internal sealed class PageBlockParser
{
    private const byte NewLine = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';
    private const int Unnumbered = -1;

    private readonly CommonLines _common = new();
    private readonly TaskTable _tasks = new();
    private readonly List<byte[]> _names = [];
    private readonly List<int> _numbers = [];

    /// <summary>Reads a block.</summary>
    /// <param name="block">Its text; receives what is read.</param>
    /// <param name="isFirst">Whether it is the first of its file, whose first line says what the file is.</param>
    /// <param name="passesLists">Whether a release was read before this block, so that pages of lists are only counted; false if that is
    /// not known.</param>
    internal void Parse(PageBlock block, bool isFirst, bool passesLists)
    {
        block.Clear();
        block.Parser = this;
        ReadOnlySpan<byte> bytes = block.Text.Bytes;
        PageLine parsed = new() { PassesLists = passesLists };
        for (int start = 0; start < bytes.Length;)
        {
            int length = bytes[start..].IndexOf(NewLine);
            int next = length < 0 ? bytes.Length : start + length + 1;
            ReadOnlySpan<byte> line = bytes[start..(length < 0 ? next : next - 1)];
            if (line is [.., CarriageReturn] && !block.Text.IsTooLong) line = line[..^1];
            block.Lines++;
            bool isLeft = (isFirst && block.Lines == 1) || block.Text.IsTooLong || !TryLine(block, line, ref parsed);
            if (isLeft) block.LeftLines.Add(new PageBlock.Left(start, line.Length, block.Lines, block.Count));
            start = next;
        }
    }

    /// <summary>The number that the whole trace has for a task.</summary>
    /// <param name="task">The number that this parser has for it.</param>
    /// <param name="tasks">The tasks of the whole trace.</param>
    internal int Number(int task, TaskTable tasks)
    {
        int number = _numbers[task];
        return number == Unnumbered ? _numbers[task] = tasks.GetOrAdd(_names[task]) : number;
    }

    /// <summary>Takes the tasks that a block has for the first time. Like <see cref="Number"/>, for the thread that puts blocks
    /// together.</summary>
    internal void Take(List<byte[]> names)
    {
        foreach (byte[] name in names)
        {
            _names.Add(name);
            _numbers.Add(Unnumbered);
        }
    }

    private bool TryLine(PageBlock block, ReadOnlySpan<byte> line, scoped ref PageLine parsed)
    {
        PageLineStatus status = _common.Parse(line, ref parsed, out int task, out ulong time);
        if (status == PageLineStatus.Event)
        {
            block.Add(new PageEvent(parsed.Kind, parsed.Frame, parsed.Order, task, parsed.IsMovable), time);
            return true;
        }

        if (status == PageLineStatus.Passed)
        {
            block.Passed[parsed.Name]++;
            return true;
        }

        return TryUncommon(block, line, parsed.PassesLists);
    }

    private bool TryUncommon(PageBlock block, ReadOnlySpan<byte> line, bool passesLists)
    {
        PageLine parsed = new() { PassesLists = passesLists };
        line = LinePrefixes.Unquoted(line, long.MaxValue);
        PageLineStatus status = PageLineParser.Parse(line, ref parsed);
        if (status == PageLineStatus.Passed)
        {
            block.Passed[parsed.Name]++;
            return true;
        }

        bool isAlike = status == PageLineStatus.Event && parsed.Name < PageEventNames.Ordinary && parsed.HasTask
            && parsed.Processor == PageLine.NoProcessor;
        if (!isAlike) return false;
        int known = _tasks.Names.Count;
        int task = _tasks.GetOrAdd(parsed.Task);
        if (task == known) block.NewTasks.Add(parsed.Task.ToArray());
        _ = LineTime.TryParse(line, out ulong time);
        _common.Learn(line, parsed, task);
        block.Add(new PageEvent(parsed.Kind, parsed.Frame, parsed.Order, task, parsed.IsMovable), time);
        return true;
    }
}
