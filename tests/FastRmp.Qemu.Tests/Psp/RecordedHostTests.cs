using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Firmware;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Psp;

/// <summary>What Linux 7.3 asked of RMP and firmware from the start of its drivers to the end of an SNP guest, asked again of the plugin's
/// instructions and mailbox.</summary>
/// <remarks>
/// <para>The recording has the RMPUPDATEs in order and the commands in order, but not how the two lie between each other: its <c>fw</c>
/// lines stand where a recorder applied commands later. What a command needs settles it: a page is assigned right before the first command
/// that needs it to be Immutable, and taken back as soon as it is not Immutable any more. In the order of the <c>fw</c> lines SNP_ACTIVATE
/// would come after all pages of its ASID are assigned, which firmware refuses with INVALID_CONFIG (docs/spec/rmp.md 13.3); the kernel
/// binds the ASID in KVM_SEV_SNP_LAUNCH_START, before it has any.</para>
/// <para>The kernel's side is real. The recorded entries are those of an older FastRmp, whose RMPUPDATE left Lock clear: by
/// docs/spec/rmp.md 3 Lock follows Immutable, and so it does here. Nothing else differs.</para>
/// </remarks>
public sealed class RecordedHostTests : IDisposable
{
    private const ulong LockBit = 1UL << 63; // docs/spec/rmp.md 3, "Lock follows Immutable"
    private const ulong ImmutableBit = 1UL << 2;
    private const ulong ValidatedBit = 1UL << 62;
    private readonly TestHost _host = new(bytes: 1UL << 30);
    private readonly TestMailbox _mailbox;
    private int _updates;

    public RecordedHostTests() => _mailbox = new TestMailbox(_host);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void What_the_kernel_asked_for_is_served()
    {
        foreach (RecordedHost.Command command in RecordedHost.Commands)
        {
            if (command.Name == "SNP_INIT_EX") _host.WriteMsr(Msr.Syscfg, 0x0388_0000UL); // SNP comes on right before
            if (command.Name.EndsWith("DF_FLUSH", StringComparison.Ordinal)) _host.Step(WatchedInstruction.FlushCaches);
            foreach (ulong page in Needed(command)) UpdateUntilImmutable(page);
            Give(command);
            TakeBack();
        }

        Assert.Equal(RecordedHost.Updates.Count, _updates);
        string report = MachineReport.Of(_host.Machine);
        Assert.Contains("fastrmp: RMPUPDATE 649: 649 SUCCESS\n", report, StringComparison.Ordinal);
        Assert.Contains("the RMP is consistent\n", report, StringComparison.Ordinal);
        Assert.Equal(RecordedHost.Commands.Count, report.Split('\n').Where(IsSuccess).Sum(Count));
        IEnumerable<ulong> left = RecordedHost.Updates.Select(static update => update.Page).Distinct().Where(page => LowOf(page) != 0);
        Assert.Equal(512, left.Count()); // the region of SEV-ES, 2 MiB
    }

    [Fact]
    public void The_recording_is_what_its_description_says()
    {
        Assert.Equal(
            (516, 64, 69),
            (
                RecordedHost.Updates.Count(static update => update.Operand is { Assigned: true, Asid: 0, Immutable: true }),
                RecordedHost.Updates.Count(static update => update.Operand is { Assigned: true, Asid: 1, Immutable: true }),
                RecordedHost.Updates.Count(static update => update.Operand == default)));
        string[] applied =
        [
            .. RecordedHost.Lines("trace")
                .Where(static line => line.StartsWith("fw ", StringComparison.Ordinal) && line != "fw snp_init -> ok"),
        ];
        Assert.Equal(
            RecordedHost.Commands.Where(static command => command.Page is not null)
                .Select(static command => $"fw {command.Name[4..].ToLowerInvariant()} {command.Page:x} -> ok"),
            applied);
    }

