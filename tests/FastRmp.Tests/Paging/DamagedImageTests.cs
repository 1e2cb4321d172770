using System;
using System.Collections.Generic;
using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>Random bit flips in the paging structures of a real kernel: every walk ends as the reference's.</summary>
public sealed class DamagedImageTests
{
    private const int Rounds = 60_000;
    private const ulong Root = 0x1_0086_8000UL;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Walks_through_damaged_tables_end_as_in_the_reference(int seed)
    {
        Random random = new(seed);
        using LinuxImage image = new();
        List<ulong> pages = [];
        foreach ((ulong va, _, _) in LinuxImage.Listing())
        {
            pages.Add(va);
        }

        int[] outcomes = new int[8];
        Dictionary<ulong, ulong> damaged = [];
        for (int round = 0; round < Rounds; round++)
        {
            ulong va = pages[random.Next(pages.Count)] | (uint)random.Next(0x1000);
            if (random.Next(100) == 0) va ^= 1UL << random.Next(64);
            PagingSetup setup = Setup(random);
            ReferenceWalker reference = new(setup.Reference, image.Read);
            ReferenceAccess access = new(va, (ReferenceAccessKind)random.Next(3), random.Next(3) == 0, random.Next(8) == 0);
            Damage(image, random, reference.Walk(access).Entries, damaged);
            WalkResult expected = WalkComparison.Expected(reference.Walk(access));
            SparseMemoryView view = image.Memory.View();
            WalkResult result = PageWalker.Translate(ref view, setup.State, new VirtualAddress(va), setup.Access(access));
            if (result != expected) Assert.Fail($"{setup} {access}: {result} instead of {expected}");
            outcomes[(int)result.Status]++;
            if (round % 8 == 7) Mend(image, damaged);
        }

        foreach (WalkStatus status in new[]
        {
            WalkStatus.Mapped, WalkStatus.NotPresent, WalkStatus.MalformedEntry, WalkStatus.RightsViolation, WalkStatus.OutsideMemory,
            WalkStatus.NonCanonical,
        })
        {
            Assert.True(outcomes[(int)status] > 100, $"{status}: {outcomes[(int)status]}");
        }
    }

    private static PagingSetup Setup(Random random) => new()
    {
        Cr3 = Root,
        Levels = random.Next(10) == 0 ? 5 : 4,
        WriteProtect = random.Next(4) != 0,
        NoExecute = random.Next(10) != 0,
        Smep = random.Next(2) == 0,
        Smap = random.Next(2) == 0,
        Ac = random.Next(2) == 0,
        Pkru = random.Next(2) == 0 ? 0x5555_5554 : null,
        Width = random.Next(40, 53),
        EncryptionBit = random.Next(3) == 0 ? random.Next(40, 52) : null,
        Reduction = random.Next(4),
        HasGigabytePages = random.Next(4) != 0,
        ReservesUpperBit8 = random.Next(2) == 0,
        TellsFetchWithSmep = random.Next(2) == 0,
    };

    // One to three bits of the entries on the way, the low and the high ones more often.
    private static void Damage(
        LinuxImage image, Random random, IReadOnlyList<ReferenceTableEntry> entries, Dictionary<ulong, ulong> damaged)
    {
        if (entries.Count == 0 || random.Next(4) == 0) return;
        for (int flips = random.Next(1, 4); flips > 0; flips--)
        {
            ReferenceTableEntry entry = entries[random.Next(entries.Count)];
            ulong value = image.Read(entry.Address)!.Value;
            _ = damaged.TryAdd(entry.Address, value);
            int bit = random.Next(3) == 0 ? random.Next(9) : random.Next(64);
            image.Write(entry.Address, value ^ (1UL << bit));
        }
    }

    private static void Mend(LinuxImage image, Dictionary<ulong, ulong> damaged)
    {
        foreach ((ulong address, ulong value) in damaged)
        {
            image.Write(address, value);
        }

        damaged.Clear();
    }
}
