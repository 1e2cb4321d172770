using System;
using FastRmp.Addressing;
using FastRmp.Internals;
using FastRmp.Layouts;
using FastRmp.Model;

namespace FastRmp.Paging;

/// <summary>The processor state that a walk depends on: root, levels, and what the control registers switch on.</summary>
/// <remarks>AMD64 APM vol. 2, chapter 5. Long mode with paging on. Immutable; any threads may share it.</remarks>
public readonly struct PagingState : IEquatable<PagingState>
{
    /// <summary>Makes the state from named parts.</summary>
    /// <param name="root">Address of the top table (CR3[51:12]), 4 KiB aligned.</param>
    /// <param name="mode">Four or five levels.</param>
    /// <param name="processor">Gives the physical-address width, 1 GiB pages and AMD's reserved bits.</param>
    /// <param name="writeProtect">CR0.WP: supervisor writes obey R/W = 0.</param>
    /// <param name="noExecute">EFER.NXE: NX has a meaning; without, it is reserved.</param>
    /// <param name="smep">CR4.SMEP: supervisor fetches from user pages fault.</param>
    /// <param name="smap">CR4.SMAP: supervisor data accesses to user pages fault unless allowed.</param>
    /// <exception cref="ArgumentException">The root is not page-aligned, or the processor has no five-level paging.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The processor's physical-address width is not 36 to 52.</exception>
    public PagingState(PhysicalAddress root, PagingMode mode, ProcessorModel processor, bool writeProtect = true, bool noExecute = true, bool smep = false, bool smap = false)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentOutOfRangeException.ThrowIfLessThan(processor.PhysicalAddressWidth, 36, nameof(processor));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(processor.PhysicalAddressWidth, 52, nameof(processor));
        if (mode == PagingMode.FiveLevel && !processor.HasLa57) Throw.Geometry(nameof(mode), $"A {processor.Name} has no five-level paging.");
        if (!root.IsAligned(PageSize.Size4K)) Throw.Misaligned(nameof(root), root.Value, PageSize.Size4K.Bytes());
        Root = root;
        Mode = mode;
        KernelWriteNeeds = writeProtect ? PagingEntry.WritableMask : 0;
        KernelFetchBars = smep ? PagingEntry.UserMask : 0;
        KernelDataBars = smap ? PagingEntry.UserMask : 0;
        FetchBars = noExecute ? PagingEntry.NoExecuteMask : 0;
        ulong tooWide = PhysicalAddress.ValidMask & ~((1UL << processor.PhysicalAddressWidth) - 1);
        ulong reserved = tooWide | (noExecute ? 0 : PagingEntry.NoExecuteMask) | PagingEntry.PresentMask;
        UpperTableTest = reserved | (processor.ReservesUpperBit8 ? Pml4e.ReservedMask : PagingEntry.LargePageMask);
        LowerTableTest = reserved | PagingEntry.LargePageMask;
        SmallLeafTest = reserved;
        LargeLeafTest = reserved | PagingEntry.LargePageMask | Pde2M.ReservedMask;
        GigabyteLeafTest = processor.HasGigabytePages ? reserved | PagingEntry.LargePageMask | Pdpe1G.ReservedMask : 0;
    }

    /// <summary>Address of the top table.</summary>
    public PhysicalAddress Root { get; }

    /// <summary>Four or five levels.</summary>
    public PagingMode Mode { get; }

    /// <summary>CR0.WP.</summary>
    public bool WriteProtect => KernelWriteNeeds != 0;

    /// <summary>EFER.NXE.</summary>
    public bool NoExecute => FetchBars != 0;

    /// <summary>CR4.SMEP.</summary>
    public bool Smep => KernelFetchBars != 0;

    /// <summary>CR4.SMAP.</summary>
    public bool Smap => KernelDataBars != 0;

    /// <summary>The level of the root.</summary>
    public PagingLevel TopLevel => Mode.TopLevel();

    /// <summary>Of the bits here (P, PS and reserved ones) a PML4E or PML5E that may be followed has P alone.</summary>
    internal ulong UpperTableTest { get; }

    /// <summary>The same for a PDPE or PDE.</summary>
    internal ulong LowerTableTest { get; }

    /// <summary>Of the bits here (P and reserved ones) a well-formed PTE has P alone.</summary>
    internal ulong SmallLeafTest { get; }

    /// <summary>Of the bits here (P, PS and reserved ones) a well-formed PDE of a 2 MiB page has P and PS alone.</summary>
    internal ulong LargeLeafTest { get; }

    /// <summary>The same for a PDPE of a 1 GiB page; zero if there are no such pages, so that no entry is one.</summary>
    internal ulong GigabyteLeafTest { get; }

    /// <summary>NX if it counts: set on any level it forbids fetches.</summary>
    internal ulong FetchBars { get; }

    /// <summary>R/W if CR0.WP: the kernel may write only where every level has it.</summary>
    internal ulong KernelWriteNeeds { get; }

    /// <summary>U/S if CR4.SMEP: the kernel may not fetch where every level has it.</summary>
    internal ulong KernelFetchBars { get; }

    /// <summary>U/S if CR4.SMAP: the kernel may not touch data where every level has it, unless it says so.</summary>
    internal ulong KernelDataBars { get; }

    /// <summary>Whether an error code tells a fetch from a read.</summary>
    internal bool ReportsFetch => (FetchBars | KernelFetchBars) != 0;

    /// <summary>Makes the state from register values.</summary>
    /// <param name="cr0">CR0.</param>
    /// <param name="cr3">CR3; only the table address counts.</param>
    /// <param name="cr4">CR4.</param>
    /// <param name="efer">EFER.</param>
    /// <param name="processor">Gives the physical-address width, 1 GiB pages and AMD's reserved bits.</param>
    /// <returns>The state.</returns>
    public static PagingState FromRegisters(Cr0 cr0, Cr3 cr3, Cr4 cr4, Efer efer, ProcessorModel processor) => new(
        cr3.Table,
        cr4.La57 ? PagingMode.FiveLevel : PagingMode.FourLevel,
        processor,
        cr0.WriteProtect,
        efer.NoExecuteEnable,
        cr4.Smep,
        cr4.Smap);

    /// <inheritdoc/>
    public bool Equals(PagingState other) => Root == other.Root && Mode == other.Mode && WriteProtect == other.WriteProtect
        && NoExecute == other.NoExecute && Smep == other.Smep && Smap == other.Smap
        && SmallLeafTest == other.SmallLeafTest && UpperTableTest == other.UpperTableTest && GigabyteLeafTest == other.GigabyteLeafTest;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PagingState other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Root, Mode, WriteProtect, NoExecute, Smep, Smap, SmallLeafTest);

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether walks in both states are the same.</returns>
    public static bool operator ==(PagingState left, PagingState right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the states differ.</returns>
    public static bool operator !=(PagingState left, PagingState right) => !left.Equals(right);
}
