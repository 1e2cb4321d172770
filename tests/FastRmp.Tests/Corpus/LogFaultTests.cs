using System.Collections.Generic;
using System.Text.Json;
using FastRmp.Access;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Paging;
using FastRmp.Rmp;
using Xunit;

namespace FastRmp.Tests.Corpus;

/// <summary>Faults of real hosts, made again in the model from what their logs show.</summary>
public sealed class LogFaultTests
{
    public static TheoryData<string> PageFaults() => LogCase.With("page_faults");

    public static TheoryData<string> NestedFaults() => LogCase.With("npf");

    [Theory]
    [MemberData(nameof(PageFaults))]
    public void The_access_that_faulted_faults_with_the_same_code(string name)
    {
        LogCase log = LogCase.Open(name);
        foreach (JsonElement fault in log.Items("page_faults"))
        {
            ulong code = LogCase.Hex(fault, "error_code");
            Assert.Equal(fault.GetProperty("rmp").GetBoolean(), new PageFaultErrorCode(code).Rmp);
            Assert.Equal(fault.GetProperty("present").GetBoolean(), new PageFaultErrorCode(code).Present);
            if (!new PageFaultErrorCode(code).Rmp) continue;

            // The page stands where it stood in its region.
            ulong page = (LogCase.Hex(fault, "pfn") << 12) & 0x1F_FFFF | 0x40_0000;
            using ReverseMapTable<ContiguousGeometry> table = new(ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x80_0000), ProcessorModel.Genoa);
            PageSize mapping = fault.GetProperty("mapping_size").GetUInt64() switch
            {
                0x1000 => PageSize.Size4K,
                0x20_0000 => PageSize.Size2M,
                _ => PageSize.Size1G,
            };
            AccessKind kind = fault.GetProperty("access").GetString() == "write" ? AccessKind.Write : AccessKind.Read;
            bool isUser = fault.GetProperty("mode").GetString() == "user";
            Assert.Equal(default, RmpCheck.Host(table, kind, PhysicalAddress.Create(page), mapping, isUser));
            Restore(log, table, page, mapping);
            Assert.Equal(code, RmpCheck.Host(table, kind, PhysicalAddress.Create(page), mapping, isUser).Value);
            Assert.Equal(default, RmpCheck.Host(table, AccessKind.Read, PhysicalAddress.Create(page), mapping, isUser));
        }
    }

    [Theory]
    [MemberData(nameof(NestedFaults))]
    public void A_guest_that_validates_4_KiB_of_a_2_MiB_page_faults_with_the_same_code(string name)
    {
        foreach (JsonElement fault in LogCase.Open(name).Items("npf"))
        {
            NestedPageFaultCode code = new(LogCase.Hex(fault, "error_code"));
            Assert.Equal(fault.GetProperty("rmp").GetBoolean(), code.Rmp);
            Assert.Equal(fault.GetProperty("private").GetBoolean(), code.Encrypted);
            Assert.Equal(fault.GetProperty("size_mismatch").GetBoolean(), code.SizeMismatch);
            if (!code.SizeMismatch) continue;
            using ReverseMapTable<ContiguousGeometry> table = new(ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x80_0000), ProcessorModel.Milan);
            Assert.True(table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(0x40_0000), Rmp.Operands.Assign(0x4000_0000, 1, PageSize.Size2M)).IsSuccess);
            NestedTranslation page = new(GuestPhysicalAddress.Create(0x4019_0000), PhysicalAddress.Create(0x59_0000), PageSize.Size2M);
            Assert.Equal(code, table.PValidate(ExecutionState.Guest(1), page, PageSize.Size4K, validate: true).ExitInfo1);

            // What the host did then: PSMASH, and the guest gets on with 4 KiB mappings.
            Assert.True(table.PSmash(ExecutionState.Host, PhysicalAddress.Create(0x40_0000)).IsSuccess);
            Assert.True(table.PValidate(ExecutionState.Guest(1), page with { NestedSize = PageSize.Size4K }, PageSize.Size4K, validate: true).IsSuccess);
        }
    }

    /// <summary>Puts the cause back: the entry of the page, the assigned ones of its region, or, if the page is free and mapped small, a guest that uses it.</summary>
    private static void Restore(LogCase log, ReverseMapTable<ContiguousGeometry> table, ulong page, PageSize mapping)
    {
        bool isExplained = false;
        List<JsonElement> entries = log.Entries();
        foreach (JsonElement item in entries)
        {
            RmpEntry entry = LogEntryTests.Entry(item);
            ulong place = (LogCase.Hex(item, "pfn") << 12) & 0x1F_FFFF | 0x40_0000;
            Assert.True(table.TryWriteRaw(PhysicalAddress.Create(place), entry));
            isExplained |= entry.Assigned && (place == page || mapping != PageSize.Size4K);
        }

        if (!isExplained) table.MarkInUse(PhysicalAddress.Create(page));
    }
}
