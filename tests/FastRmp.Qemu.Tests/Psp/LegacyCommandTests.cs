using System;
using FastRmp.Firmware;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Psp;

/// <summary>Commands of SEV and SEV-ES, with and without SNP.</summary>
public sealed class LegacyCommandTests : IDisposable
{
    private const ulong Data = 0x31_0000UL;
    private const ulong Other = 0x32_0000UL;
    private const uint Certificate = 2084;
    private const uint Chain = 3 * Certificate;
    private readonly TestHost _host = new();
    private readonly TestMailbox _mailbox;

    public LegacyCommandTests() => _mailbox = new TestMailbox(_host);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_platform_goes_from_UNINIT_to_INIT_to_WORKING_and_back()
    {
        Assert.Equal(0, State());
        foreach (FirmwareCommand command in (FirmwareCommand[])[
            FirmwareCommand.PekGen, FirmwareCommand.PdhGen, FirmwareCommand.PekCsr, FirmwareCommand.PdhCertExport,
            FirmwareCommand.PekCertImport, FirmwareCommand.LaunchStart, FirmwareCommand.ReceiveStart, FirmwareCommand.GuestStatus,
            FirmwareCommand.Activate, FirmwareCommand.DbgDecrypt])
        {
            Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(command));
        }

        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.PlatformReset));
        Assert.Equal(FirmwareStatus.InvalidConfig, Give(FirmwareCommand.Init, 2)); // a flag that is none
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Init, 1, 0x340_0000UL, 0x20_0000UL));
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.Init, 1));
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.PlatformReset));
        Assert.Equal(0x1500_0001_0001_3701UL, Status()); // ES is on
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.Decommission, 1));
        uint handle = Launch(0);
        Assert.Equal(2, State());
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.PekGen));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Decommission, handle));
        Assert.Equal(1, State());
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Shutdown));
        Assert.Equal(0, State());
    }

    [Fact]
    public void What_needs_keys_is_refused_after_lengths_and_states()
    {
        Give(FirmwareCommand.Init);
        Assert.Equal(FirmwareStatus.InvalidLength, Give(FirmwareCommand.PekCsr, Data, Certificate - 1));
        Assert.Equal(Certificate, Answer(1));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.PekCsr, Data, Certificate));
        Assert.Equal(FirmwareStatus.InvalidLength, Give(FirmwareCommand.PdhCertExport));
        Assert.Equal((Certificate, Chain), (Answer(1), Answer(3)));
        Assert.Equal(FirmwareStatus.InvalidAddress, Give(FirmwareCommand.PdhCertExport, Data, Certificate, 1UL << 40, Chain));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.PdhCertExport, Data, Certificate, Other, Chain));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.PekGen));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.PdhGen));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.PekCertImport));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.ReceiveStart));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.LaunchStart, 0, Data)); // with a session
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.LaunchStart, 4UL << 32)); // ES, which INIT did not turn on
        uint handle = Launch(0);
        Assert.Equal(FirmwareStatus.InvalidLength, Give(FirmwareCommand.LaunchMeasure, handle, Data, 47));
        Assert.Equal(48u, Answer(2));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.LaunchMeasure, handle, Data, 48));
        Assert.Equal(FirmwareStatus.InvalidGuestState, Give(FirmwareCommand.LaunchFinish, handle));
        Assert.Equal(FirmwareStatus.InvalidGuestState, Give(FirmwareCommand.SendStart, handle));
        Assert.Equal(FirmwareStatus.InvalidGuest, Give(FirmwareCommand.LaunchFinish, handle + 1));
    }

    [Fact]
    public void An_identity_is_given_and_no_image_is_taken()
    {
        Assert.Equal(FirmwareStatus.InvalidLength, Give(FirmwareCommand.GetId, Data, 63));
        Assert.Equal(64u, Answer(1));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.GetId, Data, 128));
        Assert.Equal(64u, Answer(1));
        Assert.NotEqual(0UL, _host.Ram.Read(Data));
        Assert.Equal(FirmwareStatus.InvalidAddress, Give(FirmwareCommand.DownloadFirmware, Data + 16, 0x4000));
        Assert.Equal(FirmwareStatus.BadSignature, Give(FirmwareCommand.DownloadFirmware, Data, 0x4000));
        Assert.Equal(FirmwareStatus.BadSignature, Give(FirmwareCommand.SnpDownloadFirmwareEx, 24, Data, 0x4000));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpDownloadFirmwareEx, 24, Data, 2UL << 32));
        Give(FirmwareCommand.Init);
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.DownloadFirmware, Data, 0x4000));
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.SnpDownloadFirmwareEx, 24, Data, 0x4000));
    }

    [Theory]
    [InlineData(0, 0x23UL, Data, 0x8000UL, FirmwareStatus.InvalidLength)]
    [InlineData(0, 0x24UL, Data + 8, 0x8000UL, FirmwareStatus.InvalidAddress)]
    [InlineData(0, 0x24UL, 1UL << 40, 0x8000UL, FirmwareStatus.InvalidAddress)]
    [InlineData(0, 0x24UL, Data, 0x4000UL, FirmwareStatus.InvalidLength)]
    [InlineData(2, 0x24UL, Data, 0x8000UL, FirmwareStatus.InvalidConfig)]
    [InlineData(1, 0x24UL, Data, 0x8000UL, FirmwareStatus.Success)]
    [InlineData(0, 0x24UL, 0UL, 0UL, FirmwareStatus.Success)] // firmware's own store
    public void INIT_EX_tests_the_memory_of_its_persistent_data(
        int flags, ulong length, ulong address, ulong bytes, FirmwareStatus expected)
    {
        _host.Ram.Write(Data, 0x1122UL);
        Assert.Equal(expected, Give(FirmwareCommand.InitEx, length | ((ulong)flags << 32), 0, 0, address, bytes));
        Assert.Equal(0x1122UL, _host.Ram.Read(Data));
        Assert.Equal(expected == FirmwareStatus.Success ? 1 : 0, State());
    }

    [Fact]
    public void A_guest_has_an_ASID_after_a_flush()
    {
        Give(FirmwareCommand.Init, 1);
        uint first = Launch(4);
        uint second = Launch(4);
        Assert.NotEqual(first, second);
        Assert.Equal(FirmwareStatus.InvalidAsid, Activate(first, 0));
        Assert.Equal(FirmwareStatus.InvalidAsid, Activate(first, 510));
        Assert.Equal(FirmwareStatus.DfFlushRequired, Activate(first, 7));
        Assert.Equal(FirmwareStatus.WbinvdRequired, Give(FirmwareCommand.DfFlush));
        Flush();
        Assert.Equal(FirmwareStatus.Success, Activate(first, 7));
        Assert.Equal(FirmwareStatus.Active, Activate(first, 8));
        Assert.Equal(FirmwareStatus.AsidOwned, Activate(second, 7));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.GuestStatus, first));
        Assert.Equal((4UL, 7u, 1u), (_host.Ram.Read(TestMailbox.Buffer) >> 32, Answer(1), Answer(1, 4) & 0xFF));
        Assert.Equal(FirmwareStatus.Active, Give(FirmwareCommand.Decommission, first));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Deactivate, first));
        Assert.Equal(FirmwareStatus.Inactive, Give(FirmwareCommand.Deactivate, first));
        Assert.Equal(FirmwareStatus.Success, Activate(second, 7)); // it never ran
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Shutdown));
        Give(FirmwareCommand.Init, 1);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.GuestStatus, first));
        Assert.Equal(0u, Answer(1, 4) & 0xFF); // there is none
    }

    [Fact]
    public void A_key_is_shared_by_guests_of_one_policy_that_allow_it()
    {
        Give(FirmwareCommand.Init, 1);
        uint open = Launch(0);
        Assert.Equal(FirmwareStatus.InvalidGuest, Give(FirmwareCommand.LaunchStart, 99));
        Assert.Equal(FirmwareStatus.PolicyFailure, Give(FirmwareCommand.LaunchStart, open | (1UL << 32)));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.LaunchStart, open));
        uint closed = Launch(2);
        Assert.Equal(FirmwareStatus.PolicyFailure, Give(FirmwareCommand.LaunchStart, closed | (2UL << 32)));
    }

    [Fact]
    public void Memory_is_taken_in_and_debugged_in_blocks_of_16_bytes()
    {
        Give(FirmwareCommand.Init, 1);
        Flush();
        uint handle = Launch(0);
        Assert.Equal(FirmwareStatus.Inactive, Give(FirmwareCommand.LaunchUpdateData, handle, Data, 16));
        Activate(handle, 3);
        Assert.Equal(FirmwareStatus.InvalidAddress, Give(FirmwareCommand.LaunchUpdateData, handle, Data + 8, 16));
        Assert.Equal(FirmwareStatus.InvalidLength, Give(FirmwareCommand.LaunchUpdateData, handle, Data, 0));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.LaunchUpdateData, handle, Data, 4096));
        Assert.Equal(FirmwareStatus.InvalidLength, Give(FirmwareCommand.LaunchUpdateVmsa, handle, Data, 16));
        Assert.Equal(FirmwareStatus.Unsupported, Give(FirmwareCommand.LaunchUpdateVmsa, handle, Data, 4096)); // not of ES
        _host.Ram.Write(Data, 0x1234_5678UL);
        Assert.Equal(FirmwareStatus.InvalidAddress, Give(FirmwareCommand.DbgDecrypt, handle, Data + 8, Other, 16));
        Assert.Equal(FirmwareStatus.InvalidLength, Give(FirmwareCommand.DbgDecrypt, handle, Data, Other, 8));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.DbgDecrypt, handle, Data, Other, 16));
        Assert.Equal(0x1234_5678UL, _host.Ram.Read(Other));
        uint closed = Launch(1);
        Assert.Equal(FirmwareStatus.PolicyFailure, Give(FirmwareCommand.DbgEncrypt, closed, Data, Other, 16));
    }

    [Fact]
    public void With_SNP_what_is_written_has_to_be_firmwares_and_is_given_back()
    {
        _host.WriteMsr(Msr.Syscfg, 0x0388_0000UL);
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.Init)); // SNP first
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 1));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Init));
        Flush();
        FirmwareStatus ofBuffer = (FirmwareStatus)((ushort)FirmwareStatus.InvalidPageState + 64);
        Assert.Equal(ofBuffer, Give(FirmwareCommand.PlatformStatus));
        Assert.Equal(ofBuffer, Give(FirmwareCommand.LaunchStart));
        MakeFirmwares(TestMailbox.Buffer);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.LaunchStart));
        uint handle = Answer(0);
        Assert.Equal(PageState.Reclaim, StateOf(TestMailbox.Buffer));
        Assert.Equal(FirmwareStatus.Success, Activate(handle, 100));
        Assert.Equal(FirmwareStatus.InvalidPageState, Give(FirmwareCommand.LaunchUpdateData, handle, Data, 4096));
        MakeFirmwares(Data);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.LaunchUpdateData, handle, Data, 4096));
        Assert.Equal(PageState.Firmware, StateOf(Data)); // the kernel reclaims it
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpPageReclaim, Data));
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.SnpShutdown)); // SEV first
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.Shutdown));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpShutdown));
    }

    private PageState StateOf(ulong page) => _host.Machine.Table!.StateOf(PhysicalAddress.Create(page));

    private void MakeFirmwares(ulong page)
    {
        _host.RmpUpdate(page, default);
        _host.RmpUpdate(page, new RmpUpdateOperand { Assigned = true, Immutable = true });
        Assert.Equal(0UL, _host.Processor[GuestRegister.Rax]);
    }

    private uint Launch(uint policy)
    {
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.LaunchStart, (ulong)policy << 32));
        return Answer(0);
    }

    private FirmwareStatus Activate(uint handle, uint asid) => Give(FirmwareCommand.Activate, handle | ((ulong)asid << 32));

    private void Flush()
    {
        _host.Step(WatchedInstruction.FlushCaches);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.DfFlush));
    }

    private ulong Status()
    {
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.PlatformStatus));
        return _host.Ram.Read(TestMailbox.Buffer);
    }

    private int State() => (int)(Status() >> 16 & 0xFF);

    /// <summary>Four bytes of the answer.</summary>
    private uint Answer(int quadword, int offset = 0) =>
        (uint)(_host.Ram.Read(TestMailbox.Buffer + ((ulong)quadword * 8)) >> (offset * 8));

    private FirmwareStatus Give(FirmwareCommand command, params ReadOnlySpan<ulong> buffer) => _mailbox.Give(command, buffer);
}
