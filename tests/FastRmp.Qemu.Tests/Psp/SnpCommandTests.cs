using System;
using FastRmp.Firmware;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Psp;

/// <summary>SNP commands beside those of a guest's life (<see cref="MailboxTests"/>): settings, debugging, pages that move.</summary>
public sealed class SnpCommandTests : IDisposable
{
    private const ulong Context = 0x40_0000UL;
    private const ulong Page = 0x40_1000UL;
    private const ulong Second = 0x40_2000UL;
    private const ulong Metadata = 0x40_3000UL;
    private const ulong Answered = 0x40_4000UL;
    private const ulong Debuggable = 0xB_0000UL;
    private const ushort Asid = 7;
    private readonly TestHost _host = new();
    private readonly TestMailbox _mailbox;

    public SnpCommandTests() => _mailbox = new TestMailbox(_host);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Every_command_has_a_name_that_injections_know()
    {
        foreach (FirmwareCommand command in Enum.GetValues<FirmwareCommand>())
        {
            Assert.DoesNotContain("0x", command.Name(), StringComparison.Ordinal);
            Assert.True(Injector.TryCreate($"firmware:{command.Name()}:1:3", out Injector? injector, out string? problem), problem);
            Assert.True(injector.TryAnswer(command, out FirmwareStatus status));
            Assert.Equal(FirmwareStatus.InvalidConfig, status);
        }
    }

