using System.Text.Json;
using FastRmp.Addressing;
using FastRmp.Cli.Decode;
using FastRmp.Cli.Map;
using FastRmp.Cli.Shell;
using FastRmp.Iommu;
using FastRmp.Layouts;

namespace FastRmp.Cli.Dma;

/// <summary>Prints one row a page.</summary>
internal sealed class DmaTable(RowWriter rows, DmaRequest request)
{
    private const int SizeColumn = 6;

    private long _pages;
    private long _devices;
    private DeviceId? _last;

    internal void Begin()
    {
        switch (request.Format)
        {
            case MapFormat.Tsv:
                rows.Text("devid\tdomain\tmode\tiova\tpa\tsize\tir\tiw\n");
                break;
            case MapFormat.Json:
                rows.LongText($"{{\"image\":\"{JsonEncodedText.Encode(request.Image)}\",\"device_table\":\"{request.DeviceTable}\",\"mappings\":[");
                break;
            default:
                rows.Text("device   domain  mode  device address    physical address  size   rights\n");
                break;
        }
    }

    internal void Add(DeviceId device, in DeviceTableEntry entry, in IoMapping mapping)
    {
        if (_last != device) _devices++;
        _last = device;
        switch (request.Format)
        {
            case MapFormat.Tsv:
                Columns(device, entry, mapping);
                break;
            case MapFormat.Json:
                Member(device, entry, mapping);
                break;
            default:
                Line(device, entry, mapping);
                break;
        }

        _pages++;
        rows.EndRow();
    }

    internal void End()
    {
        if (request.Format == MapFormat.Json) rows.Text("\n]}\n");
        if (request.Format == MapFormat.Text) rows.LongText($"{_pages} {(_pages == 1 ? "page" : "pages")} of {_devices} {(_devices == 1 ? "device" : "devices")}\n");
        rows.Flush();
    }

    private void Columns(DeviceId device, in DeviceTableEntry entry, in IoMapping mapping)
    {
        Device(device);
        rows.Char('\t');
        rows.Decimal(entry.DomainId);
        rows.Char('\t');
        rows.Decimal(entry.Mode);
        rows.Char('\t');
        rows.Hex(mapping.DeviceAddress.Value);
        rows.Char('\t');
        rows.Hex(mapping.Address.Value);
        rows.Char('\t');
        rows.Decimal(mapping.Size);
        rows.Char('\t');
        rows.Char(Digit(mapping.Rights, DmaRights.Read));
        rows.Char('\t');
        rows.Char(Digit(mapping.Rights, DmaRights.Write));
        rows.Char('\n');
    }

    private void Line(DeviceId device, in DeviceTableEntry entry, in IoMapping mapping)
    {
        rows.Text(device.ToString());
        rows.Text($"  {entry.DomainId,6}  {entry.Mode,4}  ");
        rows.Hex16(mapping.DeviceAddress.Value);
        rows.Text("  ");
        rows.Hex16(mapping.Address.Value);
        rows.Text("  ");
        rows.Text(IoPageTableEntryText.Size(mapping.SizeShift).PadRight(SizeColumn));
        rows.Char(' ');
        rows.Char((mapping.Rights & DmaRights.Read) != 0 ? 'r' : '-');
        rows.Char((mapping.Rights & DmaRights.Write) != 0 ? 'w' : '-');
        rows.Char('\n');
    }

    private void Member(DeviceId device, in DeviceTableEntry entry, in IoMapping mapping)
    {
        rows.Text(_pages == 0 ? "\n{\"devid\":\"" : ",\n{\"devid\":\"");
        Device(device);
        rows.Text("\",\"domain\":");
        rows.Decimal(entry.DomainId);
        rows.Text(",\"mode\":");
        rows.Decimal(entry.Mode);
        rows.Text(",\"iova\":\"");
        rows.Hex(mapping.DeviceAddress.Value);
        rows.Text("\",\"pa\":\"");
        rows.Hex(mapping.Address.Value);
        rows.Text("\",\"size\":");
        rows.Decimal(mapping.Size);
        rows.Text(",\"ir\":");
        rows.Char(Digit(mapping.Rights, DmaRights.Read));
        rows.Text(",\"iw\":");
        rows.Char(Digit(mapping.Rights, DmaRights.Write));
        rows.Char('}');
    }

    private void Device(DeviceId device)
    {
        rows.Text("0x");
        rows.Hex2((byte)device.Bus);
        rows.Hex2((byte)device.Value);
    }

    private static char Digit(DmaRights rights, DmaRights one) => (rights & one) != 0 ? '1' : '0';
}
