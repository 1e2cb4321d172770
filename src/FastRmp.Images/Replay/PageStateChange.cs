namespace FastRmp.Images;

/// <summary>The RMP instructions that KVM issues when pages of a guest change sides (rmp 15).</summary>
internal static class PageStateChange
{
    private const ulong PagesPerRegion = 512;

    /// <summary>Makes pages private: those that are assigned already stay as they are.</summary>
    /// <typeparam name="TStates">The host.</typeparam>
    /// <param name="states">The host.</param>
    /// <param name="first">The first page.</param>
    /// <param name="pages">How many.</param>
    /// <param name="operand">ASID, GPA of the first page, and in the size whether a whole region may become one entry.</param>
    internal static void MakePrivate<TStates>(TStates states, ulong first, ulong pages, RmpUpdateOperand operand)
        where TStates : IPageStates
    {
        bool mayBeLarge = operand.PageSize == PageSize.Size2M && IsAligned(operand.Gpa, first);
        RmpUpdateOperand small = operand with { PageSize = PageSize.Size4K, Assigned = true };
        ulong end = first + pages;
        ulong next;
        for (ulong frame = first; frame < end; frame = next)
        {
            next = EndOfRegion(frame, end);
            if (mayBeLarge && next - frame == PagesPerRegion && !states.IsAssignedAny(frame))
            {
                states.Update(frame, PagesPerRegion, At(operand, first, frame) with { Assigned = true });
                continue;
            }

            while (TryRun(states, ref frame, next, assigned: false, out ulong start))
            {
                states.Update(start, frame - start, At(small, first, start));
            }
        }
    }

    /// <summary>Gives pages back: those that are not assigned stay as they are; a large entry that is left in part is smashed.</summary>
    /// <typeparam name="TStates">The host.</typeparam>
    /// <param name="states">The host.</param>
    /// <param name="first">The first page.</param>
    /// <param name="pages">How many.</param>
    internal static void MakeShared<TStates>(TStates states, ulong first, ulong pages)
        where TStates : IPageStates
    {
        ulong end = first + pages;
        ulong next;
        for (ulong frame = first; frame < end; frame = next)
        {
            next = EndOfRegion(frame, end);
            if (!states.IsAssignedAny(frame)) continue;
            if (states.HasLargeEntry(frame))
            {
                if (next - frame == PagesPerRegion)
                {
                    states.Update(frame, PagesPerRegion, new RmpUpdateOperand { PageSize = PageSize.Size2M });
                    continue;
                }

                states.Smash(frame);
            }

            while (TryRun(states, ref frame, next, assigned: true, out ulong start))
            {
                states.Update(start, frame - start, default);
            }
        }
    }

    /// <summary>The next pages of the wanted state.</summary>
    private static bool TryRun<TStates>(TStates states, ref ulong frame, ulong end, bool assigned, out ulong start)
        where TStates : IPageStates
    {
        start = states.Next(frame, end, assigned);
        frame = states.Next(start, end, !assigned);
        return start != frame;
    }

    private static ulong EndOfRegion(ulong frame, ulong end) =>
        System.Math.Min((frame & ~(PagesPerRegion - 1)) + PagesPerRegion, end);

    private static bool IsAligned(ulong gpa, ulong frame) => (((gpa >> PageSize.Size4K.Shift()) ^ frame) & (PagesPerRegion - 1)) == 0;

    private static RmpUpdateOperand At(RmpUpdateOperand operand, ulong first, ulong frame) =>
        operand with { Gpa = operand.Gpa + ((frame - first) * PageSize.Size4K.Bytes()) };
}
