using System.CommandLine;
using FastRmp.Iommu;

namespace FastRmp.Cli.Shell;

/// <summary>The options that tell an IOMMU's registers; what is not told counts as there and enabled.</summary>
internal sealed class IommuOptions
{
    internal Option<ulong?> Control { get; } = new("--control")
    {
        HelpName = "HEX",
        Description = "The IOMMU's control register (MMIO offset 0x18). Default: not known, everything is enabled.",
        CustomParser = Numbers.Address,
    };

    internal Option<ulong?> Features { get; } = new("--features")
    {
        HelpName = "HEX",
        Description = "Its extended features (EFR, offset 0x30). Default: not known, everything is there.",
        CustomParser = Numbers.Address,
    };

    internal Option<ulong?> Features2 { get; } = new("--features2")
    {
        HelpName = "HEX",
        Description = "Its extended features 2 (offset 0x1a0). Default: not known, everything is there.",
        CustomParser = Numbers.Address,
    };

    internal Option[] All => [Control, Features, Features2];

    internal void AddTo(Command command)
    {
        foreach (Option option in All) command.Add(option);
    }

    /// <summary>The IOMMU as far as the command line tells.</summary>
    internal IommuState State(ParseResult parse, PhysicalAddress table, bool isSnpEnabled) => IommuState.TableAt(table, isSnpEnabled)
        with
    {
        Control = parse.GetValue(Control) is { } control ? new IommuControl(control) : null,
        Features = parse.GetValue(Features) is { } features ? new IommuExtendedFeatures(features) : null,
        Features2 = parse.GetValue(Features2),
    };
}
