using FastRmp.Paging;

namespace FastRmp.DirectMap;

/// <summary>The location of a direct map and of its paging structures. Immutable; any threads may share it.</summary>
public sealed record DirectMapOptions
{
    /// <summary>The processor generation: 1 GiB pages, physical-address width.</summary>
    public ProcessorModel Processor { get; init; } = ProcessorModel.Genoa;

    /// <summary>What the sources leave open: <see cref="ModelChoices.BootTablesAreSupervisor"/>,
    /// <see cref="ModelChoices.Kernel4KOnEveryUpdate"/>, <see cref="ModelChoices.RejoinAsLinux"/>,
    /// <see cref="ModelChoices.ZapOnAllocation"/>, <see cref="ModelChoices.ZapSplitsLargeLeaves"/>, and for walks of the map
    /// <see cref="ModelChoices.IgnorePml5eBit8"/> and <see cref="ModelChoices.SetAccessedOnlyIfAllowed"/>.</summary>
    /// <remarks>What an RMP check asks, <see cref="ModelChoices.CheckTableReads"/>, is a choice of the RMP that the host has beside the
    /// map.</remarks>
    public ModelChoices Choices { get; init; } = ModelChoices.Default;

    /// <summary>Four or five paging levels.</summary>
    public PagingMode Mode { get; init; }

    /// <summary>Virtual address of physical address 0 (Linux: page_offset_base); a multiple of 1 GiB. Zero for the base that Linux uses
    /// without KASLR.</summary>
    public VirtualAddress VirtualBase { get; init; }

    /// <summary>Physical address of the paging structures, which are not part of the map; a multiple of 4 KiB. Null for the first GiB
    /// boundary above all RAM.</summary>
    public PhysicalAddress? TableBase { get; init; }

    /// <summary>How many 4 KiB pages the paging structures may take. Null for as many as mapping everything by 4 KiB pages needs.</summary>
    public long? MaxTablePages { get; init; }

    /// <summary>The processors whose translations splits, joins and changes of attributes flush; null for none.</summary>
    public TlbDomain? Processors { get; init; }
}
