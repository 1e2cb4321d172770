using System;

namespace FastRmp.Cli.Scripts;

/// <content>Accesses, and what shows the table.</content>
internal sealed partial class ScriptRunner
{
    private void Host(ref FieldReader fields)
    {
        AccessKind kind = HostKind(ref fields);
        PhysicalAddress address = fields.Address("SPA");
        PageSize mapping = fields.Size("SIZE");
        bool isUser = fields.TryNext(out ReadOnlySpan<byte> word);
        if (isUser && !FieldReader.Is(word, "user"u8)) fields.NotAWord("user", word);
        if (fields.End()) results.Access(Machine.Host(kind, address, mapping, isUser));
    }

    private void Guest(ref FieldReader fields)
    {
        GuestKernel guest = Kernel(ref fields);
        byte cpl = (byte)fields.Number("CPL", 3);
        GuestAccessKind kind = GuestKind(ref fields);
        bool isPrivate = fields.Flag("PRIVATE");
        NestedPage page = Page(ref fields, isSizeNext: true);
        if (guest.Asid == 0) fields.Refuse("ASID 0 is the host, no guest");
        if (fields.End()) results.Access(Machine.Guest(new GuestAccess(guest.Asid, guest.Vmpl, cpl, kind, isPrivate), page));
    }

    private void InUse(ref FieldReader fields)
    {
        PhysicalAddress page = fields.Address("SPA");
        ReadOnlySpan<byte> sign = fields.Next("+ or -");
        bool adds = sign is [(byte)'+'];
        if (!adds && sign is not [(byte)'-']) fields.NotAWord("+ or -", sign);
        if (!fields.End()) return;
        if (adds)
        {
            Machine.MarkInUse(page);
        }
        else if (!Machine.TryUnmarkInUse(page))
        {
            fields.Refuse("the page is not in use");
            return;
        }

        results.Ok();
    }

    private void Entry(ref FieldReader fields)
    {
        PhysicalAddress page = fields.Address("SPA");
        if (!fields.End()) return;
        if (Machine.TryReadRaw(page, out RmpEntry entry)) results.Entry(entry);
        else results.Error("not covered");
    }

    private void State(ref FieldReader fields)
    {
        PhysicalAddress page = fields.Address("SPA");
        if (fields.End()) results.Line(Machine.StateOf(page).Name());
    }

    private void Count(ref FieldReader fields)
    {
        uint asid = fields.Number("ASID", ContiguousGeometry.AsidCounters - 1);
        if (fields.End()) results.Count(Machine.AssignedPages(asid));
    }

    private static AccessKind HostKind(ref FieldReader fields)
    {
        ReadOnlySpan<byte> word = fields.Next("KIND");
        if (FieldReader.Is(word, "read"u8)) return AccessKind.Read;
        if (FieldReader.Is(word, "write"u8)) return AccessKind.Write;
        if (!FieldReader.Is(word, "fetch"u8)) fields.NotAWord("read, write or fetch", word);
        return AccessKind.Fetch;
    }

    private static GuestAccessKind GuestKind(ref FieldReader fields)
    {
        ReadOnlySpan<byte> word = fields.Next("KIND");
        if (FieldReader.Is(word, "read"u8)) return GuestAccessKind.Read;
        if (FieldReader.Is(word, "write"u8)) return GuestAccessKind.Write;
        if (FieldReader.Is(word, "fetch"u8)) return GuestAccessKind.Fetch;
        if (!FieldReader.Is(word, "table"u8)) fields.NotAWord("read, write, fetch or table", word);
        return GuestAccessKind.PageTable;
    }
}
