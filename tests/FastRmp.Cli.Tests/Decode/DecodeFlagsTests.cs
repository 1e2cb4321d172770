using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

public class DecodeFlagsTests
{
    private static readonly string[] Names = ["GN", "NX", "US", "I", "PR", "RW", "PE", "RZ", "TR"];

    private static readonly string[] Events =
    [
        "", "ILLEGAL_DEV_TABLE_ENTRY", "IO_PAGE_FAULT", "DEV_TAB_HARDWARE_ERROR", "PAGE_TAB_HARDWARE_ERROR", "INVALID_DEVICE_REQUEST",
        "INVALID_PPR_REQUEST", "RMP_PAGE_FAULT", "RMP_HW_ERROR",
    ];

    [Theory]
    [InlineData("0070", "0x0070", "write; the page, or the device, may not be written")]
    [InlineData("0X0070", "0x0070", "write; the page, or the device, may not be written")]
    [InlineData("flags=0x0070", "0x0070", "write; the page, or the device, may not be written")]
    [InlineData("flags: 0x0070", "0x0070", "write; the page, or the device, may not be written")]
    [InlineData("flags 70", "0x0070", "write; the page, or the device, may not be written")]
    [InlineData(
        "AMD-Vi: Event logged [IO_PAGE_FAULT device=00:14.0 domain=0x0002 address=0x00000000fdf80000 flags=0x0070]", "0x0070",
        "write; the page, or the device, may not be written")]
    [InlineData(
        "AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0021 address=0x7ff00000000 flags=0x0030]\r", "0x0030",
        "write; the address lies beyond the reach of the tables")]
    [InlineData(
        "vfio-pci 0000:c1:00.0: AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0000, gpa=0x740b8784, flags_rmp=0x0011, flags=0x0020]",
        "0x0020", "write; the RMP forbids it")]
    [InlineData(
        "AMD-Vi: Event logged [RMP_HW_ERROR vmg_tag=0x0000, spa=0x740b8780, flags=0x0000]", "0x0000",
        "read; the IOMMU could not read the RMP's entry")]
    [InlineData(
        "AMD-Vi: Event logged [PAGE_TAB_HARDWARE_ERROR device=0000:04:00.0 pasid=0x00000 address=0x103aa1b40 flags=0x0020]", "0x0020",
        "write; the IOMMU could not read a page-table entry")]
    [InlineData(
        "AMD-Vi: Event logged [DEV_TAB_HARDWARE_ERROR device=0000:04:00.0 pasid=0x00000 address=0x103aa1b40 flags=0x0020]", "0x0020",
        "write; the IOMMU could not read the device table entry")]
    [InlineData(
        "AMD-Vi: Event logged [INVALID_DEVICE_REQUEST device=0000:00:00.0 pasid=0x00000 address=0xfffffffdf8000000 flags=0x0a00]", "0x0a00",
        "a request that the device may not make")]
    [InlineData(
        "AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=0000:43:00.0 pasid=0x00000 address=0x3737b01000 flags=0x0020]", "0x0020",
        "write; the device table entry is not a possible encoding")]
    [InlineData(
        "AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=0000:06:00.0 pasid=0x00000 address=0x135300000 flags=0x0080]", "0x0080",
        "read; the device table entry has a bit set that must be zero")]
    [InlineData(
        "AMD-Vi: Event logged [IO_PAGE_FAULT device=0a:00.0 domain=0x0000 address=0x000000fdf8020200 flags=0x0008]", "0x0008",
        "interrupt request; no interrupt-remapping entry is enabled for it")]
    public void Flags_are_taken_as_Linux_prints_them(string printed, string flags, string meaning)
    {
        ArgumentNullException.ThrowIfNull(printed);
        string[] lines = Tool.Run("decode", "flags", printed).SpeaksProperly().OutputLines;
        Assert.Equal($"flags: {flags}", lines[0]);
        Assert.StartsWith($"meaning: {meaning}", lines[^1], StringComparison.Ordinal);
        Assert.Equal(lines, Tool.Run(["decode", "flags", .. printed.Split(' ')]).OutputLines);
    }

    [Fact]
    public void Each_line_of_a_paste_has_its_own_event()
    {
        const string First = "AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0021 address=0x7ff00000000 flags=0x0010]";
        const string Second =
            "AMD-Vi: Event logged [ILLEGAL_DEV_TABLE_ENTRY device=0000:43:00.0 pasid=0x00000 address=0x3737b01000 flags=0x0020]";
        Assert.Equal(
            Tool.Run("decode", "flags", First, Second).Output, Tool.Run("decode", "flags", $"{First}\n{Second}\n").SpeaksProperly().Output);
    }

    [Theory]
    [InlineData(
        "AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:04:00.0 address=0x103aa1b40]",
        "HEX: the line has no flags=: 'AMD-Vi: Event logged [IOTLB_INV_TIMEOUT device=0000:04:00.0 address=0x103aa1b40]'")]
    [InlineData("vm_flags=11", "HEX: 'vm_flags=11' is not a hexadecimal number of at most 64 bits")]
    [InlineData("flags=", "HEX: 'flags=' is not a hexadecimal number of at most 64 bits")]
    [InlineData("flags=0x1000", "HEX: 0x1000 is more than the 12 bits of flags")]
    public void What_has_no_flags_is_refused(string printed, string message) => Tool.Run("decode", "flags", printed).IsUsageError(message);

