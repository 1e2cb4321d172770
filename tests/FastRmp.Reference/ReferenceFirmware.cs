using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>
/// The SEV firmware in its plainest form: platform states, ASIDs for each core complex, guest contexts, metadata entries, and
/// one method for each command that makes the tests of rmp 12 and 13 in their order.
/// </summary>
/// <remarks>
/// Not thread-safe. Addresses are those of the command buffers: the C-bit is taken off here. A command that is refused changes
/// what its comment says and nothing else. Where a comment says "taught by AMD's firmware", the specification leaves the point
/// open and the published firmware, run as a program, decides it.
/// </remarks>
public sealed partial class ReferenceFirmware
{
    private const ulong PageBytes = 4096;
    private const ulong RegionBytes = 2 * 1024 * 1024;
    private const int PagesPerRegion = 512;

    // Firmware tags its pages in bits 50:48 of the entry (rmp 2.2).
    private const ulong MetadataTag = 1UL << 48;

    private readonly Dictionary<ulong, ReferenceGuest> _guests = [];
    private readonly Dictionary<ulong, ReferenceMetadata> _metadata = [];
    private readonly List<ReferenceRange> _recorded = [];

    /// <summary>Firmware before its first command.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="platform">The machine.</param>
    public ReferenceFirmware(ReferenceRmp rmp, ReferencePlatform platform)
    {
        ArgumentNullException.ThrowIfNull(rmp);
        ArgumentNullException.ThrowIfNull(platform);
        Rmp = rmp;
        Platform = platform;
        _asids = new ReferenceAsid[platform.HighestAsid + 1];
    }

    /// <summary>The table.</summary>
    public ReferenceRmp Rmp { get; }

    /// <summary>The machine; its numbers of ASIDs and core complexes stay.</summary>
    public ReferencePlatform Platform { get; set; }

    /// <summary>Whether SNP is in state INIT; otherwise it is in UNINIT.</summary>
    public bool IsInitialized { get; set; }

    /// <summary>What there is of firmware's own context.</summary>
    public ReferenceContextState Context { get; set; }

    /// <summary>Whether the RMP counts as initialised, so that an INIT may keep it.</summary>
    public bool IsRmpInitialized { get; set; }

    /// <summary>Whether the IOMMUs enforce the RMP.</summary>
    public bool IsIommuEnforced { get; set; }

    /// <summary>The state of legacy SEV.</summary>
    public ReferenceLegacyState Legacy { get; set; }

    /// <summary>How many guests were launched and not decommissioned.</summary>
    public int GuestCount { get; set; }

    /// <summary>The pages that IOMMUs write, as the last INIT recorded them.</summary>
    public IReadOnlyList<ReferenceRange> RecordedIommuPages => _recorded;

    /// <summary>What firmware finds in a page if it takes it for a guest context.</summary>
    /// <param name="page">The page's address.</param>
    /// <returns>The guest; that of a page of zeros if nothing is known.</returns>
    public ReferenceGuest GuestAt(ulong page) => _guests.GetValueOrDefault(page) ?? new ReferenceGuest();

    /// <summary>Puts a guest into a page.</summary>
    /// <param name="page">The page's address.</param>
    /// <param name="guest">The guest.</param>
    public void SetGuest(ulong page, ReferenceGuest guest) => _guests[page] = guest;

    /// <summary>What firmware finds at an address if it takes it for a metadata entry.</summary>
    /// <param name="address">A multiple of 64.</param>
    /// <returns>The entry; zeros if nothing is known.</returns>
    public ReferenceMetadata MetadataAt(ulong address) => _metadata.GetValueOrDefault(address) ?? new ReferenceMetadata();

    /// <summary>Puts a metadata entry into memory.</summary>
    /// <param name="address">A multiple of 64.</param>
    /// <param name="entry">The entry.</param>
    public void SetMetadata(ulong address, ReferenceMetadata entry) => _metadata[address] = entry;

    /// <summary>Says which pages the last INIT recorded.</summary>
    /// <param name="ranges">The ranges.</param>
    public void Record(IEnumerable<ReferenceRange> ranges)
    {
        _recorded.Clear();
        _recorded.AddRange(ranges);
    }
}