    /// <summary>The pages that have to be Immutable when the command comes, beside those that the recorder knew.</summary>
    private static IEnumerable<ulong> Needed(RecordedHost.Command command) => command.Name switch
    {
        "SNP_PLATFORM_STATUS" when (command.Quadword(0) & 0xFFF) == 0 => [command.Quadword(0)], // in UNINIT it is a variable
        "SNP_GCTX_CREATE" => [command.Quadword(0)],
        "INIT" => Enumerable.Range(0, (int)(BitConverter.ToUInt32(command.Bytes, 16) >> 12))
            .Select(i => command.Quadword(1) + ((ulong)i << 12)), // the region of SEV-ES
        _ => command.Page is { } page ? [page] : [],
    };

    private void UpdateUntilImmutable(ulong page)
    {
        while ((LowOf(page) & ImmutableBit) == 0) Update();
    }

    /// <summary>What the kernel takes back, as far as firmware has given it back.</summary>
    private void TakeBack()
    {
        while (_updates < RecordedHost.Updates.Count && RecordedHost.Updates[_updates] is { Operand.Assigned: false } next
            && (LowOf(next.Page) & ImmutableBit) == 0)
        {
            Update();
        }
    }

    private void Update()
    {
        RecordedHost.Update update = RecordedHost.Updates[_updates++];
        _host.RmpUpdate(update.Page, update.Operand);
        Assert.Equal(update.Code, _host.Processor[GuestRegister.Rax]);
        if (!update.Operand.Assigned) Assert.Equal(0UL, LowOf(update.Page));
    }

    private void Give(RecordedHost.Command command)
    {
        Assert.True(TryGetCommand(command.Name, out FirmwareCommand number), command.Name);
        _host.Ram.Ram.Bytes(command.Buffer, 64).Clear(); // what was not recorded
        command.Bytes.CopyTo(_host.Ram.Ram.Bytes(command.Buffer, command.Bytes.Length));
        ulong page = command.Page ?? 0;
        if (command.Page is not null) Assert.Equal(command.Entry | LockBit, LowOf(page));
        Assert.Equal(FirmwareStatus.Success, _mailbox.GiveAt(number, command.Buffer));
        if (command.Page is not null)
        {
            ulong expected = command.Entry & ~ImmutableBit; // as the recorder applied it; and Lock with it
            Assert.Equal(command.Name == "SNP_LAUNCH_UPDATE" ? expected | ValidatedBit : expected, LowOf(page));
        }
        else
        {
            TestAnswer(command);
        }
    }

    private void TestAnswer(RecordedHost.Command command)
    {
        switch (command.Name) // the kernel's own words: "SEV-SNP API:1.55 build:21", "SEV API:1.55 build:21"
        {
            case "SNP_PLATFORM_STATUS":
                ulong status = _host.Ram.Read(command.Quadword(0));
                Assert.Equal((0x3701UL, 21UL), (status & 0xFFFF, (status >> 32) & 0xFF));
                break;
            case "PLATFORM_STATUS":
                ulong legacy = _host.Ram.Read(command.Buffer);
                Assert.Equal((0x3701UL, 21UL), (legacy & 0xFFFF, legacy >> 56));
                break;
            case "SNP_GCTX_CREATE":
                Assert.Equal(PageState.Context, _host.Machine.Table!.StateOf(PhysicalAddress.Create(command.Quadword(0))));
                break;
            case "SNP_DECOMMISSION":
                Assert.Equal(PageState.Firmware, _host.Machine.Table!.StateOf(PhysicalAddress.Create(command.Quadword(0))));
                break;
        }
    }

    private ulong LowOf(ulong page) =>
        _host.Machine.Table is { } table && table.TryReadRaw(PhysicalAddress.Create(page), out RmpEntry entry)
            ? entry.Low & ~RmpEntry.SubpageCountMask
            : 0;

    private static bool TryGetCommand(string name, out FirmwareCommand command)
    {
        command = Array.Find(Enum.GetValues<FirmwareCommand>(), one => one.Name() == name);
        return command != 0;
    }

    private static bool IsSuccess(string line) =>
        line.StartsWith("fastrmp: firmware ", StringComparison.Ordinal) && line.EndsWith(": SUCCESS", StringComparison.Ordinal);

    private static int Count(string line) => int.Parse(line.Split(' ')[3].TrimEnd(':'), System.Globalization.CultureInfo.InvariantCulture);
}
