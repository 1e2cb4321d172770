using System.CommandLine;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Sources;

/// <summary>The part of a command line that says whose tables are followed.</summary>
internal sealed class RootOptions
{
    internal Option<int?> Cpu { get; } = new("--cpu")
    {
        HelpName = "N",
        Description = "The processor whose page tables are followed. Default: 0.",
        CustomParser = Numbers.Count,
    };

    internal Option<ulong?> Cr3 { get; } = new("--cr3")
    {
        HelpName = "HEX",
        Description = "Follow this root instead of a processor's; bits [11:0] do not matter.",
        CustomParser = Numbers.Address,
    };

    internal Option<bool> La57 { get; } = new("--la57") { Description = "Five levels, whatever CR4.LA57 says." };

    /// <summary>What is wrong with the values; null if nothing.</summary>
    internal static string? Problem(int? cpu, ulong? cr3)
    {
        if (cpu is not null && cr3 is not null) return "--cpu and --cr3 exclude each other";
        return cr3 is { } root && new Cr3(root).HasReservedBits
            ? $"--cr3: 0x{root:x} is not a physical address, which ends at 0x{PhysicalAddress.ValidMask:x}"
            : null;
    }
}
