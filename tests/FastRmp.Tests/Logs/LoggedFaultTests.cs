using System;
using System.Collections.Generic;
using System.Text.Json;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Logs;

/// <summary>Faults that real machines reported: the model has the same ones for the same reasons.</summary>
public sealed class LoggedFaultTests
{
    public static TheoryData<string> WithPageFaults() => RmpLog.With("page_faults");

    public static TheoryData<string> WithNestedFaults() => RmpLog.With("npf");

    [Theory]
    [MemberData(nameof(WithPageFaults))]
    public void An_error_code_has_the_bits_that_were_read_from_it(string name)
    {
        foreach (JsonElement fault in RmpLog.Load(name).All("page_faults"))
        {
            PageFaultErrorCode code = new(RmpLog.Number(fault, "error_code"));
            List<string> bits = [];
            if (code.Present) bits.Add("P");
            if (code.Write) bits.Add("W");
            if (code.User) bits.Add("U");
            if (code.Rmp) bits.Add("RMP");
            Assert.Equal(Strings(fault, "set_bits"), bits);
            Assert.Equal(fault.GetProperty("rmp").GetBoolean(), code.Rmp);
            Assert.Equal(fault.GetProperty("mode").GetString() == "user", code.User);
            Assert.Equal(fault.GetProperty("access").GetString() == "write", code.Write);
        }
    }

    [Theory]
    [InlineData("001")]
    [InlineData("002")]
    public void The_same_write_to_the_same_page_faults_alike(string name)
    {
        RmpLog log = RmpLog.Load(name);
        JsonElement fault = log.Expect.GetProperty("page_faults")[0];
        ulong page = RmpLog.Number(fault, "pfn") << 12;
        using ModelPair pair = new((page / ModelPair.RegionBytes) + 1, log.Processor!, ModelChoices.Default);
        PageSize mapping = RmpLog.Number(fault, "mapping_size") switch
        {
            0x1000 => PageSize.Size4K,
            0x20_0000 => PageSize.Size2M,
            _ => PageSize.Size1G,
        };
        AccessKind kind = fault.GetProperty("access").GetString() == "write" ? AccessKind.Write : AccessKind.Read;
        bool user = fault.GetProperty("mode").GetString() == "user";
        ulong address = page | RmpLog.Number(fault, "address") & 0xFFF;
        Assert.Equal(0UL, pair.HostAccess(kind, address, mapping, user)); // nothing has happened yet

        foreach (JsonElement entry in log.Entries())
        {
            pair.Poke(RmpLog.Number(entry, "pfn") << 12, LoggedEntryTests.Entry(entry).Low, LoggedEntryTests.Entry(entry).High);
        }

        // What no dump shows: a guest runs, and the unassigned page is its AVIC backing page.
        bool isUnassigned = log.Expect.TryGetProperty("unassigned_regions", out _);
        if (isUnassigned) pair.MarkInUse(page, more: true);
        Assert.Equal(!isUnassigned, pair.Raw(page).Assigned);
        Assert.Equal(RmpLog.Number(fault, "error_code"), pair.HostAccess(kind, address, mapping, user));
        Assert.Equal(0UL, pair.HostAccess(AccessKind.Read, address, mapping, user));
        if (!isUnassigned) return;
        Assert.Equal(RmpStatus.FailInUse, pair.Update(page, Operands.Assign(0, 1)).Status);
        pair.MarkInUse(page, more: false);
        Assert.Equal(0UL, pair.HostAccess(kind, address, mapping, user));
    }

    [Fact]
    public void With_HvInUseWrAllowed_the_write_to_the_page_in_use_does_not_fault()
    {
        JsonElement fault = RmpLog.Load("002").Expect.GetProperty("page_faults")[0];
        ulong page = RmpLog.Number(fault, "pfn") << 12;
        using ModelPair pair = new((page / ModelPair.RegionBytes) + 1, ProcessorModel.Turin, ModelChoices.Default);
        pair.MarkInUse(page, more: true);
        Assert.Equal(0UL, pair.HostAccess(AccessKind.Write, page, PageSize.Size4K, user: false));
        Assert.Equal(RmpStatus.FailInUse, pair.Update(page, Operands.Assign(0, 1)).Status);
    }

    [Theory]
    [MemberData(nameof(WithNestedFaults))]
    public void A_small_PVALIDATE_in_a_large_page_faults_until_PSMASH(string name)
    {
        RmpLog log = RmpLog.Load(name);
        JsonElement fault = log.Expect.GetProperty("npf")[0];
        JsonElement smash = log.Expect.GetProperty("psmash")[0];
        ulong page = RmpLog.Number(smash, "pfn") << 12;
        ulong first = RmpLog.Number(smash, "pfn_2m_base") << 12;
        ulong gpa = RmpLog.Number(smash, "gpa");
        Assert.Equal(RmpLog.Number(smash, "offset_in_2m"), (page - first) >> 12);
        using ModelPair pair = new((page / ModelPair.RegionBytes) + 1, ProcessorModel.Milan, ModelChoices.Default);
        ExecutionState guest = ExecutionState.Guest(1);
        Assert.Equal(2UL, RmpLog.Number(fault, "rmp_level"));
        Assert.True(pair.Update(first, Operands.Assign(gpa - (page - first), 1, PageSize.Size2M)).IsSuccess);

        // Levels as the kernel counts them: 1 is 4 KiB.
        PageSize nested = (PageSize)(RmpLog.Number(fault, "npt_level") - 1);
        NestedPage at = new(GuestPhysicalAddress.Create(gpa), PhysicalAddress.Create(page), nested);
        GuestResult result = pair.Validate(guest, at, PageSize.Size4K, validate: true);
        Assert.Equal(RmpFault.NestedPageFault, result.Fault);
        Assert.Equal(RmpLog.Number(fault, "error_code"), result.ExitInfo1.Value);
        Assert.Equal(Strings(fault, "set_bits"), Bits(result.ExitInfo1));
        Assert.Equal(fault.GetProperty("size_mismatch").GetBoolean(), result.ExitInfo1.SizeMismatch);
        Assert.Equal(fault.GetProperty("private").GetBoolean(), result.ExitInfo1.Encrypted);

        Assert.True(pair.Smash(first).IsSuccess);
        Assert.Equal(gpa, pair.Raw(page).Gpa.Value);
        Assert.True(pair.Validate(guest, at with { NestedSize = PageSize.Size4K }, PageSize.Size4K, validate: true).IsSuccess);
        Assert.Equal(PageState.GuestValid, pair.StateOf(page));
    }

    private static List<string> Bits(NestedPageFaultCode code)
    {
        List<string> bits = [];
        if (code.Present) bits.Add("P");
        if (code.Write) bits.Add("W");
        if (code.User) bits.Add("U");
        if (code.Fetch) bits.Add("ID");
        if (code.Rmp) bits.Add("RMP");
        if (code.Final) bits.Add("FINAL");
        if (code.PageTable) bits.Add("TABLE");
        if (code.Encrypted) bits.Add("ENC");
        if (code.SizeMismatch) bits.Add("SIZEM");
        if (code.Vmpl) bits.Add("VMPL");
        return bits;
    }

    private static string[] Strings(JsonElement value, string field)
    {
        List<string> strings = [];
        foreach (JsonElement item in value.GetProperty(field).EnumerateArray())
        {
            strings.Add(item.GetString() ?? throw new FormatException(field));
        }

        return [.. strings];
    }
}
