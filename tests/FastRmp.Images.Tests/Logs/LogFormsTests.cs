using System;
using System.IO;
using System.Text;
using System.Text.Json;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>Rarer forms of messages, by the format strings of Linux (also the SEV-SNP host patches before 6.9), Xen and QEMU.</summary>
public sealed class LogFormsTests
{
    [Theory]
    [InlineData("INVALID_DEV_REQUEST 00000a00 80100000 00001000 00000000", IommuEventCode.InvalidDeviceRequest, "0a:00.0")]
    [InlineData("ILLEGAL_DEV_TABLE_ENTRY 00000a01 10100000 00001000 00000000", IommuEventCode.IllegalDeviceTableEntry, "0a:00.1")]
    [InlineData("DEV_TABLE_HW_ERROR 00000a00 30100000 00001000 00000000", IommuEventCode.DeviceTableHardwareError, "0a:00.0")]
    [InlineData("PAGE_TABLE_HW_ERROR 00000a00 40100000 00001000 00000000", IommuEventCode.PageTableHardwareError, "0a:00.0")]
    [InlineData("ILLEGAL_COMMAND_ERROR 00000000 50100000 00001000 00000000", IommuEventCode.IllegalCommandError, null)]
    [InlineData("COMMAND_HW_ERROR 00000000 60100000 00001000 00000000", IommuEventCode.CommandHardwareError, null)]
    [InlineData("IOTLB_INV_TIMEOUT 00000a00 70100000 00001000 00000000", IommuEventCode.IotlbInvalidationTimeout, "0a:00.0")]
    [InlineData(
        "AMD-Vi: Event logged [UNKNOWN event[0]=0x00000a00 event[1]=0xd0100000 event[2]=0x00001000 event[3]=0x00000000",
        IommuEventCode.RmpPageFault, "0a:00.0")]
    public void An_event_of_four_words_is_taken_apart(string line, IommuEventCode code, string? device)
    {
        foreach (string prefix in (string[])["(XEN) ", "(XEN) [    1.234567] ", "[    1.234567] "])
        {
            LoggedIommuEvent logged = Assert.IsType<LoggedIommuEvent>(Assert.Single(Read(prefix + line).Findings));
            Assert.Equal((code, device, 0x1000UL, 0x10UL), (logged.Code, logged.Device, logged.Address!.Value, logged.Flags!.Value));
        }
    }

    [Fact]
    public void A_page_fault_of_Xen_is_one_with_the_walk_before_it()
    {
        const string Panic =
            """
            (XEN) Pagetable walk from ffff82d000001000:
            (XEN)  L4[0x105] = 000000083fff0063 ffffffffffffffff
            (XEN)  L3[0x140] = 0000000000000000 ffffffffffffffff
            (XEN) 
            (XEN) ****************************************
            (XEN) Panic on CPU 3:
            (XEN) FATAL PAGE FAULT
            (XEN) [error_code=0002]
            (XEN) Faulting linear address: ffff82d000001000
            """;
        LoggedPageFault fault = Assert.IsType<LoggedPageFault>(Assert.Single(Read(Panic).Findings));
        Assert.Equal((0xFFFF_82D0_0000_1000UL, 2UL, 14), (fault.Address, fault.ErrorCode, fault.Vector));
        Assert.Equal((0x8_3FFF_0063UL, 0UL), (fault.Walk!.Pgd, fault.Walk.Pud));
        fault = Assert.IsType<LoggedPageFault>(Assert.Single(
            Read("(XEN) Early fatal page fault at e008:ffff82d040201234 (cr2=0000000000001000, ec=0002)").Findings));
        Assert.Equal((0x1000UL, 2UL, 14), (fault.Address, fault.ErrorCode, fault.Vector));
    }

