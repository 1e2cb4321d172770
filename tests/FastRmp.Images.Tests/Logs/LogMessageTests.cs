using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>What single messages mean: firmware, IOMMU, KVM, guests, and the journal's times.</summary>
public sealed class LogMessageTests
{
    [Theory]
    [InlineData("AMD-Vi: Event logged [COMMAND_HARDWARE_ERROR address=0x10ee0000 flags=0x0000]",
        "The IOMMU logged: the IOMMU could not read a command of its queue.", "the read of it from memory failed", "-")]
    [InlineData("AMD-Vi: Event logged [COMMAND_HARDWARE_ERROR address=0x10ee0000 flags=0x0400]",
        "a command of its queue (target abort: who answered refused).", "The command itself is not to blame", "TYPE2")]
    [InlineData("AMD-Vi: Event logged [ILLEGAL_COMMAND_ERROR address=0x10ee0000]",
        "The IOMMU logged: a command of the queue that is not a legal one.", "does not know", null)]
    [InlineData("AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:01:00.0 address=0x10ee0000]",
        "a device that did not answer an invalidation", "it hangs, was reset, or is gone", null)]
    [InlineData("AMD-Vi: Event logged [RMP_HW_ERROR device=0000:c1:00.0, vmg_tag=0x0000, spa=0x740b8780, flags=0x0220]",
        "write; the IOMMU could not read the RMP's entry (master abort", "could not read the RMP's entry", "RW TYPE1")]
    [InlineData("AMD-Vi: Event logged [PAGE_TAB_HARDWARE_ERROR device=0000:c1:00.0 pasid=0x0000 address=0x740b8780 flags=0x0600]",
        "read; the IOMMU could not read a page-table entry (data error", "A memory error", "TYPE3")]
    [InlineData("AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:01:00.0 pasid=0x00000 address=0xfffffffdf8000000 flags=0x0a00]",
        "a request that the device may not make", "type 5: a write to a reserved interrupt address", "TYPE5")]
    public void An_event_without_an_access_is_told_as_what_it_is(string line, string what, string why, string? flags)
    {
        LogStory story = Assert.Single(Read(line + "\n").Stories());
        Assert.Contains(what, story.What, StringComparison.Ordinal);
        Assert.Contains(why, story.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("logged: read.", story.What, StringComparison.Ordinal);
        LogDetail[] shown = [.. story.Details.Where(detail => detail.Name == "flags")];
        Assert.Equal(flags, shown.Length == 0 ? null : shown[0].Value[(shown[0].Value.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
    }

    [Fact]
    public void Every_failure_of_the_firmware_is_explained()
    {
        const string Log = """
            ccp 0000:42:00.1: SEV-SNP: failed to INIT rc -5, error 0x3
            ccp 0000:42:00.1: SEV: failed to INIT error 0x1, rc -5
            ccp 0000:42:00.1: sev command 0x93 timed out, disabling PSP
            ccp 0000:42:00.1: SEV: failed to SHUTDOWN error 0x0, rc -110
            ccp 0000:42:00.1: sev command 0xa1 failed (0x00000014)
            """;
        LogReport report = Read(Log);
        LogStory story = Assert.Single(report.Stories());
        Assert.Equal("The SEV firmware does not answer: SNP_INIT, INIT, SNP_GCTX_CREATE (0x93) and 2 more", story.Title);
        string[] parts =
        [
            "0x3 is INVALID_CONFIG: ", "0x1 is INVALID_PLATFORM_STATE: ", "rc -110 (ETIMEDOUT): ", "0x14 is HWERROR_UNSAFE: ",
        ];
        foreach (string part in parts)
        {
            Assert.Contains(part, story.Why, StringComparison.Ordinal);
        }

        Assert.Contains("did not answer SNP_GCTX_CREATE (0x93) in time", story.What, StringComparison.Ordinal);
        Assert.Contains("\"snp_init\":{\"ok\":false,\"rc\":-5,\"fw_error\":\"0x3\"}", Facts(report), StringComparison.Ordinal);
        Assert.Contains("\"sev_init\":{\"ok\":false,\"rc\":-5,\"fw_error\":\"0x1\"}", Facts(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kvm_amd: SEV: SNP_DBG_DECRYPT failed ret=-5, fw_error=19 (0x13)", "SNP_DBG_DECRYPT", -5, 0x13UL)]
    [InlineData("kvm_amd: SEV-SNP: DF_FLUSH failed, ret=-5, error=0xe", "DF_FLUSH", -5, 0xEUL)]
    [InlineData("Failed to reclaim PFN 1a2b, rc -5 fw_err 26", "SNP_PAGE_RECLAIM", -5, 0x1AUL)]
    [InlineData("qemu-system-x86_64: sev_snp_launch_start: SNP_LAUNCH_START ret=-5 fw_error=7 'Policy is not allowed'",
        "SNP_LAUNCH_START", -5, 7UL)]
    [InlineData("qemu-system-x86_64: sev_common_kvm_init: failed to initialize ret=-25 fw_error=0 ''", "INIT", -25, 0UL)]
    [InlineData("qemu-system-x86_64: sev_kvm_init: failed to get platform status ret=-5 fw_error='1: Platform state is invalid'",
        "PLATFORM_STATUS", -5, 1UL)]
    [InlineData("qemu-system-x86_64: SEV: failed to inject secret ret=-5 fw_error=2 'Guest state is invalid'", "LAUNCH_SECRET", -5, 2UL)]
    public void A_command_that_failed_is_named_with_its_status(string line, string command, int code, ulong status)
    {
        LoggedFirmware firmware = Assert.IsType<LoggedFirmware>(Assert.Single(Read(line + "\n").Findings));
        Assert.Equal((command, code, status), (firmware.Command, firmware.Code, firmware.Status));
    }

    [Theory]
    [InlineData("ccp 0000:01:00.5: SEV: too many firmware commands are in-progress, no command buffers available.",
        "firmware_trouble", "EBUSY")]
    [InlineData("ccp 0000:01:00.5: SEV: retrying INIT command because of SECURE_DATA_INVALID error. Retrying once to reset PSP SEV state.",
        "firmware_trouble", "new ones")]
    [InlineData("ccp 0000:01:00.5: SEV: TMR allocation failed, SEV-ES support unavailable", "firmware_trouble", "SEV-ES")]
    [InlineData("ccp 0000:01:00.5: SEV: SNP_INIT_EX walk_iomem_res_desc failed rc = -7", "firmware_trouble", "list of ranges")]
    [InlineData("AMD-Vi: IOMMU event log overflow", "events_lost", "missing")]
    [InlineData("AMD-Vi: IOMMU Event log restarting", "events_lost", "missing")]
    [InlineData("kvm_amd: SEV: kvm [1]: vcpu0, guest rIP: 0x0 vmgexit: exit code 0x80000099 input is not valid", "guest_request", "GHCB")]
    [InlineData("PVALIDATE failure: pfn: 0x1234, action: 1, size: 0, ret: 6, svsm_ret: 0x0", "validation_failed", "FAIL_SIZEMISMATCH")]
    [InlineData("SNP: PSC failed ret=1 exit_info_2=100000000", "validation_failed", "private or shared")]
    [InlineData("kvm_amd: Failed to ensure GFN 0x100 is in initial shared state, ret: 0, assigned: 1", "kvm_rmp_entry", "initial memory")]
    [InlineData("kvm_amd: sev_gmem_post_populate: Failed to ensure GFN 0x100 RMP entry is initial shared state, ret: 0 assigned: 1",
        "kvm_rmp_entry", "initial memory")]
    [InlineData("kvm_amd: sev_gmem_post_populate: Failed to ensure GFN 0x100 has private memory attribute set", "kvm_rmp_entry", "VMM")]
    [InlineData("Failed to allocate bounce buffer for SEV legacy command.", "kvm_rmp_entry", "not in the state")]
    [InlineData("SEV-SNP: RMP table itself (0x1000000 - 0x2000000) is not covered by the RMP mapping (0x0 - 0x1000000)",
        "host_setup", "SNP")]
    [InlineData("SEV-SNP: Failed to allocate RMPOPT cpumask", "host_setup", "SEV")]
    public void A_rarer_message_is_a_story(string line, string kind, string what)
    {
        LogStory story = Assert.Single(Read($"[   12.345678] {line}\n").Stories());
        Assert.Equal(kind, story.Kind);
        Assert.Contains(what, story.Title + story.What + story.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Firmware_that_is_too_old_is_said_with_what_is_asked_for()
    {
        LogReport report = Read("ccp 0000:01:00.5: SEV-SNP support requires firmware version >= 1:51\n");
        Assert.Equal("{\"snp_init\":{\"ok\":false,\"reason\":\"firmware older than 1.51\"}}", Facts(report));
        Assert.Contains("too old", Assert.Single(report.Stories()).Title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_of_guest_that_KVM_does_not_offer_is_said()
    {
        const string Log =
            "kvm_amd: SEV unusable (ASIDs 100 - 99)\nkvm_amd: SEV-ES enabled (ASIDs 1 - 99)\nkvm_amd: SEV-SNP disabled (ASIDs 0 - 0)\n";
        LogStory story = Assert.Single(Read(Log).Stories());
        Assert.True(story.IsTrouble);
        Assert.Contains("SEV-SNP disabled", story.Title, StringComparison.Ordinal);
        Assert.Contains(story.Details, static detail => detail.Value.Contains("which is none, unusable", StringComparison.Ordinal));
        Assert.Contains(story.Details, static detail => detail.Value.StartsWith("sev_snp: 0 - 0, disabled", StringComparison.Ordinal));
    }

    [Fact]
    public void A_segment_whose_size_does_not_fit_its_range_is_doubted()
    {
        const string Fits = "SEV-SNP: RMP segment 0 physical address [0x8800000 - 0x10ffffff] covering [0x0 - 0x87fffffff]\n";
        Assert.DoesNotContain(
            Assert.Single(Read(Fits).Stories()).Open, static open => open.Contains("16 bytes", StringComparison.Ordinal));
        LogStory story = Assert.Single(Read(Fits.Replace("0x87fffffff", "0x97fffffff", StringComparison.Ordinal)).Stories());
        Assert.Contains(story.Details, static detail => detail.Value.EndsWith(
            "but has entries for 34 GiB, and that range has 38 GiB", StringComparison.Ordinal));
        Assert.Contains(story.Open, static open => open.Contains("16 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public void An_entry_that_no_page_may_have_has_no_state()
    {
        string facts = Facts(Read("SEV-SNP: PFN 0x10, RMP entry: [0x8000000000000003 - 0x0000000000000000]\n"));
        Assert.DoesNotContain("INVALID", facts, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"__REALTIME_TIMESTAMP\":\"1700000000000001\",\"MESSAGE\":\"@\"}\n", "2023-11-14T22:13:20.000001Z")]
    [InlineData("{\"MESSAGE\":\"@\",\"__REALTIME_TIMESTAMP\":\"1700000000000001\"}\n", "2023-11-14T22:13:20.000001Z")]
    [InlineData("{\"MESSAGE\":\"@\",\"__MONOTONIC_TIMESTAMP\":\"5000001\"}\n", "5.000001")]
    [InlineData("{\"MESSAGE\":\"[   12.345678] @\",\"__REALTIME_TIMESTAMP\":\"1700000000000001\"}\n", "12.345678")]
    [InlineData("{\n\t\"__REALTIME_TIMESTAMP\" : \"1700000000000001\",\n\t\"MESSAGE\" : \"@\"\n}\n", "2023-11-14T22:13:20.000001Z")]
    [InlineData("{\n\t\"MESSAGE\" : \"@\",\n\t\"__REALTIME_TIMESTAMP\" : \"1700000000000001\"\n}\n", "2023-11-14T22:13:20.000001Z")]
    [InlineData("{\n\t\"__REALTIME_TIMESTAMP\" : \"1600000000000001\"\n}\n{\n\t\"MESSAGE\" : \"@\"\n}\n", null)]
    [InlineData("__REALTIME_TIMESTAMP=1700000000000001\nPRIORITY=3\nMESSAGE=@\n\n", "2023-11-14T22:13:20.000001Z")]
    [InlineData("__REALTIME_TIMESTAMP=1600000000000001\nMESSAGE=x\n\nMESSAGE=@\n\n", null)]
    [InlineData("{\"__REALTIME_TIMESTAMP\":\"999999999999999999\",\"MESSAGE\":\"@\"}\n", null)]
    [InlineData("{\"__REALTIME_TIMESTAMP\":\"x\",\"MESSAGE\":\"@\"}\n", null)]
    public void A_journals_field_is_the_time(string entry, string? time)
    {
        ArgumentNullException.ThrowIfNull(entry);
        string log = entry.Replace("@", "SEV-SNP: RMPUPDATE failed for PFN 12, pg_level: 1, ret: 2", StringComparison.Ordinal);
        Assert.Equal(time, Assert.IsType<LoggedRmpUpdate>(Assert.Single(Read(log).Findings)).Place.Stamp);
        string late = new string('x', 600_000) + "\n\n" + log; // at the begin of a block
        Assert.Equal(time, Assert.IsType<LoggedRmpUpdate>(Assert.Single(Read(late).Findings)).Place.Stamp);
    }

    private static LogReport Read(string text)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(Encoding.UTF8.GetBytes(text)), "log");
        return reader.ReadAll();
    }

    private static string Facts(LogReport report)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) report.WriteFacts(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
