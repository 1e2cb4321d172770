using System;
using FastRmp.Internals;

namespace FastRmp.Paging;

/// <summary>The processor state that a walk depends on: root, levels, and what the control registers switch on.</summary>
/// <remarks>AMD64 APM vol. 2, chapter 5. Long mode with paging on. Immutable; any threads may share it.</remarks>
public readonly struct PagingState : IEquatable<PagingState>
{
    /// <summary>Makes the state from named parts.</summary>
    /// <param name="root">Address of the top table (CR3[51:12]), 4 KiB aligned.</param>
    /// <param name="mode">Four or five levels.</param>
    /// <param name="processor">Gives the physical-address width, 1 GiB pages, AMD's reserved bits and the vendor's rule for I/D of an error
    /// code.</param>
    /// <param name="writeProtect">CR0.WP: supervisor writes obey R/W = 0.</param>
    /// <param name="noExecute">EFER.NXE: NX has a meaning; without, it is reserved.</param>
    /// <param name="smep">CR4.SMEP: supervisor fetches from user pages fault.</param>
    /// <param name="smap">CR4.SMAP: supervisor data accesses to user pages fault unless allowed.</param>
    /// <param name="userKeys">PKRU, if CR4.PKE; null if not: keys of user pages are ignored.</param>
    /// <param name="supervisorKeys">PKRS, if CR4.PKS; null if not: keys of supervisor pages are ignored.</param>
    /// <param name="encryption">The C-bit and what it costs; null without memory encryption: the bit is an ordinary address bit.</param>
    /// <param name="shadowStacks">CR4.CET: there are shadow-stack accesses. Without, an access that claims to be one is judged as the
    /// ordinary one of its kind.</param>
    /// <param name="choices">The open points of paging; null for <see cref="ModelChoices.Default"/>.</param>
    /// <exception cref="ArgumentException">The root is not page-aligned, or the processor has no five-level paging or no supervisor
    /// keys.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The physical-address width, after the reduction by memory encryption too, is not 36 to
    /// 52, or the C-bit not 32 to 51; or the mode is not a defined <see cref="PagingMode"/>.</exception>
    public PagingState(
        PhysicalAddress root,
        PagingMode mode,
        ProcessorModel processor,
        bool writeProtect = true,
        bool noExecute = true,
        bool smep = false,
        bool smap = false,
        Pkru? userKeys = null,
        Pkru? supervisorKeys = null,
        MemoryEncryption? encryption = null,
        bool shadowStacks = false,
        ModelChoices? choices = null)
    {
        choices ??= ModelChoices.Default;
        ArgumentNullException.ThrowIfNull(processor);
        RefuseUnknown(root, mode, processor, supervisorKeys, encryption);
        EncryptionMask = encryption is { } memory ? 1UL << memory.Bit : 0;
        AddressMask = PagingEntry.AddressMask & ~EncryptionMask;
        Root = PhysicalAddress.CreateUnchecked(root.Value & AddressMask);
        Mode = mode;
        KernelWriteNeeds = writeProtect ? PagingEntry.WritableMask : 0;
        KernelFetchForbiddenMask = smep ? PagingEntry.UserMask : 0;
        KernelDataForbiddenMask = smap ? PagingEntry.UserMask : 0;
        FetchForbiddenMask = noExecute ? PagingEntry.NoExecuteMask : 0;
        ReportsFetch = noExecute || (smep && processor.ReportsFetchWithSmepAlone);
        Keys = new KeyRights(userKeys, supervisorKeys, writeProtect);
        int width = processor.PhysicalAddressWidth - (encryption?.AddressReduction ?? 0);
        ulong tooWide = AddressMask & ~((1UL << width) - 1);
        ulong reserved = tooWide | (noExecute ? 0 : PagingEntry.NoExecuteMask) | PagingEntry.PresentMask;
        UpperTableTest = reserved | (processor.ReservesUpperBit8 ? Pml4e.ReservedMask : PagingEntry.LargePageMask);
        TopTableTest =
            reserved | (processor.ReservesUpperBit8 && !choices.IgnorePml5eBit8 ? Pml5e.ReservedMask : PagingEntry.LargePageMask);
        LowerTableTest = reserved | PagingEntry.LargePageMask;
        SmallLeafTest = reserved;
        LargeLeafTest = reserved | PagingEntry.LargePageMask | Pde2M.ReservedMask;
        GigabyteLeafTest = processor.HasGigabytePages ? reserved | PagingEntry.LargePageMask | Pdpe1G.ReservedMask : 0;
        ShadowStacks = shadowStacks;
        SetsAccessedOnlyIfAllowed = choices.SetAccessedOnlyIfAllowed;
    }

    /// <summary>Address of the top table.</summary>
    public PhysicalAddress Root { get; }

    /// <summary>Four or five levels.</summary>
    public PagingMode Mode { get; }

    /// <summary>CR0.WP.</summary>
    public bool WriteProtect => KernelWriteNeeds != 0;

    /// <summary>EFER.NXE.</summary>
    public bool NoExecute => FetchForbiddenMask != 0;

    /// <summary>CR4.SMEP.</summary>
    public bool Smep => KernelFetchForbiddenMask != 0;

    /// <summary>CR4.SMAP.</summary>
    public bool Smap => KernelDataForbiddenMask != 0;

    /// <summary>CR4.CET: shadow-stack accesses are told from others.</summary>
    public bool ShadowStacks { get; }

    /// <summary>The C-bit in its place, or zero without memory encryption.</summary>
    public ulong EncryptionMask { get; }

    /// <summary>The level of the root.</summary>
    public PagingLevel TopLevel => Mode.TopLevelUnchecked();

    /// <summary>Of the bits here (P, PS and reserved ones) a PML5E that may be followed has P alone.</summary>
    internal ulong TopTableTest { get; private init; }

    /// <summary>The same for a PML4E.</summary>
    internal ulong UpperTableTest { get; private init; }

    /// <summary>The same for a PDPE or PDE.</summary>
    internal ulong LowerTableTest { get; private init; }

    /// <summary>Of the bits here (P and reserved ones) a well-formed PTE has P alone.</summary>
    internal ulong SmallLeafTest { get; private init; }

    /// <summary>Of the bits here (P, PS and reserved ones) a well-formed PDE of a 2 MiB page has P and PS alone.</summary>
    internal ulong LargeLeafTest { get; private init; }

    /// <summary>The same for a PDPE of a 1 GiB page; zero if there are no such pages, so that no entry is one.</summary>
    internal ulong GigabyteLeafTest { get; private init; }

    /// <summary>NX if it counts: set on any level it forbids fetches.</summary>
    internal ulong FetchForbiddenMask { get; }

    /// <summary>R/W if CR0.WP: the kernel may write only where every level has it.</summary>
    internal ulong KernelWriteNeeds { get; private init; }

    /// <summary>U/S if CR4.SMEP: the kernel may not fetch where every level has it.</summary>
    internal ulong KernelFetchForbiddenMask { get; private init; }

    /// <summary>U/S if CR4.SMAP: the kernel may not touch data where every level has it, unless it says so.</summary>
    internal ulong KernelDataForbiddenMask { get; private init; }

    /// <summary>Whether an error code tells a fetch from a read.</summary>
    internal bool ReportsFetch { get; private init; }

    /// <summary>The address in an entry: bits [51:12] without the C-bit.</summary>
    internal ulong AddressMask { get; }

    /// <summary>What the protection keys forbid.</summary>
    internal KeyRights Keys { get; private init; }

    /// <summary>Whether an access that paging refuses leaves all entries unmarked.</summary>
    internal bool SetsAccessedOnlyIfAllowed { get; }

    /// <summary>The reserved bits that are set in a present entry: those that make a walk end there with RSV.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="level">The level of its table; one that does not exist has no reserved bits.</param>
    /// <returns>The bits in their places; zero for a well-formed entry, and for one that is not present.</returns>
    /// <remarks>AMD64 APM vol. 2, chapter 5: address bits beyond the physical-address width, NX without EFER.NXE, PS and bit 8 of upper
    /// entries, PS of a PDPE without 1 GiB pages, low address bits of large pages.</remarks>
    public ulong ReservedBitsOf(PagingEntry entry, PagingLevel level)
    {
        if (!entry.Present) return 0;
        const ulong LeafForm = PagingEntry.PresentMask | PagingEntry.LargePageMask;
        return level switch
        {
            PagingLevel.PageMapLevel5 => entry.Value & TopTableTest & ~PagingEntry.PresentMask,
            PagingLevel.PageMapLevel4 => entry.Value & UpperTableTest & ~PagingEntry.PresentMask,
            PagingLevel.PageDirectoryPointer when entry.LargePage && GigabyteLeafTest != 0 => entry.Value & GigabyteLeafTest & ~LeafForm,
            PagingLevel.PageDirectory when entry.LargePage => entry.Value & LargeLeafTest & ~LeafForm,
            PagingLevel.PageDirectoryPointer or PagingLevel.PageDirectory => entry.Value & LowerTableTest & ~PagingEntry.PresentMask,
            PagingLevel.PageTable => entry.Value & SmallLeafTest & ~PagingEntry.PresentMask,
            _ => 0,
        };
    }

    /// <summary>The host's state as it rules nested tables: keys belong to linear addresses, and SMEP alone makes a fetch
    /// reported.</summary>
    internal PagingState ForNestedTables(ModelChoices choices) => this with
    {
        Keys = choices.NestedKeysApply ? Keys.OfUsers() : default,
        ReportsFetch = NoExecute || Smep,
    };

    /// <summary>Nested tables with GMET: U/S matters to fetches alone, and then as SMEP has it. Accesses to them are supervisors', but for
    /// user fetches.</summary>
    internal PagingState WithExecuteTrap() => this with
    {
        KernelWriteNeeds = PagingEntry.WritableMask,
        KernelDataForbiddenMask = 0,
        KernelFetchForbiddenMask = PagingEntry.UserMask,
    };

    /// <summary>Nested tables that let any fetch through, as far as U/S is concerned.</summary>
    internal PagingState WithoutKernelFetchRule() => this with { KernelFetchForbiddenMask = 0 };

    /// <summary>A guest's state with virtual TOM: the C-bit is still no address bit, but must be clear.</summary>
    internal PagingState WithReservedEncryptionBit() => this with
    {
        TopTableTest = TopTableTest | EncryptionMask,
        UpperTableTest = UpperTableTest | EncryptionMask,
        LowerTableTest = LowerTableTest | EncryptionMask,
        SmallLeafTest = SmallLeafTest | EncryptionMask,
        LargeLeafTest = LargeLeafTest | EncryptionMask,
        GigabyteLeafTest = GigabyteLeafTest == 0 ? 0 : GigabyteLeafTest | EncryptionMask,
    };

    /// <summary>Makes the state from register values.</summary>
    /// <param name="registers">CR0, CR3 (only the table address counts), CR4 and EFER.</param>
    /// <param name="processor">Gives the physical-address width, 1 GiB pages, AMD's reserved bits and the vendor's rule for I/D of an error
    /// code.</param>
    /// <param name="pkru">PKRU; counts if CR4.PKE.</param>
    /// <param name="pkrs">PKRS; counts if CR4.PKS.</param>
    /// <param name="encryption">The C-bit and what it costs; null without memory encryption.</param>
    /// <param name="choices">The open points of paging; null for <see cref="ModelChoices.Default"/>.</param>
    /// <returns>The state.</returns>
    /// <exception cref="ArgumentException">CR4.LA57 or CR4.PKS is set, and the processor knows no such thing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The physical-address width, after the reduction by memory encryption too, is not 36 to
    /// 52, or the C-bit not 32 to 51.</exception>
    public static PagingState FromRegisters(
        ControlRegisters registers, ProcessorModel processor, Pkru pkru = default, Pkru pkrs = default,
        MemoryEncryption? encryption = null, ModelChoices? choices = null) =>
            new(
        registers.Cr3.Table,
        PageArithmetic.ModeOf(registers.La57),
        processor,
        registers.WriteProtect,
        registers.NoExecuteEnable,
        registers.Smep,
        registers.Smap,
        registers.ProtectionKeys ? pkru : null,
        registers.SupervisorProtectionKeys ? pkrs : null,
        encryption,
        registers.ControlFlowEnforcement,
        choices);

    private static void RefuseUnknown(
        PhysicalAddress root, PagingMode mode, ProcessorModel processor, Pkru? supervisorKeys, MemoryEncryption? encryption)
    {
        const int NarrowestWidth = 36;
        const int WidestAddress = 52;
        const int LowestEncryptionBit = 32;
        ArgumentOutOfRangeException.ThrowIfLessThan(processor.PhysicalAddressWidth, NarrowestWidth, nameof(processor));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(processor.PhysicalAddressWidth, WidestAddress, nameof(processor));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((byte)mode, (byte)PagingMode.FiveLevel, nameof(mode));
        if (mode.IsFiveLevel() && !processor.HasLa57)
        {
            Throw.Geometry(nameof(mode), $"A {processor.Name} has no five-level paging.");
        }

        if (supervisorKeys is not null && !processor.HasPks)
        {
            Throw.Geometry(nameof(supervisorKeys), $"A {processor.Name} has no protection keys for supervisor pages (CR4.PKS).");
        }

        if (!root.IsAligned(PageSize.Size4K)) Throw.Misaligned(nameof(root), root.Value, PageSize.Size4K.Bytes());
        if (encryption is not { } memory) return;
        ArgumentOutOfRangeException.ThrowIfLessThan(memory.Bit, LowestEncryptionBit, nameof(encryption));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(memory.Bit, WidestAddress, nameof(encryption));
        ArgumentOutOfRangeException.ThrowIfNegative(memory.AddressReduction, nameof(encryption));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            memory.AddressReduction, processor.PhysicalAddressWidth - NarrowestWidth, nameof(encryption));
    }

    /// <inheritdoc/>
    public bool Equals(PagingState other) => Root == other.Root && HasRulesOf(other);

    /// <summary>Whether both judge all entries alike: equal but for the root.</summary>
    internal bool HasRulesOf(in PagingState other) => Mode == other.Mode && WriteProtect == other.WriteProtect
        && NoExecute == other.NoExecute && Smep == other.Smep && Smap == other.Smap
        && ReportsFetch == other.ReportsFetch && Keys == other.Keys && AddressMask == other.AddressMask
        && SmallLeafTest == other.SmallLeafTest && UpperTableTest == other.UpperTableTest && TopTableTest == other.TopTableTest
        && GigabyteLeafTest == other.GigabyteLeafTest
        && ShadowStacks == other.ShadowStacks && SetsAccessedOnlyIfAllowed == other.SetsAccessedOnlyIfAllowed;

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