    [Theory]
    [InlineData("kvm_amd: SEV-SNP: DF_FLUSH failed, ret=-5, error=0x3", "DF_FLUSH", -5, 3)]
    [InlineData("ccp 0000:22:00.1: SEV-SNP DF_FLUSH failed", "DF_FLUSH", null, null)]
    [InlineData("kvm_amd: SEV-SNP launch update failed, ret: 0xfffffffb, fw_error: 0x16", "SNP_LAUNCH_UPDATE", -5, 0x16)]
    [InlineData("ccp 0000:22:00.1: SEV: failed to get status. Error: 0x3", "PLATFORM_STATUS", null, 3)]
    [InlineData("qemu: sev_snp_launch_update: SNP_LAUNCH_UPDATE ret=-5 fw_error=22 'Invalid parameter'", "SNP_LAUNCH_UPDATE", -5, 0x16)]
    public void A_refusal_of_the_firmware_is_read(string line, string command, int? code, int? status)
    {
        LoggedFirmware firmware = Assert.IsType<LoggedFirmware>(Assert.Single(Read(line).Findings));
        Assert.Equal((command, code, (ulong?)status), (firmware.Command, firmware.Code, firmware.Status));
    }

    [Theory]
    [InlineData("SEV-SNP: Failed to restore direct map for pfn 0x1234, ret: -12", "mapping_conflict")]
    [InlineData("SEV-SNP: Failed to invalidate direct map for pfn 0x1234, ret: -12", "mapping_conflict")]
    [InlineData("SEV-SNP: Failed to unmap 1 pages at pfn 0x1234 from the direct_map", "mapping_conflict")]
    [InlineData("kvm_amd: SEV: Failed to PSMASH RMP entry for PFN 0x1234 error 3", "kvm_rmp_entry")]
    [InlineData("ccp 0000:22:00.1: SEV: failed to reclaim buffer for legacy command 0x5. Error: -14", "kvm_rmp_entry")]
    [InlineData("ccp: Failed to reclaim firmware-owned pages while issuing SEV legacy command.", "kvm_rmp_entry")]
    [InlineData("SEV-SNP: Can't dump RMP entry for HVA ff11000123456000: no PTE/PFN found", "rmp_entry")]
    [InlineData("SEV: Failed to decode instruction (exit-code 0x404 IP: 0xffffffff81234567)", "guest_exception")]
    [InlineData("AMD-Vi: Command buffer timeout", "kexec")]
    [InlineData("AMD-Vi: IOMMU SNP support is enabled.", "host_setup")]
    [InlineData(
        "CPA refuse W^X violation: 8000000000000121 -> 0000000000000163 range: 0xffffffffa0000000 - 0xffffffffa0000fff PFN 12345",
        "mapping_conflict")]
    public void A_rare_message_is_a_story(string line, string kind) => Assert.Equal(kind, Assert.Single(Read(line).Stories()).Kind);

    [Theory]
    [InlineData("ccp 0000:22:00.1: SEV-SNP support requires firmware version >= 1:51", "The SEV firmware is too old for SNP.")]
    [InlineData("AMD-Vi: SNP: RMP initialization failed, SNP cannot be supported.", "The kernel could not use the RMP.")]
    public void Why_SNP_is_off_is_said(string line, string why) => Assert.Equal(why, Assert.Single(Read(line).Stories()).Why);

    [Theory]
    [InlineData("0x0:0x2", "SEV features, lack what the guest needs of SNP")]
    [InlineData("0x1:0x2", "PVALIDATE failed")]
    [InlineData("0x1:0x3", "does not run at VMPL 0")]
    [InlineData("0x2:0x9", "not a known one")]
    public void A_guest_that_ends_itself_says_why(string reason, string text)
    {
        LogReport report = Read($"kvm_amd: SEV-ES guest requested termination: {reason}");
        Assert.Contains(text, Assert.Single(report.Stories()).What, StringComparison.Ordinal);
        Assert.Equal(LogNoteKind.GuestTermination, Assert.IsType<LogNote>(Assert.Single(report.Findings)).Kind);
    }