    [Fact]
    public void Features_are_those_of_the_version()
    {
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpFeatureInfo, 8, Answered));
        Assert.Equal(FirmwareStatus.InvalidAddress, Give(FirmwareCommand.SnpFeatureInfo, 16, Answered + 2));
        Assert.Equal(FirmwareStatus.InvalidAddress, Give(FirmwareCommand.SnpFeatureInfo, 16, Answered + 0xFF8));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpFeatureInfo, 16 | (2UL << 32), Answered));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpFeatureInfo, 16, Answered));
        Assert.Equal((0x1_0000_0001UL, 2UL), (_host.Ram.Read(Answered), _host.Ram.Read(Answered + 8))); // x86 shutdown
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpFeatureInfo, 16 | (1UL << 32), Answered));
        Assert.Equal((0UL, 0UL), (_host.Ram.Read(Answered), _host.Ram.Read(Answered + 8)));
    }

    [Fact]
    public void Settings_are_kept_and_reported()
    {
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpConfig, 0, 4));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpConfig, 0, 0, 0, 0, 0, 0, 0, 1));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpConfig, 1)); // a newer version than it is
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpConfig, 0, 1));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpPlatformStatus, Answered + 0xFE8));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpPlatformStatus, Answered));
        Assert.Equal(9UL, _host.Ram.Read(Answered + 8)); // MASK_CHIP_ID, FEATURE_INFO
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpCommit, 8));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpCommit, 4));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpVlekLoad, 8));
        Assert.Equal(FirmwareStatus.BadMeasurement, Give(FirmwareCommand.SnpVlekLoad, 16, Answered));
        Assert.Equal(FirmwareStatus.InvalidCommand, Give((FirmwareCommand)0xB2)); // VERIFY_MITIGATION is of later firmware
        Assert.Equal(FirmwareStatus.InvalidCommand, Give((FirmwareCommand)0xD0)); // so is TIO_STATUS
    }

    [Fact]
    public void A_guests_status_is_written_to_a_page_of_firmwares()
    {
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.SnpGuestStatus, Context, Answered));
        Launch(Debuggable);
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpGuestStatus, Context + 8, Answered));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpGuestStatus, Context, Answered + 0xFE8));
        Assert.Equal(FirmwareStatus.InvalidGuest, Give(FirmwareCommand.SnpGuestStatus, Page, Answered));
        Assert.Equal(FirmwareStatus.InvalidPageState, Give(FirmwareCommand.SnpGuestStatus, Context, Answered));
        Update(Answered, Firmwares);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpGuestStatus, Context, Answered));
        Assert.Equal((Debuggable, 0x1_0000_0007UL), (_host.Ram.Read(Answered), _host.Ram.Read(Answered + 8)));
    }

    [Fact]
    public void A_guests_page_is_debugged_if_its_policy_allows_it()
    {
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.SnpDbgDecrypt, Context, Page, Answered));
        Launch(Debuggable);
        Update(Page, GuestPage(Asid));
        _host.Ram.Write(Page + 8, 0x55UL);
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpDbgDecrypt, Context, Page + 8, Answered));
        Assert.Equal(FirmwareStatus.InvalidPageState, Give(FirmwareCommand.SnpDbgDecrypt, Context, Page, Answered)); // the hypervisor's
        Update(Answered, Firmwares);
        Assert.Equal(FirmwareStatus.InvalidPageState, Give(FirmwareCommand.SnpDbgDecrypt, Context, Second, Answered));
        Assert.Equal(FirmwareStatus.InvalidGuest, Give(FirmwareCommand.SnpDbgDecrypt, Second, Page, Answered));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpDbgDecrypt, Context, Page, Answered));
        Assert.Equal(0x55UL, _host.Ram.Read(Answered + 8));
        _host.Ram.Write(Second + 8, 0x66UL); // any page of the host's
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpDbgEncrypt, Context, Second, Page));
        Assert.Equal(0x66UL, _host.Ram.Read(Page + 8));
        Assert.Equal(FirmwareStatus.InvalidPageState, Give(FirmwareCommand.SnpDbgEncrypt, Context, Page, Second));
        Update(Second, GuestPage(Asid + 1));
        Assert.Equal(FirmwareStatus.InvalidPageOwner, Give(FirmwareCommand.SnpDbgEncrypt, Context, Page, Second));
    }

    [Fact]
    public void Without_debugging_in_the_policy_nothing_is_shown()
    {
        Launch(0x3_0000UL);
        Update(Page, GuestPage(Asid));
        Update(Answered, Firmwares);
        _host.Ram.Write(Page, 0x55UL);
        Assert.Equal(FirmwareStatus.PolicyFailure, Give(FirmwareCommand.SnpDbgDecrypt, Context, Page, Answered));
        Assert.Equal(FirmwareStatus.PolicyFailure, Give(FirmwareCommand.SnpDbgEncrypt, Context, Second, Page));
        Assert.Equal(0UL, _host.Ram.Read(Answered));
    }

    [Fact]
    public void A_part_of_a_large_page_is_debugged_by_the_entry_of_the_whole()
    {
        const ulong Large = 0x60_0000UL;
        Launch(Debuggable);
        Update(Answered, Firmwares);
        Update(Large, new RmpUpdateOperand { Assigned = true, PageSize = PageSize.Size2M, Asid = Asid, Gpa = 0x20_0000UL });
        _host.Ram.Write(Large + 0x3000, 0x77UL);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpDbgDecrypt, Context, Large + 0x3000, Answered));
        Assert.Equal(0x77UL, _host.Ram.Read(Answered));
    }

    [Fact]
    public void A_request_of_a_guests_needs_a_running_guest_and_pages_of_4_KiB()
    {
        Assert.Equal(FirmwareStatus.InvalidPlatformState, Give(FirmwareCommand.SnpGuestRequest, Context, Second, Answered));
        Launch(Debuggable);
        Assert.Equal(FirmwareStatus.InvalidPageState, Give(FirmwareCommand.SnpGuestRequest, Context, Second, Answered));
        Update(Answered, Firmwares);
        Assert.Equal(FirmwareStatus.InvalidGuestState, Give(FirmwareCommand.SnpGuestRequest, Context, Second, Answered));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpLaunchFinish, Context));
        Assert.Equal(FirmwareStatus.BadMeasurement, Give(FirmwareCommand.SnpGuestRequest, Context, Second, Answered));
    }

    [Fact]
    public void Pages_move_with_their_content()
    {
        Launch(Debuggable);
        Update(Page, GuestPage(Asid));
        Update(Second, GuestPage(Asid) with { Gpa = 0x9000 });
        _host.Ram.Write(Page, 0x88UL);
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpPageMove, Context, 2, Page, Second));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpPageMove, Context, 0, Page, Second));
        Assert.Equal(0x88UL, _host.Ram.Read(Second));
        Assert.Equal(PageState.GuestInvalid, StateOf(Second));
    }

    [Fact]
    public void Pages_are_swapped_out_and_in_with_their_content()
    {
        Launch(Debuggable);
        Update(Metadata, Firmwares);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpMdInit, Context, Metadata));
        Assert.Equal(PageState.Metadata, StateOf(Metadata));
        Update(Page, GuestPage(Asid));
        Update(Second, Firmwares);
        _host.Ram.Write(Page, 0x99UL);
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpSwapOut, Context, Page, Second, Metadata, 0, 8));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpSwapOut, Context, Page, Second, Metadata));
        Assert.Equal(0x99UL, _host.Ram.Read(Second));
        _host.Ram.Write(Page, 0);
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpSwapIn, Context, Second, Page, Metadata, 1));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpSwapIn, Context, Second, Page, Metadata));
        Assert.Equal(0x99UL, _host.Ram.Read(Page));
        Assert.Equal(FirmwareStatus.InvalidMetadataEntry, Give(FirmwareCommand.SnpSwapIn, Context, Second, Page, Metadata));
    }

    [Fact]
    public void A_listed_region_becomes_fixed()
    {
        Launch(Debuggable);
        const ulong Region = 0x80_0000UL;
        for (ulong page = Region; page < Region + 0x20_0000UL; page += 0x1000) Update(page, Firmwares);
        _host.Ram.Write(Answered, 1);
        _host.Ram.Write(Answered + 8, Region);
        _host.Ram.Write(Answered + 16, 512);
        Assert.Equal(FirmwareStatus.InvalidLength, Give(FirmwareCommand.SnpPageSetState, 8, Answered));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpPageSetState, 16 | (1UL << 32), Answered));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpPageSetState, 16, Answered));
        Assert.Equal(PageState.HvFixed, StateOf(Region + 0x5000));
    }

    [Fact]
    public void A_zero_page_is_zero_and_an_ASID_is_taken_on_the_listed_processors()
    {
        Launch(Debuggable, activates: false);
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpActivateEx, 0x18, Context, Asid | (1UL << 32)));
        Assert.Equal(FirmwareStatus.InvalidParam, Give(FirmwareCommand.SnpActivateEx, 0x20, Context, Asid));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpActivateEx, 0x20, Context, Asid | (1UL << 32)));
        Update(Page, GuestPage(Asid));
        _host.Ram.Write(Page + 0xFF8, 5);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpLaunchUpdate, Context, 3UL << 1, Page));
        Assert.Equal(0UL, _host.Ram.Read(Page + 0xFF8));
    }

    private static RmpUpdateOperand Firmwares => new() { Assigned = true, Immutable = true };

    private static RmpUpdateOperand GuestPage(uint asid) => new() { Assigned = true, Immutable = true, Asid = asid, Gpa = 0x1000 };

    private PageState StateOf(ulong page) => _host.Machine.Table!.StateOf(PhysicalAddress.Create(page));

    private void Update(ulong page, RmpUpdateOperand operand)
    {
        _host.RmpUpdate(page, operand);
        Assert.Equal(0UL, _host.Processor[GuestRegister.Rax]);
    }

    private void Launch(ulong policy, bool activates = true)
    {
        _host.WriteMsr(Msr.Syscfg, 0x0388_0000UL);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpInitEx, 1));
        _host.Step(WatchedInstruction.FlushCaches);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpDfFlush));
        Update(Context, Firmwares);
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpGctxCreate, Context));
        Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpLaunchStart, Context, policy));
        if (activates) Assert.Equal(FirmwareStatus.Success, Give(FirmwareCommand.SnpActivate, Context, Asid));
    }

    private FirmwareStatus Give(FirmwareCommand command, params ReadOnlySpan<ulong> buffer) => _mailbox.Give(command, buffer);
}
