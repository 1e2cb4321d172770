using System.Linq;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>What instructions and the host's functions say of their end in one line.</summary>
public sealed class InstructionTextTests
{
    private static readonly GuestPhysicalAddress Gpa = GuestPhysicalAddress.Create(0x7000);

    [Fact]
    public void An_instruction_reports_its_code_or_its_fault()
    {
        using HypervisorRig rig = new();
        Assert.Equal("0 SUCCESS, CF 0", rig.Update(0x20_3000, rig.Put(HypervisorRig.Data, Operands.Assign(0, 5))).ToString());
        Assert.Equal("1 FAIL_INPUT, CF 1", rig.Update(1, HypervisorRig.Data, flags: new RFlags(1)).ToString());
        Assert.Equal("#PF 0x2 at 0x700000002000", rig.Read(0x20_3000, HypervisorRig.Absent - 4).ToString());
        Assert.Equal("#GP(0)", rig.Update(0x20_3000, 1UL << 63).ToString());
        Assert.Equal("outside the memory", rig.Update(0x20_3000, HypervisorRig.Outside).ToString());
        rig.Processor = ExecutionState.Host with { SnpEnabled = false };
        Assert.Equal("#UD", rig.Update(0x20_3000, HypervisorRig.Data).ToString());
    }

    [Fact]
    public void A_result_that_was_made_says_what_it_holds()
    {
        Assert.Equal(
            "3 FAIL_INUSE, CF 0, contention", new InstructionResult { Code = RmpStatus.FailInUse, IsContention = true }.ToString());
        Assert.Equal(
            "NPF 0x480000005 gpa 0x7000",
            new InstructionResult
            {
                Status = InstructionStatus.NestedPageFault,
                ExitInfo1 = new NestedPageFaultCode(0x4_8000_0005),
                ExitInfo2 = Gpa,
            }.ToString());
        Assert.Equal(
            "VC 0x404 at 0x1000",
            new InstructionResult { Status = InstructionStatus.NotValidated, ErrorCode = 0x404, FaultAddress = 0x1000 }.ToString());
        Assert.Equal("an entry changed by others each time", new InstructionResult { Status = InstructionStatus.Contended }.ToString());
        Assert.All(
            Enumerable.Range(0, 256),
            static status => Assert.NotEqual("", new InstructionResult { Status = (InstructionStatus)status }.ToString()));
    }

    [Fact]
    public void The_hosts_functions_report_what_they_did()
    {
        Assert.Equal("512 pages released, 1 leaked, by 2 RMPUPDATE and 3 PSMASH", new GuestMemoryRelease(512, 1, 2, 3).ToString());
        Assert.Equal(
            "RMPUPDATE of physical address 0x1000: done, 3 retries",
            new HostUpdate(HostUpdateStatus.Done, PhysicalAddress.Create(0x1000), RmpResult.Success, 3).ToString());
    }
}
