using Xunit;

namespace FastRmp.Tests.Layouts;

public sealed class ControlRegistersTests
{
    [Fact]
    public void Each_name_is_the_bit_of_its_register()
    {
        Assert.Equal(new ControlRegisters(1UL << 31, default, 0, 0), new ControlRegisters { Paging = true });
        Assert.Equal(new ControlRegisters(1UL << 16, default, 0, 0), new ControlRegisters { WriteProtect = true });
        Assert.Equal(new ControlRegisters(0, default, 1UL << 5, 0), new ControlRegisters { PhysicalAddressExtensions = true });
        Assert.Equal(new ControlRegisters(0, default, 1UL << 12, 0), new ControlRegisters { La57 = true });
        Assert.Equal(new ControlRegisters(0, default, 1UL << 20, 0), new ControlRegisters { Smep = true });
        Assert.Equal(new ControlRegisters(0, default, 1UL << 21, 0), new ControlRegisters { Smap = true });
        Assert.Equal(new ControlRegisters(0, default, 1UL << 22, 0), new ControlRegisters { ProtectionKeys = true });
        Assert.Equal(new ControlRegisters(0, default, 1UL << 23, 0), new ControlRegisters { ControlFlowEnforcement = true });
        Assert.Equal(new ControlRegisters(0, default, 1UL << 24, 0), new ControlRegisters { SupervisorProtectionKeys = true });
        Assert.Equal(new ControlRegisters(0, default, 0, 1UL << 11), new ControlRegisters { NoExecuteEnable = true });
    }

    [Fact]
    public void A_bit_that_is_cleared_leaves_the_others_alone()
    {
        ControlRegisters all = new(ulong.MaxValue, new Cr3(ulong.MaxValue), ulong.MaxValue, ulong.MaxValue);
        Assert.True(all is { Paging: true, WriteProtect: true, PhysicalAddressExtensions: true, La57: true, Smep: true, Smap: true });
        Assert.True(all is { ProtectionKeys: true, ControlFlowEnforcement: true, SupervisorProtectionKeys: true, NoExecuteEnable: true });
        Assert.Equal(all with { Cr0 = ~(1UL << 31) }, all with { Paging = false });
        Assert.Equal(all with { Cr4 = ~(1UL << 12) }, all with { La57 = false });
        Assert.Equal(all with { Efer = ~(1UL << 11) }, all with { NoExecuteEnable = false });
        Assert.False((all with { La57 = false }).La57);
    }

    [Fact]
    public void The_text_has_the_values() => Assert.Equal(
        "CR0 0x80050033, CR3 0x100868000, CR4 0x750ef0, EFER 0xd01",
        new ControlRegisters(0x8005_0033, new Cr3(0x1_0086_8000), 0x0075_0EF0, 0xD01).ToString());
}
