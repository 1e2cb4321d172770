using System.CommandLine;
using System.CommandLine.Parsing;
using FastRmp.Addressing;
using FastRmp.Cli.Map;
using FastRmp.Cli.Shell;

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

        The device table's address is bits [51:12] of IOMMU register 0, and it has 128 entries for each 4K of its size, bits [8:0] plus one: give
        --entries for an image that holds other memory behind a smaller table. A page in several entries is listed once. Guest (v2) tables are not
        followed; devices without tables (V, TV or mode clear) are not listed.

        """;

    private const int LargestTable = 65536;

    internal static Command Create(Session session)
    {
        Argument<string> image = new("IMAGE") { Description = "ELF64 core, as QEMU's dump-guest-memory writes it, plain or gzip; - reads standard input." };
        Option<ulong?> table = new("--device-table") { HelpName = "SPA", Required = true, Description = "Physical address of the device table.", CustomParser = Numbers.Address };
        Option<int?> entries = new("--entries") { HelpName = "N", Description = "Entries of the device table. Default: 65536, as far as the image holds them.", CustomParser = Numbers.Count };
        Option<DeviceId?> device = new("--device") { HelpName = "ID", Description = "List this device only: bb:dd.f, or 16 bits in hexadecimal.", CustomParser = Device };
        Option<ulong?> iova = new("--iova") { HelpName = "HEX", Description = "List only what covers this address of a device.", CustomParser = Numbers.Address };
        Option<bool> tsv = new("--tsv") { Description = "Tab-separated, with a heading: devid domain mode iova pa size ir iw." };
        Option<bool> json = new("--json") { Description = "Print one JSON object." };
        Command command = new("dma", "Lists what devices may reach through an AMD IOMMU whose tables are in a memory image.") { image, table, entries, device, iova, tsv, json };
        command.SetAction(parse =>
        {
            bool isTsv = parse.GetValue(tsv);
            bool isJson = parse.GetValue(json);
            ulong start = parse.GetValue(table)!.Value;
            int count = parse.GetValue(entries) ?? LargestTable;
            DeviceId? only = parse.GetValue(device);
            if (parse.GetValue(image)!.Length == 0) return UsageErrors.Refuse(session, command, "a file name is empty");
            if (isTsv && isJson) return UsageErrors.Refuse(session, command, "--tsv and --json exclude each other");
            if (count is 0 or > LargestTable) return UsageErrors.Refuse(session, command, $"--entries: {count} is no number from 1 to {LargestTable}");
            if (!PhysicalAddress.TryCreate(start, out PhysicalAddress address) || !address.IsAligned(PageSize.Size4K))
            {
                return UsageErrors.Refuse(session, command, $"--device-table: 0x{start:x} is no physical address of a 4K page, which ends at 0x{PhysicalAddress.ValidMask:x}");
            }

            if (only is { } id && id.Value >= count) return UsageErrors.Refuse(session, command, $"--device: {id} is number {id.Value}, beyond the {count} entries of the table");
            MapFormat format = isTsv ? MapFormat.Tsv : isJson ? MapFormat.Json : MapFormat.Text;
            return DmaRunner.Run(session, new DmaRequest(parse.GetValue(image)!, address, count, only, parse.GetValue(iova), format));
        });
        return command;
    }

    private static DeviceId? Device(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (DeviceId.TryParse(text, out DeviceId id)) return id;
        result.AddError($"--device: '{text}' is no device: bb:dd.f, or at most 16 bits in hexadecimal");
        return null;
    }
}
