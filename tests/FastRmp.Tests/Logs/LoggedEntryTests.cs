using System;
using System.Text.Json;
using FastRmp.Reference;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Logs;

/// <summary>RMP entries that real machines printed: fields, state, and the way to get there.</summary>
public sealed class LoggedEntryTests
{
    public static TheoryData<string> WithEntries() => RmpLog.With("rmp_entries");

    public static TheoryData<string> WithRegions() => RmpLog.With("unassigned_regions");

    [Theory]
    [MemberData(nameof(WithEntries))]
    [MemberData(nameof(WithRegions))]
    public void An_entry_has_the_fields_and_the_state_that_were_read_from_it(string name)
    {
        foreach (JsonElement logged in RmpLog.Load(name).Entries())
        {
            RmpEntry entry = Entry(logged);
            Assert.Equal(RmpLog.Number(logged, "assigned") != 0, entry.Assigned);
            Assert.Equal((int)RmpLog.Number(logged, "pagesize"), (int)entry.PageSize);
            Assert.Equal(RmpLog.Number(logged, "immutable") != 0, entry.Immutable);
            Assert.Equal(RmpLog.Number(logged, "gpa"), entry.Gpa.Value);
            Assert.Equal(RmpLog.Number(logged, "gpa_field"), entry.Gpa.PageNumber);
            Assert.Equal(RmpLog.Number(logged, "asid"), entry.Asid);
            Assert.Equal(RmpLog.Number(logged, "vmsa") != 0, entry.Vmsa);
            Assert.Equal(RmpLog.Number(logged, "validated") != 0, entry.Validated);
            if (logged.TryGetProperty("lo", out _)) RequireWholeEntry(logged, entry);
            string state = logged.GetProperty("state").GetString()!;
            Assert.Equal(state, entry.State.Name().ToUpperInvariant().Replace('-', '_'));
            Assert.Equal((int)ReferencePageStates.Decode(ReferenceEntry.FromRaw(entry.Low, entry.High)), (int)entry.State);
        }
    }

    [Theory]
    [InlineData("001")]
    [InlineData("018")]
    public void The_VMSA_page_of_a_launched_guest_comes_out_as_it_was_printed(string name)
    {
        RmpLog log = RmpLog.Load(name);
        JsonElement logged = log.Entries().GetEnumerator() is { } all && all.MoveNext() ? all.Current : default;
        ulong page = RmpLog.Number(logged, "pfn") << 12;
        using ModelPair pair = new((page / ModelPair.RegionBytes) + 1, log.Processor!, ModelChoices.Default);
        pair.Enable();

        // The all-ones address, of which each processor keeps what it can hold; upstream Linux passes what both can.
        ulong gpa = logged.TryGetProperty("lo", out _) ? RmpLog.Number(logged, "gpa") : ulong.MaxValue;
        Assert.True(pair.Update(page, Operands.Assign(gpa, (uint)RmpLog.Number(logged, "asid"), immutable: true)).IsSuccess);
        Assert.Equal(0, pair.LaunchUpdate(page, PageSize.Size4K, vmsa: true, 0, 0, 0));
        RmpEntry entry = pair.Raw(page);
        RmpEntry expected = Entry(logged);
        Assert.Equal(expected.Low, entry.Low);
        if (logged.TryGetProperty("hi", out _)) Assert.Equal(expected.High, entry.High);
    }

    [Fact]
    public void Only_the_IOMMU_writes_its_page_and_only_the_hypervisors_is_for_devices()
    {
        foreach (JsonElement logged in RmpLog.Load("017").Entries())
        {
            ulong page = RmpLog.Number(logged, "pfn") << 12;
            using ModelPair pair = new((page / ModelPair.RegionBytes) + 1, ProcessorModel.Genoa, ModelChoices.Default);
            pair.Poke(page, Entry(logged).Low, Entry(logged).High);
            bool isIommus = logged.GetProperty("state").GetString() == "FIRMWARE_IOMMU";
            Assert.Equal(isIommus, pair.IommuLog(page));
            Assert.Equal(!isIommus, pair.Device(page, PageSize.Size4K));
            Assert.Equal(isIommus ? VmRunResult.GeneralProtection : VmRunResult.Ok, pair.VmRun(VmRunPage.Vmcb, page, 0, 0, enter: false));
        }
    }

    /// <summary>The entry as it was printed, raw or field by field.</summary>
    internal static RmpEntry Entry(JsonElement logged) => logged.TryGetProperty("lo", out JsonElement low)
        ? new RmpEntry(RmpLog.Number(low), RmpLog.Number(logged, "hi"))
        : new RmpEntry
        {
            Assigned = RmpLog.Number(logged, "assigned") != 0,
            PageSize = (PageSize)RmpLog.Number(logged, "pagesize"),
            Immutable = RmpLog.Number(logged, "immutable") != 0,
            Gpa = GuestPhysicalAddress.FromPageNumber(RmpLog.Number(logged, "gpa_field")),
            Asid = (ushort)RmpLog.Number(logged, "asid"),
            Vmsa = RmpLog.Number(logged, "vmsa") != 0,
            Validated = RmpLog.Number(logged, "validated") != 0,
        };

    private static void RequireWholeEntry(JsonElement logged, RmpEntry entry)
    {
        Assert.Equal(RmpLog.Number(logged, "subpage_count"), entry.SubpageCount);
        Assert.Equal(RmpLog.Number(logged, "lock") != 0, entry.Lock);
        Assert.Equal(RmpLog.Number(logged, "implicit_key") != 0, entry.ImplicitKeySelect);
        Assert.Equal(RmpLog.Number(logged, "root_port"), entry.RootPortId);
        Assert.Equal(RmpLog.Number(logged, "ide_stream"), entry.PcieIdeStreamId);
        Assert.Equal(RmpLog.Number(logged, "page_migration"), entry.PageMigration);
        Assert.False(entry.HasReservedBits);
        string[] names = ["read", "write", "exec_user", "exec_supervisor", "sss"];
        for (int vmpl = 0; vmpl < 4; vmpl++)
        {
            uint mask = (uint)entry.PermissionsOf(vmpl);
            Assert.Equal(RmpLog.Number(logged.GetProperty("vmpl_masks")[vmpl]), mask);
            uint named = 0;
            foreach (JsonElement permission in logged.GetProperty("vmpl_perms")[vmpl].EnumerateArray())
            {
                named |= 1U << Array.IndexOf(names, permission.GetString());
            }

            Assert.Equal(named, mask);
        }
    }
}
