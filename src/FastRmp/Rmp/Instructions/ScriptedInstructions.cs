using System;
using System.Collections.Generic;
using System.Threading;

namespace FastRmp;

/// <summary>Instructions with scripted results: for unit tests of a hypervisor's own retry loops and error paths. When the scripts of a
/// page are used up, its instructions are executed by the wrapped implementation.</summary>
/// <remarks>Any threads; calls take a lock, so that this is for tests and not for measurements.</remarks>
public sealed class ScriptedInstructions : IHostInstructions
{
    private readonly IHostInstructions _behind;
    private readonly Lock _gate = new();
    private readonly List<Script> _scripts = [];

    /// <summary>Wraps an implementation, without scripts at first.</summary>
    /// <param name="behind">Executes the instructions that have no script, for instance a <see cref="ReverseMapTable{TGeometry}"/>.</param>
    public ScriptedInstructions(IHostInstructions behind)
    {
        ArgumentNullException.ThrowIfNull(behind);
        _behind = behind;
    }

    /// <summary>How many RMPUPDATEs were executed or ended by a script.</summary>
    public long RmpUpdates { get; private set; }

    /// <summary>How many PSMASHes were executed or ended by a script.</summary>
    public long PSmashes { get; private set; }

    /// <summary>How many scripted results have not been used yet.</summary>
    public long Pending
    {
        get
        {
            lock (_gate)
            {
                long pending = 0;
                foreach (Script script in _scripts)
                {
                    pending += script.Times;
                }

                return pending;
            }
        }
    }

    /// <summary>Sets the result of the next RMPUPDATEs of a page, which change nothing. Several scripts for a page are used in the order in
    /// which they were set.</summary>
    /// <param name="page">The page; any address in it.</param>
    /// <param name="result">What they end with, for instance <c>RmpResult.Contended(RmpStatus.FailInUse)</c>.</param>
    /// <param name="times">How many of them; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="times"/> is below 1.</exception>
    public void NextRmpUpdate(PhysicalAddress page, RmpResult result, int times = 1) => Add(isUpdate: true, page, result, times);

    /// <summary>Sets the result of the next PSMASHes of a page, which change nothing.</summary>
    /// <param name="page">The page; any address in its 2 MiB.</param>
    /// <param name="result">What they end with.</param>
    /// <param name="times">How many of them; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="times"/> is below 1.</exception>
    public void NextPSmash(PhysicalAddress page, RmpResult result, int times = 1) => Add(isUpdate: false, page, result, times);

    /// <inheritdoc/>
    public RmpResult RmpUpdate(in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand)
    {
        lock (_gate)
        {
            RmpUpdates++;
            if (TryTake(isUpdate: true, page, out RmpResult result)) return result;
        }

        return _behind.RmpUpdate(processor, page, operand);
    }

    /// <inheritdoc/>
    public RmpResult PSmash(in ExecutionState processor, PhysicalAddress page)
    {
        lock (_gate)
        {
            PSmashes++;
            if (TryTake(isUpdate: false, page, out RmpResult result)) return result;
        }

        return _behind.PSmash(processor, page);
    }

    private static PhysicalAddress PageOf(bool isUpdate, PhysicalAddress page) =>
        page.AlignDown(isUpdate ? PageSize.Size4K : PageSize.Size2M);

    private void Add(bool isUpdate, PhysicalAddress page, RmpResult result, int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        lock (_gate)
        {
            _scripts.Add(new Script(isUpdate, PageOf(isUpdate, page), result, times));
        }
    }

    private bool TryTake(bool isUpdate, PhysicalAddress page, out RmpResult result)
    {
        int index = _scripts.FindIndex(script => script.IsUpdate == isUpdate && script.Page == PageOf(isUpdate, page));
        result = default;
        if (index < 0) return false;
        Script found = _scripts[index];
        result = found.Result;
        if (found.Times > 1) _scripts[index] = found with { Times = found.Times - 1 };
        else _scripts.RemoveAt(index);
        return true;
    }

    private readonly record struct Script(bool IsUpdate, PhysicalAddress Page, RmpResult Result, int Times);
}
