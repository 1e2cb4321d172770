namespace FastRmp.Images;

/// <summary>Where a contiguous RMP is.</summary>
public sealed class LoggedRmpTable : LogFinding
{
    private const ulong Bookkeeping = 0x4000; // the entries begin after it

    internal LoggedRmpTable(LogPlace place, ulong start, ulong end, RmpTableForm form)
        : base(place)
    {
        Start = start;
        End = end;
        Form = form;
    }

    /// <summary>RMP_BASE.</summary>
    public ulong Start { get; }

    /// <summary>RMP_END, the last byte.</summary>
    public ulong End { get; }

    /// <summary>How it is printed.</summary>
    public RmpTableForm Form { get; }

    /// <summary>How many bytes it has.</summary>
    public ulong Size => End - Start + 1;

    /// <summary>How many bytes of memory it covers, from address 0.</summary>
    public ulong CoveredBytes => Size > Bookkeeping ? (Size - Bookkeeping) / RmpEntry.SizeInBytes * PageSize.Size4K.Bytes() : 0;

    /// <summary>Whether the table's own pages lie in what it covers.</summary>
    public bool CoversItself => End < CoveredBytes;

    /// <inheritdoc/>
    public override bool IsRmpEvent => false;

    /// <summary>Where in the table the entry of a page stands.</summary>
    internal ulong EntryAddress(ulong pfn) => Start + Bookkeeping + (pfn * RmpEntry.SizeInBytes);
}
