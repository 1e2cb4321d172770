namespace FastRmp.Images;

/// <summary>Where a direct map lies, and the tables that define it. Immutable; any threads may share it.</summary>
/// <param name="Base">Virtual address of physical address 0 (Linux: page_offset_base); a multiple of 1 GiB.</param>
/// <param name="Root">Address of the top table.</param>
/// <param name="Mode">Four or five levels.</param>
/// <param name="EncryptionMask">The C-bit, which is not part of the addresses in entries; zero for none.</param>
/// <param name="BaseSource">How the base became known.</param>
/// <param name="RootKind">Which root it is.</param>
public readonly record struct DirectMapLocation(
    VirtualAddress Base, PhysicalAddress Root, PagingMode Mode, ulong EncryptionMask, DirectMapBaseSource BaseSource,
    DirectMapRoot RootKind)
{
    /// <summary>The first byte after all places where a direct map can lie: Linux puts its per-processor entry area here, then modules and
    /// its image.</summary>
    internal const ulong Limit = 0xFFFF_FE00_0000_0000UL;

    private const ulong FourLevelWindow = 64UL << 40;
    private const ulong FiveLevelWindow = 32UL << 50;

    // Below, the address space belongs to a hypervisor (four levels), or is a guard hole (five).
    private const ulong FourLevelLowest = 0xFFFF_8000_0000_0000UL;
    private const ulong FiveLevelLowest = 0xFF10_0000_0000_0000UL;

    /// <summary>The last virtual address that can belong to the map: 64 TiB from the base on with four levels, 32 PiB with five (Linux:
    /// mm.rst), and never beyond 0xFFFF_FDFF_FFFF_FFFF.</summary>
    public VirtualAddress Last => new(Window(Mode) < Limit - Base.Value ? Base.Value + Window(Mode) - 1 : Limit - 1);

    /// <summary>The lowest address at which a direct map can begin.</summary>
    internal static ulong Lowest(PagingMode mode) => mode.IsFiveLevel() ? FiveLevelLowest : FourLevelLowest;

    /// <summary>The most bytes that a direct map can have.</summary>
    internal static ulong Window(PagingMode mode) => mode.IsFiveLevel() ? FiveLevelWindow : FourLevelWindow;

    /// <summary>Whether a direct map can begin at an address.</summary>
    internal static bool CanBeBase(ulong address, PagingMode mode) =>
        address >= Lowest(mode) && address < Limit && (address & PageSize.Size1G.OffsetMask()) == 0;
}
