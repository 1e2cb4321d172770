using System.Text.Json;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Rmp;
using Xunit;

namespace FastRmp.Tests.Corpus;

/// <summary>Raw and symbolic entries that real hosts printed.</summary>
public sealed class LogEntryTests
{
    public static TheoryData<string> Alone() => LogCase.With("rmp_entries");

    public static TheoryData<string> Regions() => LogCase.With("unassigned_regions");

    [Theory]
    [MemberData(nameof(Alone))]
    [MemberData(nameof(Regions))]
    public void Entries_decode_to_the_fields_and_states_that_others_read_in_them(string name)
    {
        foreach (JsonElement item in LogCase.Open(name).Entries())
        {
            RmpEntry entry = Entry(item);
            Assert.Equal(LogCase.Number(item, "assigned") != 0, entry.Assigned);
            Assert.Equal(LogCase.Number(item, "pagesize") != 0, entry.PageSize == PageSize.Size2M);
            Assert.Equal(LogCase.Number(item, "immutable") != 0, entry.Immutable);
            Assert.Equal(LogCase.Hex(item, "gpa"), entry.Gpa.Value);
            Assert.Equal(LogCase.Hex(item, "gpa_field"), entry.Gpa.PageNumber);
            Assert.Equal(LogCase.Number(item, "asid"), entry.Asid);
            Assert.Equal(LogCase.Number(item, "vmsa") != 0, entry.Vmsa);
            Assert.Equal(LogCase.Number(item, "validated") != 0, entry.Validated);
            Assert.Equal(item.GetProperty("state").GetString(), PageStates.Decode(entry).Name().Replace('-', '_').ToUpperInvariant());
            if (!item.TryGetProperty("lo", out _)) continue;
            Assert.Equal(LogCase.Number(item, "subpage_count"), entry.SubpageCount);
            Assert.Equal(LogCase.Number(item, "lock") != 0, entry.Lock);
            for (int vmpl = 0; vmpl < 4; vmpl++)
            {
                Assert.Equal(item.GetProperty("vmpl_masks")[vmpl].GetInt32(), (int)entry.PermissionsOf(vmpl));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Alone))]
    public void What_was_assigned_at_an_address_is_stored_as_printed(string name)
    {
        foreach (JsonElement item in LogCase.Open(name).Items("rmp_entries"))
        {
            // The all-ones address of a VMSA is what a host passed; the processor keeps what its mask lets through.
            RmpEntry printed = Entry(item);
            if (!printed.Assigned || printed.Asid == 0 || !printed.Vmsa) continue;
            foreach (FastRmp.Model.ProcessorModel processor in FastRmp.Model.ProcessorModel.Presets)
            {
                bool isCut = printed.Gpa.Value == (processor.GpaMask & ~0xFFFUL);
                bool fits = printed.Gpa.Value <= processor.GpaMask;
                if (!isCut && !fits) continue;
                using ReverseMapTable<ContiguousGeometry> table = new(ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x60_0000), processor);
                ulong passed = isCut ? ulong.MaxValue & ~0xFFFUL : printed.Gpa.Value;
                Assert.True(table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(0x20_1000), Rmp.Operands.Assign(passed, printed.Asid)).IsSuccess);
                Assert.True(table.TryReadRaw(PhysicalAddress.Create(0x20_1000), out RmpEntry stored));
                Assert.Equal(printed.Gpa, stored.Gpa);
                Assert.Equal(printed.Asid, stored.Asid);
            }
        }
    }

    /// <summary>The entry as it was printed, or made of the fields that were.</summary>
    internal static RmpEntry Entry(JsonElement item)
    {
        if (item.TryGetProperty("lo", out JsonElement low)) return new RmpEntry(LogCase.Hex(low), LogCase.Hex(item, "hi"));
        ulong word = LogCase.Number(item, "assigned") | (LogCase.Number(item, "pagesize") << 1) | (LogCase.Number(item, "immutable") << 2)
            | (LogCase.Hex(item, "gpa_field") << 12) | ((ulong)LogCase.Number(item, "asid") << 51)
            | ((ulong)LogCase.Number(item, "vmsa") << 61) | ((ulong)LogCase.Number(item, "validated") << 62);
        return new RmpEntry(word, 0);
    }
}
