using System;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

/// <summary>The line about KVM says what the library foretells, whichever attribute the frame has.</summary>
public sealed class KvmAnswerTests : IDisposable
{
    private static readonly PhysicalAddress Small = PhysicalAddress.Create(0x4000_0000);
    private static readonly PhysicalAddress Large = PhysicalAddress.Create(0x4020_0000);

    private readonly ReverseMapTable<ContiguousGeometry> _table;

    public KvmAnswerTests()
    {
        _table = new ReverseMapTable<ContiguousGeometry>(
            ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), 0x8000_0000), ProcessorModel.Genoa);
        _table.ClaimOwnPages();
        Assign(Small, PageSize.Size4K);
        Assign(Large, PageSize.Size2M);
    }

    public void Dispose() => _table.Dispose();

    [Fact]
    public void The_answer_is_the_librarys_for_every_combination_of_bits()
    {
        int[] bits = [0, 1, 2, 3, 4, 31, 32, 33, 34, 35, 36, 37];
        for (uint pattern = 0; pattern < 1U << bits.Length; pattern += (uint)Tool.Stride)
        {
            ulong code = 0;
            for (int i = 0; i < bits.Length; i++) code |= (ulong)((pattern >> i) & 1) << bits[i];
            string line = Array.Find(
                Tool.Run("decode", "npf", $"{code:x}").OutputLines, static text => text.StartsWith("kvm: ", StringComparison.Ordinal))!;
            Agrees(line, code, isPrivate: true);
            Agrees(line, code, isPrivate: false);
        }
    }

    private void Agrees(string line, ulong code, bool isPrivate)
    {
        KvmFaultResult verdict = Judge(code, isPrivate, Small);
        Assert.StartsWith(verdict.IsPrivate ? "kvm: private by ENC" : "kvm: shared, for ENC is clear", line, StringComparison.Ordinal);
        Assert.Equal(
            verdict.Action == KvmAction.Warning, line.EndsWith("a warning, and the ioctl fails with EFAULT", StringComparison.Ordinal));
        Assert.Equal(verdict.Action == KvmAction.Mmio, line.EndsWith("taken for MMIO", StringComparison.Ordinal));
        if (verdict.Action is KvmAction.Warning or KvmAction.Mmio) return;
        string exit =
            $"memory fault exit with flags {(verdict.IsPrivate ? 8 : 0)} if the page's attribute "
                + $"is {(verdict.IsPrivate ? "shared" : "private")}, else the page is mapped";
        Assert.Contains(exit, line, StringComparison.Ordinal);
        Assert.Equal(verdict.IsPrivate != isPrivate, verdict.Action == KvmAction.MemoryFault);
        if (verdict.Action == KvmAction.MemoryFault)
        {
            Assert.Equal(verdict.IsPrivate ? 8UL : 0, verdict.ExitFlags);
            return;
        }

        FaultOutcome large = Judge(code, isPrivate, Large).Rmp;
        string end = line[(line.IndexOf(exit, StringComparison.Ordinal) + exit.Length)..];
        Assert.Equal(
            (verdict.Rmp, large) switch
            {
                (FaultOutcome.NotAnRmpFault, FaultOutcome.NotAnRmpFault) => string.Empty,
                (FaultOutcome.Spurious, FaultOutcome.Smashed) => "; then the RMP: PSMASH if the entry is of 2M, else spurious",
                (FaultOutcome.NotPrivate, FaultOutcome.NotPrivate) => "; then a warning: RMP faults are expected of private pages alone",
                _ => "unknown",
            },
            end);
    }

    private KvmFaultResult Judge(ulong code, bool isPrivate, PhysicalAddress page) => KvmFaultResult.Predict(
        _table, new NestedPageFaultCode(code), GuestPhysicalAddress.Create(0x1_0000_0000),
        new GuestFrame(isPrivate, Page: page, FolioSize: PageSize.Size2M));

    private void Assign(PhysicalAddress page, PageSize size) => Assert.Equal(
        RmpStatus.Success,
        _table.RmpUpdate(
            ExecutionState.Host, page, new RmpUpdateOperand { Assigned = true, PageSize = size, Asid = 5, Gpa = 0x1_0000_0000 }).Status);
}
