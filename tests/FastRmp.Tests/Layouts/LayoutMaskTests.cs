using Xunit;

namespace FastRmp.Tests.Layouts;

/// <summary>The masks that the protocol works with, against the literals of the firmware's header.</summary>
public sealed class LayoutMaskTests
{
    [Fact]
    public void The_low_quadword_of_an_entry_has_the_masks_of_the_firmware()
    {
        Assert.Equal(0x1UL, RmpEntry.AssignedMask);
        Assert.Equal(0x2UL, RmpEntry.PageSizeMask);
        Assert.Equal(0x4UL, RmpEntry.ImmutableMask);
        Assert.Equal(0xFF8UL, RmpEntry.SubpageCountMask);
        Assert.Equal(0x0007_FFFF_FFFF_F000UL, RmpEntry.GpaMask);
        Assert.Equal(0x1FF8_0000_0000_0000UL, RmpEntry.AsidMask);
        Assert.Equal(0x2000_0000_0000_0000UL, RmpEntry.VmsaMask);
        Assert.Equal(0x4000_0000_0000_0000UL, RmpEntry.ValidatedMask);
        Assert.Equal(0x8000_0000_0000_0000UL, RmpEntry.LockMask);
        Assert.Equal(0UL, RmpEntry.LowReservedMask);
    }

    [Fact]
    public void The_high_quadword_of_an_entry_reserves_bits_48_to_33() =>
        Assert.Equal(0x0001_FFFE_0000_0000UL, RmpEntry.HighReservedMask);

    [Fact]
    public void The_operand_and_RMPREAD_reserve_the_rest_of_their_bytes()
    {
        Assert.Equal(0x0000_0000_FFFE_FEFEUL, RmpUpdateOperand.HighReservedMask);
        Assert.Equal(0x0000_0000_FFFE_FCFEUL, RmpReadOutput.HighReservedMask);
    }

    [Fact]
    public void Upper_paging_entries_reserve_bits_8_and_7_and_large_leaves_the_bits_below_the_address()
    {
        Assert.Equal(0x180UL, Pml5e.ReservedMask);
        Assert.Equal(0x180UL, Pml4e.ReservedMask);
        Assert.Equal(0x3FFF_E000UL, Pdpe1G.ReservedMask);
        Assert.Equal(0x001F_E000UL, Pde2M.ReservedMask);
        Assert.Equal(0UL, Pte.ReservedMask);
        Assert.Equal(0xFFFF_FFFF_7FFF_7F80UL, PageFaultErrorCode.ReservedMask);
    }

    [Fact]
    public void The_registers_of_the_RMP_have_the_masks_of_the_manual()
    {
        Assert.Equal(0x000F_FFFF_FFFF_E000UL, RmpBoundary.UnitMask);
        Assert.Equal(0x3F00UL, RmpCfg.SegmentShiftMask);
        Assert.Equal(0xFFFF_FFFF_FFFF_C0FEUL, RmpCfg.ReservedMask);
        Assert.Equal(0xF_FFFFUL, RmpSegmentEntry.CoveredGibMask);
        Assert.Equal(0x000F_FFFF_FFF0_0000UL, RmpSegmentEntry.RmpBaseMask);
        Assert.Equal(0xFFF0_0000_0000_0000UL, RmpSegmentEntry.ReservedMask);
        Assert.Equal(0x000F_FFFF_C000_0000UL, RmpOptBase.BaseMask);
    }

    [Fact]
    public void Permissions_have_the_bits_of_the_manual()
    {
        Assert.Equal(1, (int)VmplPermissions.Read);
        Assert.Equal(2, (int)VmplPermissions.Write);
        Assert.Equal(4, (int)VmplPermissions.ExecuteUser);
        Assert.Equal(8, (int)VmplPermissions.ExecuteSupervisor);
        Assert.Equal(16, (int)VmplPermissions.SupervisorShadowStack);
    }
}