    [Theory]
    [InlineData("0000c100 d0200000 740b8784 0")]
    [InlineData("0xC100,0xD0200000,0x740B8784,0x0")]
    [InlineData("AMD-Vi: Event logged [UNKNOWN event[0]=0x0000c100, event[1]=0xd0200000, event[2]=0x740b8784, event[3]=0x00000000")]
    [InlineData("event[3]=0 event[2]=740b8784 event[1]=d0200000 event[0]=c100")]
    public void The_words_of_an_event_are_taken_as_they_are_printed(string printed)
    {
        ArgumentNullException.ThrowIfNull(printed);
        string[] lines = Tool.Run("decode", "event", printed).SpeaksProperly().OutputLines;
        Assert.Equal("code: 0xd  RMP_PAGE_FAULT", lines[1]);
        Assert.Contains("address: 0x740b8784  the device's", lines);
        Assert.Equal(lines, Tool.Run(["decode", "event", .. printed.Split(' ')]).OutputLines);
        Tool.Run("decode", "event", "1 2 3").IsUsageError("E3 is missing: four 32-bit words are needed, lowest first; there are 3 numbers");
        Tool.Run("decode", "event", "1 2 3 100000000").IsUsageError("E3: 0x100000000 has more than 32 bits");
    }

    [Fact]
    public void No_sentence_about_any_flags_contradicts_a_flag()
    {
        for (int value = 0; value < 1 << 12; value += Tool.Stride)
        {
            string name = Events[value * 7 % Events.Length];
            ToolResult result = name.Length == 0
                ? Tool.Run("decode", "flags", $"{value:x}")
                : Tool.Run("decode", "flags", $"AMD-Vi: Event logged [{name} flags=0x{value:x4}]");
            Dictionary<string, string> lines = result.SpeaksProperly().OutputLines
                .ToDictionary(static line => line.Split(": ", 2)[0], static line => line.Split(": ", 2)[1]);
            Agrees(lines, value, name);
        }
    }

    private static void Agrees(Dictionary<string, string> lines, int value, string name)
    {
        int types = name switch
        {
            "INVALID_DEVICE_REQUEST" => 7,
            "DEV_TAB_HARDWARE_ERROR" or "PAGE_TAB_HARDWARE_ERROR" or "RMP_HW_ERROR" => 3,
            _ => 0,
        };
        int type = (value >> 9) & types;
        string[] set = [.. Names.Where((_, bit) => (value >> bit & 1) != 0), .. type == 0 ? (string[])[] : [$"TYPE{type}"]];
        Assert.Equal($"0x{value:x4}", lines["flags"]);
        Assert.Equal(set.Length == 0 ? "-" : string.Join(' ', set), lines["set"]);
        Assert.All(Names, (flag, bit) => Assert.Equal((value >> bit & 1) == 0 ? '0' : '1', lines[flag][0]));
        Assert.Equal((value & ~(0x1FF | (types << 9))) != 0, lines.ContainsKey("unknown"));
        bool isInterrupt = (value & 8) != 0;
        bool isTranslation = !isInterrupt && (value & 0x100) != 0;
        bool isWrite = (value & 0x20) != 0;
        string meaning = lines["meaning"];
        if (name == "INVALID_DEVICE_REQUEST")
        {
            Assert.StartsWith("a request that the device may not make", meaning, StringComparison.Ordinal);
            return;
        }

        string access = isInterrupt ? "interrupt request" : isTranslation ? "translation request" : isWrite ? "write" : "read";
        Assert.StartsWith(access, meaning, StringComparison.Ordinal);
        Assert.Equal(
            isInterrupt || isTranslation,
            !lines["RW"].EndsWith("  write", StringComparison.Ordinal) && !lines["RW"].EndsWith("  read", StringComparison.Ordinal));
        if (name is not ("" or "IO_PAGE_FAULT")) return;
        bool hasPage = meaning.Contains(" page", StringComparison.Ordinal)
            || meaning.Contains("beyond the reach", StringComparison.Ordinal);
        if (isInterrupt) Assert.False(hasPage);
        bool isReserved = (value & 0x80) != 0;
        Assert.Equal(
            isReserved,
            meaning.Contains("must be zero", StringComparison.Ordinal) || meaning.Contains("a reserved bit", StringComparison.Ordinal));
        Assert.Equal((value & 1) != 0, meaning.Contains("through guest (v2) tables", StringComparison.Ordinal));
        bool isRight = !isInterrupt && !isReserved && (value & 0x46) != 0;
        Assert.Equal(
            !isInterrupt && !isReserved && !isRight && (value & 0x10) == 0,
            meaning.EndsWith("; the page is not mapped", StringComparison.Ordinal));
        Assert.Equal(
            isRight && (value & 0x06) == 0, meaning.Contains(isWrite ? "may not be written" : "may not be read", StringComparison.Ordinal));
    }
}