    [Fact]
    public void An_oops_of_a_corrupt_table_has_its_code_and_address()
    {
        const string Oops =
            """
            qemu: Corrupted page table at address 7f1234567000
            PGD 800000012345e067 P4D 800000012345e067 PUD 12345f067 PMD 123460067 PTE 8000fffff0000067
            Oops: Bad pagetable: 000d [#1] PREEMPT SMP NOPTI
            """;
        LoggedPageFault fault = Assert.IsType<LoggedPageFault>(Assert.Single(Read(Oops).Findings));
        Assert.Equal((0x7F12_3456_7000UL, 0xDUL, true), (fault.Address, fault.ErrorCode, fault.IsCodeCut));
    }

    [Theory]
    [InlineData("PMD 80000001468001e3", "A page fault, the RMP's or not: kernel write at 0xffff888146800000, the page is present")]
    [InlineData("PMD 80000001468001e1", "No RMP event: kernel write at 0xffff888146800000, the page is read-only")]
    [InlineData("PMD 0", "No RMP event: kernel write at 0xffff888146800000, the page is not present", "0002")]
    public void An_oops_that_has_half_a_code_is_called_ordinary_only_where_the_tables_refuse(
        string walk, string title, string code = "0003")
    {
        string log = $"BUG: unable to handle page fault for address: ffff888146800000\nPGD 2c01067 P4D 2c01067 PUD 107267063 {walk}\n"
            + $"Oops: {code} [#1] SMP NOPTI\n";
        Assert.Equal(title, Assert.Single(Read(log).Stories()).Title);
    }

    /// <summary>Quoted-printable: an equals sign ends a line that goes on, also inside a number, and is <c>=3D</c> elsewhere.</summary>
    [Fact]
    public void The_encoding_of_a_mail_is_undone()
    {
        const string Mail =
            """
            > [   12.345678] BUG: unable to handle page fault for address: ff1276cbfdf36000
            > [   12.345680] #PF: error_code(0x80000003) - RMP violation
            > [   12.345681] PGD 5a31801067 P4D 5a31802067 PUD 40ccfb5063 PMD 40e595406=
            > 3 PTE 80000040fdf36163
            > [   12.345682] SEV-SNP: PFN 0x40fdf36, RMP entry: [0x6010fffffffff001 - 0x0000000=
            > 00000001f]
            > [   12.345683] AMD-Vi: Event logged [IO_PAGE_FAULT device=3D0a:00.0 domain=3D0x0001 address=3D0x1000 flags=3D0x0010]
            """;
        LogReport report = Read(Mail);
        LoggedPageFault fault = Assert.IsType<LoggedPageFault>(report.Findings[0]);
        Assert.Equal((0x40_E595_4063UL, 0x8000_0040_FDF3_6163UL), (fault.Walk!.Pmd, fault.Walk.Pte));
        Assert.Equal(0x1FUL, Assert.IsType<LoggedRmpEntry>(report.Findings[1]).Entry.High);
        LoggedIommuEvent logged = Assert.IsType<LoggedIommuEvent>(report.Findings[2]);
        Assert.Equal(("0a:00.0", 1UL, 0x1000UL, 0x10UL), (logged.Device, logged.Domain, logged.Address, logged.Flags));
    }

    /// <summary>Linux prints an entry only after an RMP fault: a fault without its code is not called an ordinary one then.</summary>
    [Fact]
    public void A_fault_without_its_code_and_with_an_entry_leaves_open_what_it_is()
    {
        const string Walk = "PGD 2c01067 P4D 2c01067 PUD 107267063 PMD 10382b063 PTE 8000000146800163\n";
        const string Entry = "SEV-SNP: PFN 0x146800, RMP entry: [0x6010fffffffff001 - 0x000000000000001f]";
        Assert.DoesNotContain("rmp_events", Facts(Walk + Entry), StringComparison.Ordinal);
        Assert.Contains("\"rmp_events\":0", Facts(Walk), StringComparison.Ordinal);
    }

    private static string Facts(string text)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) Read(text).WriteFacts(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static LogReport Read(string text)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.UTF8.GetBytes(text + "\n")), "log");
        return reader.ReadAll();
    }
}
