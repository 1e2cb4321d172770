using System;

namespace FastRmp.Images;

/// <summary>The task that each processor runs, after the task switches of the function_graph tracer so far.</summary>
internal sealed class GraphTasks
{
    private const int NoTask = -1;

    private int[] _tasks = [];

    /// <summary>Whether the text is of that tracer, so that its task switches are to be looked for.</summary>
    internal bool IsGraph { get; private set; }

    private static ReadOnlySpan<byte> Heading => "# tracer: function_graph"u8;

    /// <summary>Takes a line that is not an event.</summary>
    internal void Take(ReadOnlySpan<byte> line, TaskTable names)
    {
        if (!IsGraph)
        {
            if (!line.IsEmpty && line[0] == '#') IsGraph = line.StartsWith(Heading);
            return;
        }

        if (GraphHeader.TryParseSwitch(line, out int processor, out ReadOnlySpan<byte> task)) Set(processor, names.GetOrAdd(task));
    }

    /// <summary>The task of an event: its own, else that of its processor, else one that stands for tasks without a name.</summary>
    internal int TaskOf(in PageLine line, TaskTable names)
    {
        IsGraph |= line.Processor != PageLine.NoProcessor;
        if (line.HasTask) return names.GetOrAdd(line.Task);
        bool isKnown = (uint)line.Processor < (uint)_tasks.Length && _tasks[line.Processor] != NoTask;
        return isKnown ? _tasks[line.Processor] : names.GetOrAdd(PageTrace.UnknownTask);
    }

    private void Set(int processor, int task)
    {
        if (processor >= _tasks.Length)
        {
            int before = _tasks.Length;
            Array.Resize(ref _tasks, Math.Max(processor + 1, 64));
            _tasks.AsSpan(before).Fill(NoTask);
        }

        _tasks[processor] = task;
    }
}
