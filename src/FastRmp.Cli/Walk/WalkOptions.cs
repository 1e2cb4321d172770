using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Walk;

/// <summary>The arguments and options of <c>fastrmp walk</c>.</summary>
internal sealed class WalkOptions
{
    internal Argument<string?> Image { get; } = new("IMAGE")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = $"{ImageArguments.OneFile} Of a split kdump: one file, and the others are found beside it, or given by --part.",
    };

    internal Option<string?> Ram { get; } = ImageArguments.MakeRam();

    internal Option<string[]> Parts { get; } = new("--part")
    {
        HelpName = "FILE",
        Description = "Another file of a split kdump; may be given several times.",
    };

    internal Argument<ulong[]> Addresses { get; } = new("VA")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Addresses, hexadecimal with or without 0x: virtual ones; with --device the device's.",
        CustomParser = Parse,
    };

    internal Option<string?> Rows { get; } = new("--rows")
    {
        HelpName = "FILE",
        Description = "Perform the accesses of a file of rows instead, plain, gzip or zstd; - reads standard input.",
    };

    internal Option<bool> Write { get; } = new("--write") { Description = "The access is a write. Default: a read." };

    internal Option<bool> Fetch { get; } = new("--fetch") { Description = "The access is an instruction fetch." };

    internal Option<bool> ShadowStack { get; } = new("--shadow-stack")
    {
        Description = "The read or write is one to a shadow stack; CR4.CET counts as set.",
    };

    internal Option<bool> User { get; } = new("--user") { Description = "The access is made in user mode. Default: by the kernel." };

    internal Option<bool> Ac { get; } = new("--ac") { Description = "RFLAGS.AC is set: the kernel may touch user pages in spite of SMAP." };

    internal Option<int?> Cpu { get; } = new("--cpu")
    {
        HelpName = "N",
        Description = "The processor whose registers count. Default: 0.",
        CustomParser = Numbers.Count,
    };

    internal Option<ulong?> Cr3 { get; } = new("--cr3")
    {
        HelpName = "HEX",
        Description = "Follow this root instead of a processor's; bits [11:0] do not matter.",
        CustomParser = Numbers.Address,
    };

    internal Option<bool> La57 { get; } = new("--la57") { Description = "Five levels, whatever CR4.LA57 says." };

    internal Option<ulong?> Pkru { get; } = new("--pkru")
    {
        HelpName = "HEX",
        Description = "PKRU, which counts if CR4.PKE is set. Default: 0, all keys allow everything.",
        CustomParser = Numbers.Address,
    };

    internal Option<int?> Encryption { get; } = new("--c-bit")
    {
        HelpName = "N",
        Description = "Bit N of entries and CR3, 32 to 51, is the C-bit and no address bit. Default: 51 with --asid, else the kernel's by VMCOREINFO.",
        CustomParser = Numbers.Count
    };

    internal Option<string?> Processor { get; } = new("--processor")
    {
        HelpName = "NAME",
        Description = "milan, genoa, turin, venice or intel. Default: genoa; intel for --rows, which name the width themselves.",
    };

    internal Option<int?> Width { get; } = new("--maxphyaddr")
    {
        HelpName = "N",
        Description = "Physical-address bits, 36 to 52. Default: the processor's; 48 for milan, 52 for the others.",
        CustomParser = Numbers.Count,
    };

    internal Option<ulong?> Nested { get; } = new("--nested")
    {
        HelpName = "NCR3",
        Description = "The addresses are a guest's, whose tables at --cr3 are guest physical; nested tables at this root.",
        CustomParser = Numbers.Address,
    };

    internal Option<bool> NestedLa57 { get; } = new("--nested-la57")
    {
        Description = "Five levels of nested tables, whatever the host's CR4.LA57 says.",
    };

    internal Option<bool> ExecuteTrap { get; } = new("--gmet")
    {
        Description = "GMET is on in the guest's VMCB: U/S of nested tables keeps supervisor code from user pages, and is nothing to data.",
    };

    internal Option<DeviceId?> Device { get; } = new("--device")
    {
        HelpName = "ID",
        Description = "The addresses are those of this device's requests: bb:dd.f, or 16 bits in hexadecimal.",
        CustomParser = ParseDevice,
    };

    internal Option<ulong?> DeviceTable { get; } = new("--device-table")
    {
        HelpName = "SPA",
        Description = "Physical address of the device table, for --device.",
        CustomParser = Numbers.Address,
    };

    internal Option<int?> Pasid { get; } = new("--pasid")
    {
        HelpName = "N",
        Description = "The PASID of the device's requests, which guest (v2) tables translate. Default: requests without PASID.",
        CustomParser = Numbers.Count,
    };

    internal Option<bool> Exec { get; } = new("--exec")
    {
        Description = "The device asks to execute what it reads; guest (v2) tables know NX.",
    };

    internal Option<bool> Privileged { get; } = new("--privileged")
    {
        Description = "The device claims supervisor privilege: U/S of guest (v2) tables does not matter.",
    };

    internal Option<bool> Snp { get; } = new("--snp")
    {
        Description = "SNP is enabled in the device's IOMMU, as it is with --rmp: host translation of mode 0 is then illegal.",
    };

    internal IommuOptions Registers { get; } = new();

    internal RmpOptions Rmp { get; } = new();

    internal Option<int?> Asid { get; } = new("--asid")
    {
        HelpName = "N",
        Description = "The guest is an SNP guest with this ASID. Default: a guest without SNP.",
        CustomParser = Numbers.Count,
    };

    internal Option<int?> Vmpl { get; } = new("--vmpl")
    {
        HelpName = "N",
        Description = "Its VMPL, 0 to 3. Default: 0.",
        CustomParser = Numbers.Count,
    };

    internal Option<int?> Cpl { get; } = new("--cpl")
    {
        HelpName = "N",
        Description = "The guest's CPL, 0 to 3; 3 is --user.",
        CustomParser = Numbers.Count,
    };

    internal Option<ulong?> VirtualTom { get; } = new("--vtom")
    {
        HelpName = "HEX",
        Description = "Virtual TOM of the guest: its addresses below are private, all others shared, and its entries have no C-bit.",
        CustomParser = Numbers.Address,
    };

    /// <summary>Every option but <c>--rows</c> and <c>--processor</c>.</summary>
    internal Option[] OfImage =>
        [Ram, Parts, .. OfProcessor, Encryption, Write, Nested, .. OfGuest, Device, DeviceTable, .. OfDevice, .. Rmp.All];

    /// <summary>The options that need <c>--nested</c>.</summary>
    internal Option[] OfGuest => [NestedLa57, ExecuteTrap, Asid, Vmpl, Cpl, VirtualTom];

    /// <summary>The options that need <c>--device</c>.</summary>
    internal Option[] OfDevice => [Pasid, Exec, Privileged, Snp, .. Registers.All];

    /// <summary>The options that concern a processor's access, and no device's.</summary>
    internal Option[] OfProcessor => [Fetch, ShadowStack, User, Ac, Cpu, Cr3, La57, Pkru, Width];

    internal void AddTo(Command command)
    {
        command.Add(Image);
        command.Add(Addresses);
        foreach (Option option in (Option[])[Ram, Parts, Rows, Write, Fetch, ShadowStack, User, Ac, Cpu, Cr3, La57, Pkru, Encryption,
            Processor, Width, Nested, NestedLa57, ExecuteTrap, Device, DeviceTable, .. OfDevice, .. Rmp.All, Asid, Vmpl, Cpl, VirtualTom])
        {
            command.Add(option);
        }
    }

    /// <summary>The first of some options that the user gave; null if none is.</summary>
    internal static Option? FirstGiven(ParseResult parse, Option[] options) =>
        Array.Find(options, option => parse.GetResult(option) is { Implicit: false });

    private static DeviceId? ParseDevice(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (DeviceId.TryParse(text, out DeviceId id)) return id;
        result.AddError($"--device: '{text}' is not a device: bb:dd.f, or at most 16 bits in hexadecimal");
        return null;
    }

    private static ulong[]? Parse(ArgumentResult result)
    {
        ulong[] values = new ulong[result.Tokens.Count];
        for (int i = 0; i < values.Length; i++)
        {
            if (!Numbers.TryAddress(result, result.Tokens[i].Value, out values[i])) return null;
        }

        return values;
    }
}
