using System.Threading;

namespace FastRmp.Qemu;

/// <summary>Some RMPUPDATEs, counted over all processors, that answer a code without being executed.</summary>
/// <param name="first">The number of the first one, from 1.</param>
/// <param name="times">How many.</param>
/// <param name="code">The code.</param>
/// <param name="onlyGuests">Whether only those count that give a page to a guest.</param>
internal sealed class UpdateRule(long first, long times, RmpStatus code, bool onlyGuests)
{
    private long _seen;

    /// <summary>The code.</summary>
    internal RmpStatus Code => code;

    /// <summary>Counts one. Any threads.</summary>
    /// <param name="operand">Its operand.</param>
    /// <returns>Whether it is one of them.</returns>
    internal bool Counts(RmpUpdateOperand operand)
    {
        if (onlyGuests && !(operand.Assigned && operand.Asid != 0)) return false;
        long number = Interlocked.Increment(ref _seen);
        return number >= first && number - first < times;
    }
}
