using System;
using FastRmp.Firmware;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Injections;

public sealed class InjectorTests
{
    private static readonly RmpUpdateOperand Assign = new() { Gpa = 0x1234_5000UL, Assigned = true, Asid = 5 };

    [Theory]
    [InlineData("rmpupdate:0:overlap")]
    [InlineData("rmpupdate:1:success")]
    [InlineData("rmpupdate:1:overlap:0")]
    [InlineData("rmpupdate:1:overlap:2:3")]
    [InlineData("rmpupdate:1")]
    [InlineData("guest:0:overlap")]
    [InlineData("guest:1")]
    [InlineData("rmpupdate:x:overlap")]
    [InlineData("rmpupdate:0xffffffffffffffff:overlap")]
    [InlineData("keep:0x1001")]
    [InlineData("keep")]
    [InlineData("firmware:SNP_NONE:1:1")]
    [InlineData("firmware:INIT:0:1")]
    [InlineData("firmware:INIT:1:0x10000")]
    [InlineData("firmware:INIT:1")]
    [InlineData("")]
    public void A_bad_rule_is_named(string rule)
    {
        Assert.False(Injector.TryCreate($"keep:0x1000+{rule}", out Injector? injector, out string? problem));
        Assert.Null(injector);
        Assert.StartsWith($"inject={rule}: write rmpupdate:N:CODE", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Some_updates_answer_a_code_and_change_nothing()
    {
        using TestHost host = new TestHost(inject: "rmpupdate:2:overlap:2+rmpupdate:4:inuse").Enabled();
        Assert.Equal([0, 4, 4, 3, 0], Codes(host, 5));
        Assert.Equal(2UL, host.Machine.Table!.AssignedPages(5)); // the first and the last
        string trace = host.Trace.ToString();
        Assert.Contains(
            "spa=0x201000 size=4k assigned=1 asid=5 gpa=0x12345000 immutable=0 -> 4 FAIL_OVERLAP (injected)\n", trace,
            StringComparison.Ordinal);
        string report = MachineReport.Of(host.Machine);
        Assert.Contains("RMPUPDATE 5: 2 SUCCESS, 1 FAIL_INUSE, 2 FAIL_OVERLAP\n", report, StringComparison.Ordinal);
        Assert.Contains("fastrmp: 3 of these answers were injected\n", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Updates_that_give_a_page_to_a_guest_are_counted_apart()
    {
        using TestHost host = new TestHost(inject: "guest:2:overlap:2").Enabled();
        Assert.Equal(0UL, Code(0x30_0000UL, new RmpUpdateOperand { Assigned = true, Immutable = true }));
        Assert.Equal(0UL, Code(0x30_1000UL, Assign));
        Assert.Equal(0UL, Code(0x30_1000UL, default));
        Assert.Equal(4UL, Code(0x30_2000UL, Assign));
        Assert.DoesNotContain("retr", MachineReport.Of(host.Machine), StringComparison.Ordinal);
        Assert.Equal(4UL, Code(0x30_2000UL, Assign));
        Assert.Contains(" 2 FAIL_OVERLAP; 1 retry\n", MachineReport.Of(host.Machine), StringComparison.Ordinal);
        Assert.Equal(0UL, Code(0x30_2000UL, Assign));
        Assert.Contains(" 2 FAIL_OVERLAP; 2 retries\n", MachineReport.Of(host.Machine), StringComparison.Ordinal);

        ulong Code(ulong page, RmpUpdateOperand operand)
        {
            host.RmpUpdate(page, operand);
            return host.Processor[GuestRegister.Rax];
        }
    }

    [Fact]
    public void An_instruction_that_does_not_get_so_far_does_not_count()
    {
        using TestHost host = new TestHost(inject: "rmpupdate:1:permission").Enabled();
        host.Processor[GuestRegister.Rcx] = TestRam.Hole;
        Assert.Equal(TestHost.PageFaultHandler, host.Step(WatchedInstruction.RmpUpdate));
        host.Processor[GuestRegister.Rsp] = FakeProcessor.Stack;
        Assert.Equal([2], Codes(host, 1));
    }

    [Fact]
    public void A_kept_page_is_never_taken_back()
    {
        using TestHost host = new TestHost(inject: "keep:0x200000").Enabled();
        host.RmpUpdate(0x20_0000UL, Assign);
        Assert.Equal(0UL, host.Processor[GuestRegister.Rax]);
        for (int i = 0; i < 3; i++)
        {
            host.RmpUpdate(0x20_0000UL, default);
            Assert.Equal(3UL, host.Processor[GuestRegister.Rax]);
        }

        Assert.Equal(1UL, host.Machine.Table!.AssignedPages(5));
    }

    [Fact]
    public void A_command_fails_without_effect()
    {
        using TestHost host = new(inject: "firmware:SNP_INIT:2:0x13+firmware:SNP_INIT:1:3");
        SecureProcessor firmware = new(host.Machine);
        Assert.Equal(FirmwareStatus.InvalidConfig, firmware.Execute(FirmwareCommand.SnpInit, 0, new FakeDevice(), out bool isInjected));
        Assert.True(isInjected);
        Assert.Equal(FirmwareStatus.HardwareErrorPlatform, firmware.Execute(FirmwareCommand.SnpInit, 0, new FakeDevice(), out isInjected));
        Assert.True(isInjected);
        host.WriteMsr(Msr.Syscfg, 0x0388_0000UL);
        Assert.Equal(FirmwareStatus.Success, firmware.Execute(FirmwareCommand.SnpInit, 0, new FakeDevice(), out isInjected));
        Assert.False(isInjected);
    }

    private static int[] Codes(TestHost host, int count)
    {
        int[] codes = new int[count];
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(TestHost.Rip + 4, host.RmpUpdate(0x20_0000UL + ((ulong)i << 12), Assign));
            codes[i] = (int)host.Processor[GuestRegister.Rax];
        }

        return codes;
    }
}
