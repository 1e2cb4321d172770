using System;
using FastRmp.DirectMap;
using FastRmp.Paging;

namespace FastRmp.Tests.Host;

/// <summary>A host with an RMP and a direct map of its own, SNP on unless asked otherwise.</summary>
internal sealed class HostRig<TPolicy> : IDisposable
    where TPolicy : struct, IDirectMapPolicy
{
    internal const ulong RmpBase = 0x100_0000_0000;

    internal HostRig(params ReadOnlySpan<PhysicalRange> ram)
        : this(new DirectMapOptions(), 0x2_0000_0000, ModelChoices.Default, ram)
    {
        Host.EnableSnp();
    }

    internal HostRig(
        DirectMapOptions options, ulong covered, ModelChoices choices, ReadOnlySpan<PhysicalRange> ram, RetryRule retry = RetryRule.Rfc)
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(RmpBase), covered);
        Table = new ReverseMapTable<ContiguousGeometry>(geometry, ProcessorModel.Genoa, choices);
        Map = new HostDirectMap(ram, options);
        Host = new SnpHost<ContiguousGeometry, TPolicy>(Table, Map, retry);
    }

    internal ReverseMapTable<ContiguousGeometry> Table { get; }

    internal HostDirectMap Map { get; }

    internal SnpHost<ContiguousGeometry, TPolicy> Host { get; }

    public void Dispose()
    {
        Map.Dispose();
        Table.Dispose();
    }

    internal static RmpUpdateOperand Assigning(PageSize size = PageSize.Size4K, uint asid = 1, ulong gpa = 0x1_0000_0000) =>
        new RmpUpdateOperand { Assigned = true, PageSize = size, Asid = asid, Gpa = gpa };

    internal static RmpUpdateOperand Releasing(PageSize size = PageSize.Size4K) => new RmpUpdateOperand { PageSize = size };

    internal HostUpdate Assign(ulong page, PageSize size = PageSize.Size4K) =>
        Host.RmpUpdate(PhysicalAddress.Create(page), Assigning(size));

    internal HostUpdate Release(ulong page, PageSize size = PageSize.Size4K) =>
        Host.RmpUpdate(PhysicalAddress.Create(page), Releasing(size));

    internal WalkResult Write(ulong address) => Host.Access(PhysicalAddress.Create(address), AccessKind.Write);

    /// <summary>What the handler makes of the fault of a write to an address.</summary>
    internal FaultOutcome Handle(ulong address, uint errorCode = 0x8000_0003) =>
        Host.HandlePageFault(Map.ToVirtual(PhysicalAddress.Create(address)), new PageFaultErrorCode(errorCode));

    /// <summary>The raw entry of a page.</summary>
    internal RmpEntry Entry(ulong page)
    {
        _ = Table.TryReadRaw(PhysicalAddress.Create(page), out RmpEntry entry);
        return entry;
    }
}
