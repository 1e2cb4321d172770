namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>The machine of a simulation: a few regions of system memory, and a few guest physical addresses.</summary>
internal static class MachineLayout
{
    public const int PagesPerRegion = 512;

    /// <summary>Regions with entries in the RMP.</summary>
    public const int CoveredRegions = 3;

    /// <summary>One region more than the RMP covers.</summary>
    public const int Regions = CoveredRegions + 1;

    public const int Pages = Regions * PagesPerRegion;

    /// <summary>Regions of guest physical addresses that the guest uses as private memory.</summary>
    public const int PrivateRegions = 2;

    /// <summary>One region more, whose pages the guest shares with everybody.</summary>
    public const int GuestRegions = PrivateRegions + 1;

    public const int GuestPages = GuestRegions * PagesPerRegion;

    public const uint VictimAsid = 1;

    public const uint ColludingAsid = 2;

    public const uint PlainGuestAsid = 3;

    private const ulong PageBytes = 0x1000;
    private const ulong GuestStart = 0x4000_0000; // 1 GiB aligned, so that a nested mapping of that size leads to system address 0

    /// <summary>Few pages of a region, so that steps touch the same ones: the base, its neighbours, the middle and the end.</summary>
    public static readonly int[] HotOffsets = [0, 1, 2, 300, 511];

    public static PhysicalAddress Spa(int page, ulong offset = 0) => PhysicalAddress.Create(((ulong)page * PageBytes) + offset);

    public static GuestPhysicalAddress Gpa(int guestPage, ulong offset = 0) => GuestPhysicalAddress.Create(GpaValue(guestPage) + offset);

    public static ulong GpaValue(int guestPage) => GuestStart + ((ulong)guestPage * PageBytes);

    public static int RegionOf(int page) => page / PagesPerRegion;

    public static int FirstOf(int page) => page - (page % PagesPerRegion);
}
