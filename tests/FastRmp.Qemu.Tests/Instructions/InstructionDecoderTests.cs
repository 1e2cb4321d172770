using System;
using Xunit;

namespace FastRmp.Qemu.Tests.Instructions;

public sealed class InstructionDecoderTests
{
    [Theory]
    [InlineData("F20F01FE", nameof(WatchedInstruction.RmpUpdate))]
    [InlineData("F30F01FF", nameof(WatchedInstruction.PSmash))]
    [InlineData("F20F01FD", nameof(WatchedInstruction.RmpRead))]
    [InlineData("F20F01FC", nameof(WatchedInstruction.RmpOpt))]
    [InlineData("F20F01FE9090", nameof(WatchedInstruction.RmpUpdate))]
    [InlineData("0FA2", nameof(WatchedInstruction.Cpuid))]
    [InlineData("0F32", nameof(WatchedInstruction.ReadMsr))]
    [InlineData("0F30", nameof(WatchedInstruction.WriteMsr))]
    [InlineData("2E0FA2", nameof(WatchedInstruction.Cpuid))]
    [InlineData("3E0F30", nameof(WatchedInstruction.WriteMsr))]
    [InlineData("66480F32", nameof(WatchedInstruction.ReadMsr))]
    [InlineData("0F01D8", nameof(WatchedInstruction.RunGuest))]
    [InlineData("0F09", nameof(WatchedInstruction.FlushCaches))]
    [InlineData("F4", nameof(WatchedInstruction.Wait))]
    [InlineData("F390", nameof(WatchedInstruction.Wait))]
    [InlineData("EC", nameof(WatchedInstruction.Port))]
    [InlineData("66EF", nameof(WatchedInstruction.Port))]
    [InlineData("0F011D00000000", nameof(WatchedInstruction.LoadIdt))]
    [InlineData("0F0118", nameof(WatchedInstruction.LoadIdt))]
    [InlineData("2E660F0118", nameof(WatchedInstruction.LoadIdt))]
    [InlineData("410F0119", nameof(WatchedInstruction.LoadIdt))]
    [InlineData("0F0138", nameof(WatchedInstruction.FlushPage))]
    [InlineData("410F017D08", nameof(WatchedInstruction.FlushPage))]
    [InlineData("0F01DF", nameof(WatchedInstruction.FlushPage))]
    public void Watched_instructions_are_recognised(string bytes, string name) =>
        Assert.Equal(Enum.Parse<WatchedInstruction>(name), InstructionDecoder.Decode(Convert.FromHexString(bytes)));

    [Theory]
    [InlineData("EC", false, 1, 1)]
    [InlineData("ED", false, 4, 1)]
    [InlineData("66ED", false, 2, 2)]
    [InlineData("EE", true, 1, 1)]
    [InlineData("EF", true, 4, 1)]
    [InlineData("66EF", true, 2, 2)]
    public void IN_and_OUT_are_decoded(string bytes, bool isWrite, int size, int length)
    {
        Assert.True(PortAccess.TryDecode(Convert.FromHexString(bytes), out PortAccess access));
        Assert.Equal(new PortAccess(isWrite, size, length), access);
    }

    [Fact]
    public void An_instruction_that_answers_in_registers_is_seen_by_its_last_bytes()
    {
        int seen = 0;
        Span<byte> code = stackalloc byte[3];
        code[0] = 0x90;
        for (int pair = 0; pair <= ushort.MaxValue; pair++)
        {
            code[1] = (byte)(pair >> 8);
            code[2] = (byte)pair;
            WatchedInstruction what = InstructionDecoder.Decode(code[1..]);
            bool answers = what is WatchedInstruction.Cpuid or WatchedInstruction.ReadMsr;
            int length = InstructionDecoder.SystemBytes;
            if (PortAccess.TryDecode(code[1..], out PortAccess access))
            {
                answers = !access.IsWrite;
                length = access.Length;
            }

            if (!answers) continue;
            seen++;
            Assert.True(InstructionDecoder.MayReadAtEnd(code[..(1 + length)]), Convert.ToHexString(code));
        }

        Assert.True(seen > 2 * byte.MaxValue);
        Assert.False(InstructionDecoder.MayReadAtEnd([0x0F, 0x30]));
        Assert.False(InstructionDecoder.MayReadAtEnd([0xEC, 0xEE]));
    }

    [Theory]
    [InlineData("F20F01FF")] // PVALIDATE: #UD on the host
    [InlineData("F30F01FE")] // RMPADJUST
    [InlineData("F30F01FD")] // RMPQUERY
    [InlineData("F30F01FC")]
    [InlineData("0F01FE")] // INVLPGB
    [InlineData("0F01F8")] // SWAPGS
    [InlineData("660F01FE")]
    [InlineData("F20F01")]
    [InlineData("F20F00FE")]
    [InlineData("0F31")] // RDTSC
    [InlineData("0F01DA")] // VMLOAD: the register form of LIDT's group
    [InlineData("3E0F")]
    [InlineData("0F0110")] // LGDT
    [InlineData("0F0100")] // SGDT
    [InlineData("0F")]
    [InlineData("0F01")]
    [InlineData("6666666666666666666666666666")]
    [InlineData("90")]
    [InlineData("")]
    public void Others_are_not(string bytes) =>
        Assert.Equal(WatchedInstruction.None, InstructionDecoder.Decode(Convert.FromHexString(bytes)));
}
