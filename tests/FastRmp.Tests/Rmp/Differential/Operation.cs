using System.Globalization;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>One operation with everything that it needs, so that a sequence can be run again, cut down, and written as a script.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Spa">To which page.</param>
internal readonly record struct Operation(OperationKind Kind, ulong Spa)
{
    /// <summary>Who executes it; of a guest's access ASID, VMPL, CPL and the kind of guest.</summary>
    public ExecutionState State { get; init; } = ExecutionState.Host;

    /// <summary>Guest physical address.</summary>
    public ulong Gpa { get; init; }

    /// <summary>The second page of a firmware command.</summary>
    public ulong Other { get; init; }

    /// <summary>The size in the operand.</summary>
    public PageSize Size { get; init; }

    /// <summary>The size of the mapping.</summary>
    public PageSize Mapping { get; init; }

    /// <summary>Validate; verify; user; private; one reference more; enter.</summary>
    public bool Flag { get; init; }

    /// <summary>VMSA of a firmware command.</summary>
    public bool IsVmsa { get; init; }

    /// <summary>The kind of an access, the page of VMRUN, the target VMPL, the core.</summary>
    public byte Which { get; init; }

    /// <summary>The operand of RMPUPDATE or RMPADJUST, or a raw entry.</summary>
    public ulong Low { get; init; }

    /// <summary>As <see cref="Low"/>; of a firmware command four masks.</summary>
    public ulong High { get; init; }

    public RmpUpdateOperand UpdateOperand => new(Low, High);

    public NestedPage Translation => new(GuestPhysicalAddress.Create(Gpa), PhysicalAddress.Create(Spa), Mapping);

    public GuestAccess Access => new(State.Asid, State.Vmpl, State.Cpl, (GuestAccessKind)Which, Flag, State.IsSnpGuest);

    public byte Mask(int vmpl) => (byte)(High >> 8 * vmpl);

    /// <summary>The line of <c>fastrmp run</c> that does the same; a comment if there is none.</summary>
    public override string ToString() => Kind switch
    {
        OperationKind.Update when State == ExecutionState.Host && (High & 0xFFFE_FEFE) == 0 =>
            Text($"rmpupdate {Spa:x} {(High >> 8 & 1) switch { 0 => "4k", _ => "2m" }} {High & 1} {High >> 32} {Low:x} {High >> 16 & 1}"),
        OperationKind.Smash when State == ExecutionState.Host => Text($"psmash {Spa:x}"),
        OperationKind.Validate when IsGuestKernel => Text($"pvalidate {Guest} {Name(Mapping)} {Name(Size)} {Bit(Flag)}"),
        OperationKind.Adjust when IsGuestKernel && Low >> 17 == 0 =>
            Text($"rmpadjust {Guest} {Name(Mapping)} {Name(Size)} {Low & 0xFF} 0x{Low >> 8 & 0xFF:x} {Low >> 16 & 1}"),
        OperationKind.Query when IsGuestKernel => Text($"rmpquery {Guest} {Which}"),
        OperationKind.Read when State == ExecutionState.Host => Text($"rmpread {Spa:x}"),
        OperationKind.Opt when State == ExecutionState.Host && Which == 0 => Text($"rmpopt {Spa:x} {(Flag ? "verify" : "report")}"),
        OperationKind.Host => Text($"host {Name((AccessKind)Which)} {Spa:x} {Name(Mapping)}{(Flag ? " user" : string.Empty)}"),
        OperationKind.Guest when State.IsSnpGuest && State.Asid != 0 && Which <= (byte)GuestAccessKind.PageTable =>
            Text($"guest {State.Asid} {State.Vmpl} {State.Cpl} {Name((GuestAccessKind)Which)} {Bit(Flag)} {Gpa:x} {Spa:x} {Name(Mapping)}"),
        OperationKind.InUse => Text($"inuse {Spa:x} {(Flag ? '+' : '-')}"),
        OperationKind.State => Text($"state {Spa:x}"),
        >= OperationKind.GctxCreate and <= OperationKind.SnpInit => Command(),
        _ => Text($"# {Kind} {Spa:x} gpa {Gpa:x} {Size} {Mapping} {Flag} {Which} {Low:x16} {High:x16} {State}"),
    };

    private bool IsGuestKernel => State == ExecutionState.Guest(State.Asid, State.Vmpl);

    private string Guest => Text($"{State.Asid} {State.Vmpl} {Gpa:x} {Spa:x}");

    private string Command() => Kind switch
    {
        OperationKind.GctxCreate => Text($"fw gctx_create {Spa:x}"),
        OperationKind.Decommission => Text($"fw decommission {Spa:x}"),
        OperationKind.Activate when Flag => Text($"fw activate {State.Asid} {Other:x}"),
        OperationKind.Activate => Text($"fw activate {State.Asid}"),
        OperationKind.LaunchUpdate =>
            Text($"fw launch_update {Spa:x} {Name(Size)}{(IsVmsa ? " vmsa" : string.Empty)} 0x{Mask(1):x} 0x{Mask(2):x} 0x{Mask(3):x}"),
        OperationKind.SwapOut => Text($"fw swap_out {Spa:x} {Name(Size)}"),
        OperationKind.SwapIn =>
            Text(
                $"fw swap_in {Spa:x} {Name(Size)} {Gpa:x} {Bit(Flag)} {Bit(IsVmsa)} 0x{Mask(0):x} 0x{Mask(1):x} 0x{Mask(2):x} 0x{Mask(3):x}"),
        OperationKind.SwapInMetadata => Text($"fw swap_in {Spa:x} metadata {Other:x}"),
        OperationKind.PageMove => Text($"fw page_move {Spa:x} {Other:x} {Name(Size)}"),
        OperationKind.MdInit => Text($"fw md_init {Spa:x} {Other:x}"),
        OperationKind.PageSetState => Text($"fw page_set_state {Spa:x} {Low}"),
        OperationKind.PageReclaim => Text($"fw page_reclaim {Spa:x} {Name(Size)}"),
        OperationKind.PageUnsmash => Text($"fw page_unsmash {Spa:x}"),
        OperationKind.Shutdown => Flag ? "fw shutdown iommu" : "fw shutdown",
        _ => Text($"fw snp_init fixed={Spa:x}-{Spa + 0x1FFF:x} iommu={Other:x}-{Other + 0xFFF:x}"),
    };

    private static string Text(System.FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static int Bit(bool flag) => flag ? 1 : 0;

    private static string Name(PageSize size) => size switch { PageSize.Size4K => "4k", PageSize.Size2M => "2m", _ => "1g" };

    private static string Name(AccessKind kind) => kind switch { AccessKind.Read => "read", AccessKind.Write => "write", _ => "fetch" };

    private static string Name(GuestAccessKind kind) => kind switch
    {
        GuestAccessKind.Read => "read",
        GuestAccessKind.Write => "write",
        GuestAccessKind.Fetch => "fetch",
        _ => "table",
    };
}
