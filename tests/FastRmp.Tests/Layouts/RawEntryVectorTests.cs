using FastRmp.Reference;
using FastRmp.Tests.Vectors;
using Xunit;

namespace FastRmp.Tests.Layouts;

/// <summary>Entries seen on real machines or written by firmware, field by field.</summary>
public sealed class RawEntryVectorTests
{
    public static TheoryData<string> Names()
    {
        TheoryData<string> names = [];
        foreach (string[] row in VectorFile.Rows("rmp-raw.txt"))
        {
            names.Add(row[0]);
        }

        return names;
    }

    [Fact]
    public void The_GPA_field_of_a_page_of_firmware_carries_a_tag_and_a_page()
    {
        RmpEntry metadata = new() { Assigned = true, Immutable = true, Gpa = GuestPhysicalAddress.Create(0x0001_8000_1234_5000) };
        Assert.Equal((1, 0x8000_1234_5000UL), (metadata.FirmwareTag, metadata.FirmwareAddress.Value));
        RmpEntry all = new(ulong.MaxValue, 0);
        Assert.Equal((7, 0x0000_FFFF_FFFF_F000UL), (all.FirmwareTag, all.FirmwareAddress.Value));
        RmpEntry others = new(~RmpEntry.GpaMask, ulong.MaxValue);
        Assert.Equal((0, 0UL), (others.FirmwareTag, others.FirmwareAddress.Value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_raw_entry_has_the_fields_of_its_row(string name)
    {
        string[] row = Row(name);
        RmpEntry entry = Raw(row);
        Assert.Equal(VectorFile.Flag(row[3]), entry.Assigned);
        Assert.Equal(Size(row[4]), entry.PageSize);
        Assert.Equal(VectorFile.Flag(row[5]), entry.Immutable);
        Assert.Equal(VectorFile.Number(row[6]), entry.SubpageCount);
        Assert.Equal(VectorFile.Number(row[7]), entry.Gpa.Value);
        Assert.Equal(VectorFile.Number(row[8]), entry.Asid);
        Assert.Equal(VectorFile.Flag(row[9]), entry.Vmsa);
        Assert.Equal(VectorFile.Flag(row[10]), entry.Validated);
        Assert.Equal(VectorFile.Flag(row[11]), entry.Lock);
        Assert.Equal(VectorFile.Number(row[12]), (ulong)entry.Vmpl0Permissions);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_fields_of_a_row_make_its_raw_entry(string name)
    {
        string[] row = Row(name);
        RmpEntry entry = new RmpEntry
        {
            Assigned = VectorFile.Flag(row[3]),
            PageSize = Size(row[4]),
            Immutable = VectorFile.Flag(row[5]),
            SubpageCount = (ushort)VectorFile.Number(row[6]),
            Gpa = GuestPhysicalAddress.Create(VectorFile.Number(row[7])),
            Asid = (ushort)VectorFile.Number(row[8]),
            Vmsa = VectorFile.Flag(row[9]),
            Validated = VectorFile.Flag(row[10]),
            Lock = VectorFile.Flag(row[11]),
            Vmpl0Permissions = (VmplPermissions)VectorFile.Number(row[12]),
        };
        Assert.Equal(Raw(row), entry);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_reference_reads_the_same_fields(string name)
    {
        string[] row = Row(name);
        RmpEntry entry = Raw(row);
        ReferenceEntry plain = ReferenceEntry.FromRaw(entry.Low, entry.High);
        Assert.Equal(plain.Gpa, entry.Gpa.Value);
        Assert.Equal(plain.Asid, entry.Asid);
        Assert.Equal(plain.SubpageCount, entry.SubpageCount);
        Assert.Equal(plain.Large, entry.PageSize == PageSize.Size2M);
        Assert.Equal(entry.Low, plain.ToLow());
        Assert.Equal(entry.High, plain.ToHigh());
    }

    private static string[] Row(string name)
    {
        foreach (string[] row in VectorFile.Rows("rmp-raw.txt"))
        {
            if (row[0] == name) return row;
        }

        throw new System.ArgumentException(name);
    }

    private static RmpEntry Raw(string[] row) => new(VectorFile.Number(row[1]), row[2] == "-" ? 0 : VectorFile.Number(row[2]));

    private static PageSize Size(string text) => text == "2M" ? PageSize.Size2M : PageSize.Size4K;
}
