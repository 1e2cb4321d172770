using System;

namespace FastRmp.Benchmarks.Data;

/// <summary>Fills entries as those of a busy host: free memory, guests in pages of 2 MiB and of 4 KiB, regions in pieces, firmware's pages,
/// fixed ones. Counts agree with entries.</summary>
internal sealed class MixedTable
{
    private const int RegionEntries = 512;
    private const int LongestPiece = 16;
    private const int Guests = 60;
    private const ulong Firmware = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.LockMask;

    private readonly Random _random;

    private MixedTable(int seed) => _random = new Random(seed);

    /// <summary>Fills.</summary>
    /// <param name="entries">Whole regions.</param>
    /// <param name="seed">Seed.</param>
    internal static void Fill(Span<RmpEntry> entries, int seed)
    {
        MixedTable table = new(seed);
        for (; !entries.IsEmpty; entries = entries[RegionEntries..])
        {
            Span<RmpEntry> region = entries[..RegionEntries];
            region.Clear();
            table.FillRegion(region);
        }
    }

    private void FillRegion(Span<RmpEntry> region)
    {
        int kind = _random.Next(20);
        if (kind < 8) return; // free
        if (kind < 12)
        {
            region.Fill(new RmpEntry(RmpEntry.AssignedMask, 0));
            region[0] = GuestPage() with { PageSize = PageSize.Size2M, Gpa = RandomGpa() };
            return;
        }

        if (kind < 15) FillGuest(region);
        else if (kind < 18) FillPieces(region);
        else if (kind < 19) region.Fill(new RmpEntry(Firmware, 0));
        else region.Fill(new RmpEntry(RmpEntry.ImmutableMask, 0));
        SetCount(region);
    }

    /// <summary>All 512 pages one guest's, as after PSMASH.</summary>
    private void FillGuest(Span<RmpEntry> region)
    {
        RmpEntry page = GuestPage();
        ulong gpa = RandomGpa().Value;
        for (int i = 0; i < region.Length; i++)
        {
            region[i] = page with { Gpa = GuestPhysicalAddress.Create(gpa + ((ulong)i << PageSize.Size4K.Shift())) };
        }
    }

    /// <summary>Short runs of everything.</summary>
    private void FillPieces(Span<RmpEntry> region)
    {
        for (Span<RmpEntry> rest = region; !rest.IsEmpty;)
        {
            int length = Math.Min(rest.Length, 1 + _random.Next(LongestPiece));
            int kind = _random.Next(8);
            ulong gpa = RandomGpa().Value;
            RmpEntry page = kind switch
            {
                < 3 => default,
                < 6 => GuestPage(),
                6 => GuestPage() with { Validated = false },
                _ => new RmpEntry(RmpEntry.AssignedMask, 0), // Reclaim
            };
            for (int i = 0; i < length; i++)
            {
                rest[i] = page.Asid == 0 ? page : page with
                {
                    Gpa = GuestPhysicalAddress.Create(gpa + ((ulong)i << PageSize.Size4K.Shift())),
                };
            }

            rest = rest[length..];
        }
    }

    private static void SetCount(Span<RmpEntry> region)
    {
        int count = 0;
        foreach (RmpEntry entry in region[1..])
        {
            count += entry.Assigned ? 1 : 0;
        }

        region[0] = region[0] with { SubpageCount = (ushort)count };
    }

    private RmpEntry GuestPage() => new RmpEntry(RmpEntry.AssignedMask | RmpEntry.ValidatedMask, 0x1F) with
    {
        Asid = (ushort)(1 + _random.Next(Guests)),
    };

    private GuestPhysicalAddress RandomGpa() => GuestPhysicalAddress.Create((ulong)_random.Next(1 << 16) << PageSize.Size2M.Shift());
}
