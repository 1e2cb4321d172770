using System.Globalization;
using System.Text.Json;
using FastRmp.Cli.Decode;
using FastRmp.Cli.Map;
using FastRmp.Cli.Shell;
using FastRmp.Iommu;

namespace FastRmp.Cli.Dma;

/// <summary>Prints one row a page.</summary>
internal sealed class DmaTable(RowWriter rows, DmaRequest request)
{
    private const int SizeColumn = 6;

    private long _pages;
    private long _devices;
    private DeviceId? _last;

    /// <summary>How many pages were printed.</summary>
    internal long Pages => _pages;

    internal void Begin()
    {
        switch (request.Format)
        {
            case MapFormat.Tsv:
                rows.Text(
                    request.Pasids.IsGiven
                        ? "devid\tdomain\tmode\tiova\tpa\tsize\tir\tiw\tpasid\n"
                        : "devid\tdomain\tmode\tiova\tpa\tsize\tir\tiw\n");
                break;
            case MapFormat.Json:
                rows.LongText(
                    $"{{\"image\":\"{JsonEncodedText.Encode(request.Image.Names[0])}\",\"device_table\":\"{request.Iommu.TableAddress}\",\"mappings\":[");
                break;
            default:
                rows.Text("device   domain  mode    pasid  device address    physical address  size   rights\n");
                break;
        }
    }

    /// <summary>A page of the host tables, for requests without PASID, or of the guest tables of a PASID.</summary>
    internal void Add(DeviceId device, in DeviceTableEntry entry, in IoMapping mapping) =>
        Add(device, entry, new Row(mapping.Pasid, mapping.DeviceAddress.Value, mapping.Address.Value, mapping.SizeShift, mapping.Rights));

    private void Add(DeviceId device, in DeviceTableEntry entry, in Row row)
    {
        if (_last != device) _devices++;
        _last = device;
        switch (request.Format)
        {
            case MapFormat.Tsv:
                Columns(device, entry, row);
                break;
            case MapFormat.Json:
                Member(device, entry, row);
                break;
            default:
                Line(device, entry, row);
                break;
        }

        _pages++;
        rows.EndRow();
    }

    internal void End()
    {
        if (request.Format == MapFormat.Json) rows.Text("\n]}\n");
        if (request.Format == MapFormat.Text)
        {
            rows.LongText($"{_pages} {(_pages == 1 ? "page" : "pages")} of {_devices} {(_devices == 1 ? "device" : "devices")}\n");
        }

        rows.Flush();
    }

    private void Columns(DeviceId device, in DeviceTableEntry entry, in Row row)
    {
        Device(device);
        rows.Char('\t');
        rows.Decimal(entry.DomainId);
        rows.Char('\t');
        rows.Decimal(entry.Mode);
        rows.Char('\t');
        rows.Hex(row.Address);
        rows.Char('\t');
        rows.Hex(row.Page);
        rows.Char('\t');
        rows.Decimal(1UL << row.SizeShift);
        rows.Char('\t');
        rows.Char(Digit(row.Rights, DmaRights.Read));
        rows.Char('\t');
        rows.Char(Digit(row.Rights, DmaRights.Write));
        if (request.Pasids.IsGiven) Pasid('\t', row);
        rows.Char('\n');
    }

    private void Line(DeviceId device, in DeviceTableEntry entry, in Row row)
    {
        rows.Text(device.ToString());
        rows.Text(
            $"  {entry.DomainId,6}  {entry.Mode,4}  {(row.Pasid is { } pasid ? pasid.ToString(CultureInfo.InvariantCulture) : "-"),7}  ");
        rows.Hex16(row.Address);
        rows.Text("  ");
        rows.Hex16(row.Page);
        rows.Text("  ");
        rows.Text(IoPageTableEntryText.Size(row.SizeShift).PadRight(SizeColumn));
        rows.Char(' ');
        rows.Char((row.Rights & DmaRights.Read) != 0 ? 'r' : '-');
        rows.Char((row.Rights & DmaRights.Write) != 0 ? 'w' : '-');
        rows.Char('\n');
    }

    private void Member(DeviceId device, in DeviceTableEntry entry, in Row row)
    {
        rows.Text(_pages == 0 ? "\n{\"devid\":\"" : ",\n{\"devid\":\"");
        Device(device);
        rows.Text("\",\"domain\":");
        rows.Decimal(entry.DomainId);
        rows.Text(",\"mode\":");
        rows.Decimal(entry.Mode);
        rows.Text(",\"pasid\":");
        if (row.Pasid is { } pasid) rows.Decimal(pasid);
        else rows.Text("null");
        rows.Text(",\"iova\":\"");
        rows.Hex(row.Address);
        rows.Text("\",\"pa\":\"");
        rows.Hex(row.Page);
        rows.Text("\",\"size\":");
        rows.Decimal(1UL << row.SizeShift);
        rows.Text(",\"ir\":");
        rows.Char(Digit(row.Rights, DmaRights.Read));
        rows.Text(",\"iw\":");
        rows.Char(Digit(row.Rights, DmaRights.Write));
        rows.Char('}');
    }

    private void Pasid(char separator, in Row row)
    {
        rows.Char(separator);
        if (row.Pasid is { } pasid) rows.Decimal(pasid);
        else rows.Char('-');
    }

    private void Device(DeviceId device)
    {
        rows.Text("0x");
        rows.Hex2((byte)device.Bus);
        rows.Hex2((byte)device.Value);
    }

    private static char Digit(DmaRights rights, DmaRights one) => (rights & one) != 0 ? '1' : '0';

    /// <summary>A page of whatever tables.</summary>
    private readonly record struct Row(uint? Pasid, ulong Address, ulong Page, int SizeShift, DmaRights Rights);
}
