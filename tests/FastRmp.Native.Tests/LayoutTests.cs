using System;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using FastRmp.Iommu;
using FastRmp.Native.Tests.Support;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>The structures of the header are those of the library: sizes, and where their last fields are.</summary>
public sealed unsafe class LayoutTests
{
    private static readonly (string Structure, int Size, string Field, int Offset)[] Structures =
    [
        ("frmp_processor", sizeof(ProcessorChoice), "reserved", 28),
        ("frmp_choices", sizeof(ChoiceWords), "rmp_dma_fault_flags", 20),
        ("frmp_table_config", sizeof(TableConfig), "choices", sizeof(TableConfig) - sizeof(ChoiceWords)),
        ("frmp_guest_page", sizeof(GuestPage), "nested_size", 16),
        ("frmp_guest_access", sizeof(GuestAccessWords), "flags", 7),
        ("frmp_segment", sizeof(MemoryPiece), "pointer", 16),
        ("frmp_paging_registers", sizeof(PagingRegisters), "choices", sizeof(PagingRegisters) - sizeof(ChoiceWords)),
        ("frmp_paging", sizeof(PagingBlock), "opaque", 0),
        ("frmp_nested", sizeof(NestedBlock), "opaque", 0),
        ("frmp_walk_result", sizeof(WalkResult), "error_code", 12),
        ("frmp_nested_result", sizeof(NestedOutcome), "nested_rights", 47),
        ("frmp_iommu_config", sizeof(IommuConfig), "choices", sizeof(IommuConfig) - sizeof(ChoiceWords)),
        ("frmp_device_request", sizeof(DeviceRequest), "flags", 14),
        ("frmp_iommu_result", sizeof(IommuWalkResult), "guest_address", 16),
        ("frmp_instruction_registers", sizeof(RegisterWords), "rflags", 24),
        ("frmp_instruction_result", sizeof(InstructionOutcome), "is_contention", 30),
        ("frmp_lookup_result", sizeof(LookupAnswer), "is_in_use_vmsa", 45),
        ("frmp_owned_page", sizeof(OwnedPageWords), "size", 24),
        ("frmp_census_result", sizeof(CensusAnswer), "is_consistent", sizeof(CensusAnswer) - 8),
        ("frmp_view", sizeof(TableView), "table", 24),
    ];

    [Fact]
    public Task Sizes_and_offsets() => Programs.RunText(Assertions());

    [Fact]
    public void States_of_walks_fit_into_the_callers_memory()
    {
        Assert.InRange(sizeof(PagingState) + sizeof(ulong), 1, PagingBlock.Bytes);
        Assert.InRange(sizeof(NestedPagingState) + sizeof(ulong), 1, NestedBlock.Bytes);
    }

    /// <summary>The results that the library writes as they are.</summary>
    [Fact]
    public void Results_lie_as_the_header_has_them()
    {
        PhysicalAddress address = PhysicalAddress.Create(0x1122);
        WalkResult walk = new(address, 0x3344_5566, WalkStatus.RmpViolation, PagingLevel.PageTable, PageSize.Size2M, (PagingRights)7);
        byte* bytes = (byte*)&walk;
        Assert.Equal((0x1122UL, 0x3344_5566U), (*(ulong*)bytes, *(uint*)(bytes + 12)));
        Assert.Equal([4, 1, 1, 7], new ReadOnlySpan<byte>(bytes + 8, 4).ToArray());
        IommuWalkResult request = new(
            address, IommuStatus.Interrupt, 3, 21, DmaRights.Write, WalkStage.Nested, GuestPhysicalAddress.Create(0x7788));
        bytes = (byte*)&request;
        Assert.Equal((0x1122UL, 0x7788UL), (*(ulong*)bytes, *(ulong*)(bytes + 16)));
        Assert.Equal([11, 3, 21, 2, 3], new ReadOnlySpan<byte>(bytes + 8, 5).ToArray());
    }

    private static string Assertions()
    {
        StringBuilder text = new("#include \"fastrmp.h\"\n");
        foreach ((string structure, int size, string field, int offset) in Structures)
        {
            text.Append(CultureInfo.InvariantCulture, $"_Static_assert(sizeof(struct {structure}) == {size}, \"size\");\n");
            text.Append(CultureInfo.InvariantCulture, $"_Static_assert(offsetof(struct {structure}, {field}) == {offset}, \"offset\");\n");
        }

        return text.Append("int main(void) { return frmp_abi_version() == FRMP_ABI_VERSION ? 0 : 1; }\n").ToString();
    }
}
