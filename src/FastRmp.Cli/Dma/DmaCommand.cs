using System.CommandLine;
using System.CommandLine.Parsing;
using FastRmp.Cli.Map;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Iommu;

namespace FastRmp.Cli.Dma;

/// <summary><c>fastrmp dma</c>: its part of the command line.</summary>
internal static class DmaCommand
{
    internal const string Examples = """
        Examples:
          fastrmp dma guest.core --device-table 1000000 --tsv
              every page that a device may reach: devid domain mode iova pa size ir iw
          fastrmp dma guest.core --device-table 1000000 --entries 256 --device 00:03.0
          fastrmp dma guest.core --device-table 1000000 --iova fffc1234
              which page each device reaches there
          fastrmp dma guest.core --device-table 1000000 --pasid all --tsv
              guest (v2) tables of all PASIDs, too, with a last column for the PASID

        The device table's address is bits [51:12] of IOMMU register 0, and it has 128 entries for each 4K of its size, bits [8:0] plus one: give
        --entries for an image that holds other memory after a smaller table. A page in several entries is listed once. Devices without tables (V or
        TV clear, neither mode nor GV) are not listed.

        Guest (v2) tables are listed for each PASID: address, physical address and rights after the host tables below them, if there are any; in the
        pieces that both map. Requests without PASID use PASID 0 where the device table entry has GIOV, else the host tables. The text and --json show
        the PASID; --tsv has requests without PASID alone, unless --pasid asks for others.

        """;

    private const int LargestTable = 65536;
    private const int LargestPasid = (1 << 20) - 1;
    private const int LowestEncryptionBit = 32;
    private const int HighestEncryptionBit = 51;

    internal static Command Create(Session session)
    {
        ImageArguments image = new();
        Option<ulong?> table = new("--device-table")
        {
            HelpName = "SPA",
            Required = true,
            Description = "Physical address of the device table.",
            CustomParser = Numbers.Address,
        };
        Option<int?> entries = new("--entries")
        {
            HelpName = "N",
            Description = "Entries of the device table. Default: 65536, as far as the image holds them.",
            CustomParser = Numbers.Count,
        };
        Option<DeviceId?> device = new("--device")
        {
            HelpName = "ID",
            Description = "List this device only: bb:dd.f, or 16 bits in hexadecimal.",
            CustomParser = Device,
        };
        Option<ulong?> iova = new("--iova")
        {
            HelpName = "HEX",
            Description = "List only what covers this address of a device.",
            CustomParser = Numbers.Address,
        };
        Option<PasidChoice?> pasid = new("--pasid")
        {
            HelpName = "N|all",
            Description = "List this PASID only, decimal or 0x; all: every one, and requests without. Default: all, but see --tsv.",
            CustomParser = Pasid,
        };
        Option<int?> encryption = new("--c-bit")
        {
            HelpName = "N",
            Description = "Bit N of entries, 32 to 51, is the C-bit and no address bit.",
            CustomParser = Numbers.Count,
        };
        IommuOptions registers = new();
        Option<bool> tsv = new("--tsv")
        {
            Description = "Tab-separated, with a heading: devid domain mode iova pa size ir iw; with --pasid also pasid.",
        };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("dma", "Lists what devices may reach through an AMD IOMMU whose tables are in a memory image.")
        {
            image.Files,
            image.Ram,
            table,
            entries,
            device,
            iova,
            pasid,
            encryption,
        };
        registers.AddTo(command);
        command.Add(tsv);
        command.Add(json);
        command.SetAction(parse =>
        {
            bool isTsv = parse.GetValue(tsv);
            bool isJson = parse.GetValue(json);
            ulong start = parse.GetValue(table)!.Value;
            int count = parse.GetValue(entries) ?? LargestTable;
            DeviceId? only = parse.GetValue(device);
            ImageFiles files = image.Get(parse);
            if (files.Problem is { } wrong) return UsageErrors.Refuse(session, command, wrong);
            if (isTsv && isJson) return UsageErrors.Refuse(session, command, "--tsv and --json exclude each other");
            if (count is 0 or > LargestTable)
            {
                return UsageErrors.Refuse(session, command, $"--entries: {count} is not a number from 1 to {LargestTable}");
            }

            if (!PhysicalAddress.TryCreate(start, out PhysicalAddress address) || !address.IsAligned(PageSize.Size4K))
            {
                return UsageErrors.Refuse(
                    session, command,
                    $"--device-table: 0x{start:x} is not a physical address of a 4K page, which ends at 0x{PhysicalAddress.ValidMask:x}");
            }

            if (only is { } id && id.Value >= count)
            {
                return UsageErrors.Refuse(
                    session, command, $"--device: {id} is number {id.Value}, beyond the {count} entries of the table");
            }

            int? bit = parse.GetValue(encryption);
            if (bit is < LowestEncryptionBit or > HighestEncryptionBit)
            {
                return UsageErrors.Refuse(session, command, $"--c-bit: {bit} is not {LowestEncryptionBit} to {HighestEncryptionBit}");
            }

            IommuState iommu = registers.State(parse, address, isSnpEnabled: false) with { EncryptionBit = bit };
            MapFormat format = isTsv ? MapFormat.Tsv : isJson ? MapFormat.Json : MapFormat.Text;
            return DmaRunner.Run(
                session,
                new DmaRequest(files, iommu, count, only, parse.GetValue(pasid) ?? default, parse.GetValue(iova), format));
        });
        return command;
    }

    private static PasidChoice? Pasid(ArgumentResult result)
    {
        if (result.Tokens[0].Value == "all") return new PasidChoice(true, null);
        int? number = Numbers.Count(result);
        if (number > LargestPasid) result.AddError($"--pasid: {number} has more than 20 bits");
        return new PasidChoice(true, (uint?)number);
    }

    private static DeviceId? Device(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (DeviceId.TryParse(text, out DeviceId id)) return id;
        result.AddError($"--device: '{text}' is not a device: bb:dd.f, or at most 16 bits in hexadecimal");
        return null;
    }
}
