using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>What comes before every instruction: #UD, then #GP(0), then the refusal of guests, then the operand.</summary>
public sealed class ExecutionStateTests
{
    public static TheoryData<bool, byte, uint, bool> States()
    {
        TheoryData<bool, byte, uint, bool> states = [];
        foreach (bool is64Bit in new[] { false, true })
        {
            foreach (byte cpl in new byte[] { 0, 1, 2, 3 })
            {
                foreach (uint asid in new uint[] { 0, 1, 0x3FF })
                {
                    states.Add(is64Bit, cpl, asid, false);
                    states.Add(is64Bit, cpl, asid, true);
                }
            }
        }

        return states;
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Faults_come_first_and_change_nothing(bool is64Bit, byte cpl, uint asid, bool snp)
    {
        ExecutionState state = new(is64Bit, cpl, asid, snp);
        string expected = !is64Bit || !snp ? "#UD" : cpl != 0 ? "#GP(0)" : asid != 0 ? "2 FAIL_PERMISSION" : "0 SUCCESS";
        using ModelPair pair = new(2, ProcessorModel.Genoa, ModelChoices.Default);
        pair.Update(0x20_0000, Operands.Assign(0x4000_0000, 5, PageSize.Size2M));
        Assert.Equal(expected, pair.Update(state, 0x1000, Operands.Assign(0, 5)).ToString());
        Assert.Equal(expected, pair.Smash(state, 0x20_0000).ToString());

        // A malformed operand or address is looked at only by a processor that may execute the instruction.
        string malformed = expected == "0 SUCCESS" ? "1 FAIL_INPUT" : expected;
        Assert.Equal(malformed, pair.Update(state, 0x1001, Operands.Assign(0, 5)).ToString());
        Assert.Equal(malformed, pair.Smash(state, 0x1000).ToString());
        pair.CompareAll();
    }

    [Fact]
    public void The_host_is_a_kernel_with_snp_on() => Assert.Equal(new ExecutionState(true, 0, 0, true), ExecutionState.Host);

    [Fact]
    public void Results_know_what_they_are()
    {
        Assert.True(RmpResult.Success.IsSuccess);
        Assert.False(RmpResult.InvalidOpcode.IsSuccess);
        Assert.False(RmpResult.GeneralProtection.IsSuccess);
        Assert.Equal(RmpFault.InvalidOpcode, RmpResult.InvalidOpcode.Fault);
        Assert.Equal("#UD", RmpResult.InvalidOpcode.ToString());
        Assert.Equal("#GP(0)", RmpResult.GeneralProtection.ToString());
        Assert.True(RmpResult.Success == default);
        Assert.True(RmpResult.Success != RmpResult.InvalidOpcode);
        Assert.False(RmpResult.Success.Equals((object)1));
        Assert.Equal(RmpResult.Success.GetHashCode(), default(RmpResult).GetHashCode());
    }

    [Theory]
    [InlineData(RmpStatus.Success, 0, "0 SUCCESS")]
    [InlineData(RmpStatus.FailInput, 1, "1 FAIL_INPUT")]
    [InlineData(RmpStatus.FailPermission, 2, "2 FAIL_PERMISSION")]
    [InlineData(RmpStatus.FailInUse, 3, "3 FAIL_INUSE")]
    [InlineData(RmpStatus.FailOverlap, 4, "4 FAIL_OVERLAP")]
    [InlineData(RmpStatus.FailSizeMismatch, 6, "6 FAIL_SIZEMISMATCH")]
    [InlineData(RmpStatus.FailBadAddress, 7, "7 FAIL_BADADDR")]
    public void Codes_have_the_numbers_of_the_manual(RmpStatus status, int number, string text)
    {
        Assert.Equal(number, (int)status);
        Assert.Equal(text, RmpResult.Fail(status).ToString());
        Assert.False(RmpResult.Fail(status).IsContention);
        Assert.True(RmpResult.Contended(status).IsContention);
        Assert.NotEqual(RmpResult.Fail(status), RmpResult.Contended(status));
    }

    [Fact]
    public void Reserved_bits_of_the_operand_are_bad_input()
    {
        using ModelPair pair = new(1, ProcessorModel.Genoa, ModelChoices.Default);
        for (int bit = 0; bit < 32; bit++)
        {
            bool isField = bit is 0 or 8 or 16;
            RmpUpdateOperand operand = Operands.Make(
                0, assigned: true, large: false, immutable: false, asid: 5, reserved: isField ? 0 : 1UL << bit);
            Assert.Equal(isField ? RmpStatus.Success : RmpStatus.FailInput, pair.Update(0x1000, operand).Status);
        }
    }
}
