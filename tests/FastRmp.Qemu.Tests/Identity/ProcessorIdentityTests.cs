using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Identity;

public sealed class ProcessorIdentityTests
{
    [Theory]
    [InlineData("milan", 0x43Au, 509u)]
    [InlineData("genoa", 0x4FAu, 1006u)]
    [InlineData("turin", 0x40A0_04FAu, 1006u)]
    [InlineData("venice", 0x40A0_04FAu, 1006u)]
    public void Memory_encryption_is_that_of_the_generation(string name, uint features, uint asids)
    {
        using TestHost host = new(name);
        host.Processor[GuestRegister.Rax] = 0x8000_001FUL;
        Assert.Equal(TestHost.Rip + 2, host.Step(WatchedInstruction.Cpuid));
        Assert.Equal(features, host.Processor[GuestRegister.Rax]);
        Assert.Equal(0x4033UL, host.Processor[GuestRegister.Rbx]); // C-bit 51, no address bits lost, 4 VMPLs
        Assert.Equal(asids, host.Processor[GuestRegister.Rcx]);
        Assert.True(host.Machine.WasAsked);
    }

    [Theory]
    [InlineData("milan", 0u, 0u, 0u)]
    [InlineData("turin", 0xD1Eu, 0x100u, 0u)]
    [InlineData("venice", 0xD1Eu, 0x100u, 1u)]
    public void Segments_are_those_of_the_generation(string name, uint sizes, uint limits, uint others)
    {
        ProcessorModel.TryGetPreset(name, out ProcessorModel? model);
        Assert.True(ProcessorIdentity.TryAnswer(model!, 0x8000_0025u, out CpuidAnswer answer));
        Assert.Equal(new CpuidAnswer(sizes, limits, 0, others), answer);
        if (model!.HasSegmentedRmp)
        {
            Assert.Equal(model, model.WithSegmentation(answer.Eax, answer.Ebx, ModelChoices.Default));
            ProcessorModel hard = model with { HasHardSegmentLimit = true, MaxSegments = 32 };
            Assert.True(ProcessorIdentity.TryAnswer(hard, 0x8000_0025u, out answer));
            Assert.Equal(hard, model.WithSegmentation(answer.Eax, answer.Ebx, ModelChoices.Default));
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0x8000_0000u)]
    [InlineData(0x8000_0008u)]
    [InlineData(0x8000_0026u)]
    public void Other_leaves_are_the_emulators(uint leaf)
    {
        using TestHost host = new();
        host.Processor[GuestRegister.Rax] = leaf;
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.Cpuid));
        Assert.False(host.Machine.WasAsked);
    }

    [Fact]
    public void SVM_has_what_KVM_demands_for_SEV()
    {
        Assert.True(ProcessorIdentity.TryAnswer(ProcessorModel.Milan, 0x8000_000Au, out CpuidAnswer answer));
        Assert.Equal(new CpuidAnswer(1, 0x8000u, 0, 0xCBu), answer); // NP, LBRV, NRIPS, FlushByAsid, DecodeAssists
    }

    [Fact]
    public void In_real_mode_nothing_is_answered()
    {
        using TestHost host = new();
        host.Processor[GuestRegister.Rax] = 0x8000_001FUL;
        host.Processor[GuestRegister.Cr0] = 0x10;
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.Cpuid));
    }
}
