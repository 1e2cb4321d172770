using System;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Vectors;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>Every row of the manual's table of checks, with every error code there is, in the table and in the reference.</summary>
public sealed class AccessTableTests
{
    private const ulong Valid = 0x20_1000;
    private const ulong LargePage = 0x40_0000;
    private const ulong Guest = 0x1234_5000;
    private const ulong LargeGuest = 0x4000_0000;
    private const uint Asid = 5;

    public static TheoryData<string, string, string, string, string> Rows()
    {
        TheoryData<string, string, string, string, string> rows = [];
        foreach (string[] row in VectorFile.Rows("access-table.txt"))
        {
            rows.Add(row[0], row[1], row[2], row[3], row[4]);
        }

        return rows;
    }

    [Fact]
    public void An_undefined_kind_VMPL_or_CPL_is_misuse()
    {
        using ModelPair pair = new(4, ProcessorModel.Genoa, ModelChoices.Default);
        NestedPage place = new(default, PhysicalAddress.Create(0x20_0000), PageSize.Size4K);
        for (int value = 0; value <= byte.MaxValue; value++)
        {
            GuestAccess[] accesses =
            [
                new(Asid, 0, 0, (GuestAccessKind)value, IsPrivate: true), new(Asid, (byte)value, 0, GuestAccessKind.Read, IsPrivate: true),
                new(Asid, 0, (byte)value, GuestAccessKind.Fetch, IsPrivate: false),
            ];
            int[] limits = [5, 3, 3];
            for (int i = 0; i < accesses.Length; i++)
            {
                GuestAccess access = accesses[i];
                if (value <= limits[i])
                {
                    Assert.Equal(0x4_8000_0005UL, RmpCheck.Guest(pair.Table, access, place).ExitInfo1.Value & 0x4_8000_0005UL);
                }
                else
                {
                    Assert.Throws<ArgumentOutOfRangeException>("access", () => RmpCheck.Guest(pair.Table, access, place));
                }
            }

            if (value > 3)
            {
                Assert.Throws<ArgumentOutOfRangeException>(
                    "vmpl", () => new GuestRmpCheck<ContiguousGeometry>(pair.Table, Asid, (byte)value));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void An_access_has_the_outcome_of_its_row(string actor, string access, string page, string mapping, string outcome)
    {
        using ModelPair pair = new(4, ProcessorModel.Genoa, ModelChoices.Default);
        ulong address = Prepare(pair, page) + 0x123;
        PageSize size = mapping switch
        {
            "4K" => PageSize.Size4K,
            "2M" => PageSize.Size2M,
            "1G" => PageSize.Size1G,
            _ => throw new FormatException(mapping),
        };
        Assert.Equal(outcome, Result(pair, actor, access, address, size));
        pair.CompareAll();
    }

    [Fact]
    public void The_privilege_level_decides_which_fetch_is_asked_for()
    {
        using ModelPair pair = new(4, ProcessorModel.Genoa, ModelChoices.Default);
        ulong page = Prepare(pair, "valid");
        pair.Poke(page, pair.Raw(page).Low, 0x4); // Execute-User alone
        for (byte cpl = 0; cpl < 4; cpl++)
        {
            GuestResult fetch = pair.GuestAccess(
                new GuestAccess(Asid, 0, cpl, GuestAccessKind.Fetch, IsPrivate: true),
                new(GuestPhysicalAddress.Create(Guest), PhysicalAddress.Create(page), PageSize.Size4K));
            Assert.Equal(cpl == 3 ? "0 SUCCESS" : "NPF 0x1580000015", fetch.ToString());
        }
    }

    [Fact]
    public void Each_VMPL_has_a_mask_of_its_own()
    {
        using ModelPair pair = new(4, ProcessorModel.Genoa, ModelChoices.Default);
        ulong page = Prepare(pair, "valid");
        for (byte allowed = 0; allowed < 4; allowed++)
        {
            pair.Poke(page, pair.Raw(page).Low, 0x1UL << 8 * allowed);
            for (byte vmpl = 0; vmpl < 4; vmpl++)
            {
                GuestResult read = pair.GuestAccess(
                    new GuestAccess(Asid, vmpl, 0, GuestAccessKind.Read, IsPrivate: true),
                    new(GuestPhysicalAddress.Create(Guest), PhysicalAddress.Create(page), PageSize.Size4K));
                Assert.Equal(vmpl == allowed ? "0 SUCCESS" : "NPF 0x1580000005", read.ToString());
            }
        }
    }

    /// <summary>Makes a page of that name, and leaves all others alone.</summary>
    private static ulong Prepare(ModelPair pair, string name)
    {
        switch (name)
        {
            case "hv":
                return Valid;
            case "uncovered":
                return 4 * ModelPair.RegionBytes;
            case "large":
                pair.Update(LargePage, Operands.Assign(LargeGuest, Asid, PageSize.Size2M));
                pair.Validate(
                    ExecutionState.Guest(Asid),
                    new(GuestPhysicalAddress.Create(LargeGuest), PhysicalAddress.Create(LargePage), PageSize.Size2M), PageSize.Size2M,
                    validate: true);
                return LargePage + 0x5000;
            case "fixed":
                pair.Poke(Valid, 0x4, 0);
                return Valid;
            case "firmware":
                pair.Update(Valid, Operands.Assign(0, 0, immutable: true));
                return Valid;
            case "reclaim":
                pair.Update(Valid, Operands.Assign(0, 0));
                return Valid;
            case "iommu":
                pair.Update(Valid, Operands.Assign(0, 0, immutable: true));
                pair.Poke(Valid, 0x8002_0000_0000_1005, 0);
                return Valid;
            default:
                return PrepareGuest(pair, name);
        }
    }

    private static ulong PrepareGuest(ModelPair pair, string name)
    {
        uint asid = name == "foreign" ? 6 : Asid;
        ulong gpa = name == "moved" ? Guest + 0x1000 : Guest;
        NestedPage page = new(GuestPhysicalAddress.Create(gpa), PhysicalAddress.Create(Valid), PageSize.Size4K);
        Assert.True(pair.Update(Valid, Operands.Assign(gpa, asid)).IsSuccess);
        if (name != "invalid") Assert.True(pair.Validate(ExecutionState.Guest(asid), page, PageSize.Size4K, validate: true).IsSuccess);
        switch (name)
        {
            case "held":
                pair.Update(Valid, Operands.Assign(gpa, asid, immutable: true));
                break;
            case "none" or "write-only":
                pair.Poke(Valid, pair.Raw(Valid).Low, name == "none" ? 0UL : 0x2);
                break;
            case "vmsa":
                Assert.True(pair.Adjust(ExecutionState.Guest(asid), page, PageSize.Size4K, new RmpAdjustOperand(0x1_0101)).IsSuccess);
                break;
            case "beside-valid":
                return Valid + 0x1000;
            default:
                Assert.True(name is "valid" or "invalid" or "foreign" or "moved");
                break;
        }

        return Valid;
    }

    private static string Result(ModelPair pair, string actor, string access, ulong address, PageSize size)
    {
        switch (actor)
        {
            case "host":
                return HostResult(pair, access, address, size);
            case "plain" or "shared" or "private":
                bool isPrivate = actor == "private" || access == "private write";
                GuestAccess made = new(Asid, 0, 0, Kind(access), isPrivate, IsSnpGuest: actor != "plain");
                ulong gpa = address >= LargePage && address < LargePage + ModelPair.RegionBytes
                    ? LargeGuest + (address - LargePage)
                    : Guest + (address & 0xFFF);
                GuestResult result = pair.GuestAccess(made, new(GuestPhysicalAddress.Create(gpa), PhysicalAddress.Create(address), size));
                return result.IsSuccess ? "ok" : result.ToString();
            case "device":
                return pair.Device(address, size) ? "ok" : "no";
            case "iommu":
                return pair.IommuLog(address) ? "ok" : "no";
            case "firmware":
                return pair.FirmwareBuffer(address) ? "ok" : "no";
            default:
                VmRunPage kind = access switch
                {
                    "vmcb" => VmRunPage.Vmcb,
                    "avic" => VmRunPage.AvicBackingPage,
                    "es-vmsa" => VmRunPage.SharedVmsa,
                    "snp-vmsa" => VmRunPage.SnpVmsa,
                    "hsave" => VmRunPage.HostSaveArea,
                    _ => throw new FormatException(access),
                };
                VmRunResult checkedOnly = pair.VmRun(kind, address, Asid, Guest, enter: false);
                Assert.Equal(checkedOnly, pair.VmRun(kind, address, Asid, Guest, enter: true));
                Assert.Equal(
                    checkedOnly == VmRunResult.Ok && kind != VmRunPage.HostSaveArea, pair.Table.IsInUse(PhysicalAddress.Create(address)));
                return checkedOnly switch { VmRunResult.Ok => "ok", VmRunResult.GeneralProtection => "GP", _ => "INVALID" };
        }
    }

    private static string HostResult(ModelPair pair, string access, ulong address, PageSize size)
    {
        if (access is "walker" or "walker reading")
        {
            pair.CompareAccess(address, size, user: false);
            return new HostRmpCheck<ContiguousGeometry>(pair.Table).MayUseEntry(PhysicalAddress.Create(address), writes: access == "walker")
                ? "ok"
                : "no";
        }

        AccessKind kind = access switch
        {
            "read" => AccessKind.Read,
            "fetch" => AccessKind.Fetch,
            "write" or "user write" => AccessKind.Write,
            _ => throw new FormatException(access),
        };
        ulong code = pair.HostAccess(kind, address, size, user: access == "user write");
        return code == 0 ? "ok" : FormattableString.Invariant($"PF 0x{code:x}");
    }

    private static GuestAccessKind Kind(string access) => access switch
    {
        "read" => GuestAccessKind.Read,
        "write" or "private write" => GuestAccessKind.Write,
        "fetch" => GuestAccessKind.Fetch,
        "table" => GuestAccessKind.PageTable,
        "shadow read" => GuestAccessKind.ShadowStackRead,
        "shadow write" => GuestAccessKind.ShadowStackWrite,
        _ => throw new FormatException(access),
    };
}
