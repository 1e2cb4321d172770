using System;
using FastRmp.Firmware;
using FastRmp.Qemu.Tests.Identity;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Psp;

public sealed class MailboxTests : IDisposable
{
    private const ulong Buffer = TestMailbox.Buffer;
    private const ulong Page = 0x30_1000UL; // what commands write to
    private const ulong Context = 0x30_2000UL;
    private const ulong List = 0x30_3000UL;
    private const ulong GuestPage = 0x30_4000UL;
    private const ushort Asid = 7;
    private readonly TestHost _host = new();
    private readonly TestMailbox _mailbox;

    public MailboxTests() => _mailbox = new TestMailbox(_host);

    private FakeDevice Device => _mailbox.Device;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_command_is_answered_by_its_register_and_an_interrupt()
    {
        Assert.Equal(0x81u, Device[TestMailbox.Bar + 0x1_09FCUL]);
        Device[TestMailbox.BufferLowAt] = (uint)Buffer;
        Device[TestMailbox.CommandAt] = 0x04_0001u; // PLATFORM_STATUS
        _mailbox.Poll();
        Assert.Equal(
            [
                (TestMailbox.Bar + 0x1_0694UL, 2u), (TestMailbox.CommandAt, 0x8004_0000u),
                (TestMailbox.Message, TestMailbox.MessageData),
            ],
            Device.Writes);
        Assert.Equal(0x1500_0000_0000_3701UL, _host.Ram.Read(Buffer)); // 1.55, not initialised, build 21
        _mailbox.Poll(); // an answer is no command
        Assert.Equal(3, Device.Writes.Count);
        Assert.EndsWith(
            " cpu0 firmware PLATFORM_STATUS -> 0 SUCCESS\n", _host.Trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_bit_there_is_no_interrupt()
    {
        Device[TestMailbox.CommandAt] = 0x84_0000u;
        _mailbox.Poll();
        Assert.Equal(2, Device.Writes.Count);
    }

    [Fact]
    public void A_device_that_is_nowhere_is_not_looked_at()
    {
        _mailbox.Configure(4, 0);
        Device[TestMailbox.CommandAt] = 0x84_0001u;
        _mailbox.Poll();
        Assert.Empty(Device.Writes);
    }

    [Fact]
    public void Before_SNP_is_on_there_is_the_legacy_platform()
    {
        Assert.Equal(FirmwareStatus.InvalidConfig, Give(FirmwareCommand.SnpInitEx, 3));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpPlatformStatus, Page));
        Assert.Equal(0x15_0000_3701UL, _host.Ram.Read(Page));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Init));
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.Init));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.PlatformStatus));
        Assert.Equal(0x1500_0000_0001_3701UL, _host.Ram.Read(Buffer));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Shutdown));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Init));
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.SnpLaunchStart));
        Assert.Equal(FirmwareStatus.InvalidCommand, Give((FirmwareCommand)0x77));
    }

    [Fact]
    public void SNP_is_initialised_with_the_kernels_list()
    {
        Enable();
        _host.Ram.Write(List, 1);
        _host.Ram.Write(List + 8, 0x100_0000UL);
        _host.Ram.Write(List + 16, 2);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 3, List));
        ReverseMapTable<RmpGeometry> table = _host.Machine.Table!;
        Assert.Equal(PageState.HvFixed, table.StateOf(PhysicalAddress.Create(0x100_1000UL)));
        Assert.Equal(PageState.Hypervisor, table.StateOf(PhysicalAddress.Create(0x100_2000UL)));
        Assert.Equal(PageState.Firmware, table.StateOf(PhysicalAddress.Create(TestHost.RmpFirst)));
        Assert.Equal(PageState.HvFixed, table.StateOf(PhysicalAddress.Create(0x4000_0000UL))); // beyond RAM
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.SnpInitEx, 1));
        Assert.Equal(FirmwareStatus.InvalidPageState, Give(FirmwareCommand.SnpPlatformStatus, Page)); // not firmware's
        Update(Page, FirmwarePage);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpPlatformStatus, Page | (1UL << 51))); // with the C-bit
        Assert.Equal(0x15_0101_3701UL, _host.Ram.Read(Page));
    }

    [Theory]
    [InlineData(0x0180_0000UL)] // without MtrrFixDramModEn
    [InlineData(0x0308_0000UL)] // without memory encryption
    [InlineData(0x0188_0000UL)] // without VMPLs
    public void Initialisation_needs_what_the_kernel_sets_before(ulong syscfg)
    {
        _host.WriteMsr(Msr.Syscfg, syscfg);
        Assert.Equal(FirmwareStatus.InvalidConfig, Give(FirmwareCommand.SnpInitEx, 1));
    }

    [Fact]
    public void All_processors_have_to_take_part()
    {
        GuestCore other = _host.Machine.AddCore(1);
        Enable();
        Assert.Equal(FirmwareStatus.InvalidConfig, Give(FirmwareCommand.SnpInitEx, 1));
        MsrAccess.Write(_host.Machine, other, Msr.Syscfg, 0x0388_0000UL);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 1));
        _host.Step(WatchedInstruction.FlushCaches);
        Assert.Equal(FirmwareStatus.WbinvdRequired, Give(FirmwareCommand.SnpDfFlush));
        other.WasFlushed = true;
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpDfFlush));
    }

    [Fact]
    public void A_guest_is_launched_and_taken_down()
    {
        Enable();
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 1));
        _host.Step(WatchedInstruction.FlushCaches);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.DfFlush));
        Update(Context, FirmwarePage);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpGctxCreate, Context));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpLaunchStart, Context, 0x3_0000UL, 0, 0));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpActivate, Context, Asid));
        Update(GuestPage, new RmpUpdateOperand { Assigned = true, Immutable = true, Asid = Asid, Gpa = 0x1000 });
        ulong vmsa = 2UL << 1;
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpLaunchUpdate, Context, vmsa, GuestPage, 0x0302_0100UL));
        _host.Machine.Table!.TryReadRaw(PhysicalAddress.Create(GuestPage), out RmpEntry entry);
        Assert.True(entry is { Validated: true, Vmsa: true, Immutable: false, Asid: Asid });
        Assert.Equal(3, (int)entry.Vmpl1Permissions);
        Assert.Equal(2, (int)entry.Vmpl2Permissions);
        Assert.Equal(1, (int)entry.Vmpl3Permissions);
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpLaunchUpdate, Context, 1UL << 5, GuestPage, 0));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpLaunchFinish, Context, 0, 0, 4));
        Update(GuestPage, default);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpDecommission, Context));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpPageReclaim, Context));
        Update(Context, default);
        Assert.Contains(
            "fastrmp: firmware SNP_LAUNCH_UPDATE 1: INVALID_PARAM\n", MachineReport.Of(_host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void A_shutdown_can_turn_SNP_off_and_it_can_be_turned_on_again()
    {
        Enable();
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 1));
        _host.Step(WatchedInstruction.FlushCaches);
        Give(FirmwareCommand.SnpDfFlush);
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpShutdownEx, 7)); // the length
        Assert.True(_host.Core.IsSnpOn);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpShutdownEx, 8 | (3UL << 32)));
        Assert.False(_host.Core.IsSnpOn);
        Assert.Equal(0x0288_0000UL, _host.ReadMsr(Msr.Syscfg));
        Enable();
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 1));
    }

    [Fact]
    public void What_the_IOMMU_writes_to_is_firmwares_as_long_as_SNP_is()
    {
        const ulong EventLog = 0x120_0000UL;
        const ulong Store = 0x121_0000UL;
        const ulong PageRequestLog = 0x122_0000UL;
        Claim();
        Enable();
        Assert.Equal(FirmwareStatus.HardwareErrorPlatform, Give(FirmwareCommand.SnpInitEx, 1)); // it is not enabled
        Register(0x10, EventLog | (9UL << 56)); // 512 entries: two pages
        Register(0x28, Store); // the emulated one does not keep the base
        Register(0x38, PageRequestLog | (8UL << 56));
        Register(0x18, 0x2005); // enabled, with both logs
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 1));
        ulong[] pages = [EventLog, EventLog + 0x1000, Store, PageRequestLog];
        foreach (ulong page in pages) Assert.Equal(PageState.FirmwareIommu, StateOf(page));
        foreach (ulong page in pages[1..]) Assert.Equal(PageState.Hypervisor, StateOf(page + 0x1000));
        _host.Step(WatchedInstruction.FlushCaches);
        Give(FirmwareCommand.SnpDfFlush);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpShutdownEx, 8 | (1UL << 32)));
        foreach (ulong page in pages) Assert.Equal(PageState.Reclaim, StateOf(page));
        foreach (ulong page in pages) Update(page, default);
        foreach (ulong page in pages) Assert.Equal(PageState.Hypervisor, StateOf(page));
    }

    [Fact]
    public void A_log_that_is_off_has_no_pages_and_one_inside_the_RMP_is_refused()
    {
        Claim();
        Enable();
        Register(0x10, 0x120_0000UL | (9UL << 56));
        Register(0x18, 1);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 1));
        Assert.Equal(PageState.Hypervisor, StateOf(0x120_0000UL));
        Assert.Equal(PageState.Hypervisor, StateOf(0));
        Give(FirmwareCommand.SnpShutdown);
        _host.Step(WatchedInstruction.FlushCaches);
        Give(FirmwareCommand.SnpDfFlush);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpShutdown));
        Register(0x10, TestHost.RmpFirst | (9UL << 56));
        Register(0x18, 5);
        Assert.Equal(FirmwareStatus.InvalidConfig, Give(FirmwareCommand.SnpInitEx, 1));
        Register(0x10, 0x120_0000UL | (9UL << 56));
        Register(0x20, 0x2000);
        Register(0x28, 0x1000);
        Assert.Equal(FirmwareStatus.InvalidConfig, Give(FirmwareCommand.SnpInitEx, 1)); // a limit below the base
    }

    private static RmpUpdateOperand FirmwarePage => new() { Assigned = true, Immutable = true };

    private void Enable() => _host.WriteMsr(Msr.Syscfg, 0x0388_0000UL);

    /// <summary>The kernel finds the IOMMU.</summary>
    private void Claim()
    {
        IvrsTableTests.Build(_host.Ram, isWide: true, IvrsTableTests.Ivrs());
        _host.Processor[GuestRegister.Rax] = 0x8000_001FUL;
        _host.Step(WatchedInstruction.Cpuid);
    }

    /// <summary>Programs a register of the IOMMU's.</summary>
    private void Register(ulong offset, ulong value)
    {
        Device[IvrsTableTests.Registers + offset] = (uint)value;
        Device[IvrsTableTests.Registers + offset + 4] = (uint)(value >> 32);
    }

    private PageState StateOf(ulong page) => _host.Machine.Table!.StateOf(PhysicalAddress.Create(page));

    private void Update(ulong page, RmpUpdateOperand operand)
    {
        _host.RmpUpdate(page, operand);
        Assert.Equal(0UL, _host.Processor[GuestRegister.Rax]);
    }

    private FirmwareStatus Give(FirmwareCommand command, params ReadOnlySpan<ulong> buffer) => _mailbox.Give(command, buffer);
}
