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
    /// <exception cref="ArgumentException">The root is not page-aligned.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The processor's physical-address width is not 36 to 52.</exception>
    public PagingState(PhysicalAddress root, PagingMode mode, ProcessorModel processor, bool writeProtect = true, bool noExecute = true, bool smep = false, bool smap = false)
    {
        ArgumentNullException.ThrowIfNull(processor);
        ArgumentOutOfRangeException.ThrowIfLessThan(processor.PhysicalAddressWidth, 36, nameof(processor));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(processor.PhysicalAddressWidth, 52, nameof(processor));
        if (!root.IsAligned(PageSize.Size4K)) Throw.Misaligned(nameof(root), root.Value, PageSize.Size4K.Bytes());
        Root = root;
        Mode = mode;
        WriteProtect = writeProtect;
        NoExecute = noExecute;
        Smep = smep;
        Smap = smap;
        ulong tooWide = PhysicalAddress.ValidMask & ~((1UL << processor.PhysicalAddressWidth) - 1);
        CommonReserved = tooWide | (noExecute ? 0 : PagingEntry.NoExecuteMask);
        UpperReserved = CommonReserved | (processor.ReservesUpperBit8 ? Pml4e.ReservedMask : PagingEntry.LargePageMask);
        PointerReserved = CommonReserved | (processor.HasGigabytePages ? 0 : Pdpe.LargePageMask);
    }

    /// <summary>Address of the top table.</summary>
    public PhysicalAddress Root { get; }

    /// <summary>Four or five levels.</summary>
    public PagingMode Mode { get; }

    /// <summary>CR0.WP.</summary>
    public bool WriteProtect { get; }

    /// <summary>EFER.NXE.</summary>
    public bool NoExecute { get; }

    /// <summary>CR4.SMEP.</summary>
    public bool Smep { get; }

    /// <summary>CR4.SMAP.</summary>
    public bool Smap { get; }

    /// <summary>The level of the root.</summary>
    public PagingLevel TopLevel => Mode.TopLevel();

    /// <summary>Bits reserved in every present entry.</summary>
    internal ulong CommonReserved { get; }

    /// <summary>Bits reserved in a present PML4E or PML5E.</summary>
    internal ulong UpperReserved { get; }

    /// <summary>Bits reserved in a present PDPE, whatever it points to.</summary>
    internal ulong PointerReserved { get; }

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
        && CommonReserved == other.CommonReserved && UpperReserved == other.UpperReserved && PointerReserved == other.PointerReserved;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PagingState other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Root, Mode, WriteProtect, NoExecute, Smep, Smap, CommonReserved);

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
