using System;
using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>The lines that say what firmware keeps.</summary>
internal static class RowStates
{
    internal static void Line(char kind, ref RowText text, RowState state)
    {
        switch (kind)
        {
            case 'P':
                state.Platform = Platform(text.NamedNumbers());
                break;
            case 'E':
                state.Entries.Add(
                    new EntryRun(
                        text.Number("the page"), text.Number("the count"), text.Number("the low quadword"),
                        text.Number("the high quadword"), text.Number("the step")));
                break;
            case 'C':
                state.Counters.Add(((uint)text.Number("the ASID"), text.Number("the counter")));
                break;
            case 'A':
                uint first = (uint)text.Number("the first ASID");
                uint last = (uint)text.Number("the last ASID");
                state.Asids.Add(new AsidRun(first, last, Asid(text.Next("the state"), text)));
                break;
            case 'G':
                state.Contexts[text.Number("the page")] = Context(text.NamedNumbers());
                break;
            default:
                ReadOnlySpan<char> place = text.Next("the entry's place");
                if (place is "root") state.Root = Metadata(text.NamedNumbers());
                else state.Metadata[text.Number("the entry's address", place)] = Metadata(text.NamedNumbers());
                break;
        }
    }

    private static PlatformState Platform(NamedNumbers keys) => new()
    {
        IsSnpInitialized = keys["snp"] != 0,
        IsRmpInitialized = keys.Has("rmpinit"),
        IsIommuEnforced = keys.Has("iommu"),
        Guests = (uint)keys["guests"],
        Sev = (SevPlatformState)keys["sev"],
        FlushedCoreComplexes = (ushort)keys["wbinvd"],
        IsSnpEnabled = keys.Has("snpen"),
    };

    private static AsidState Asid(ReadOnlySpan<char> state, RowText text)
    {
        const ushort All = FirmwareRows.AllCoreComplexes;
        switch (state)
        {
            case "D":
                return new AsidState(All, 0, 0, 0);
            case "C":
                return new AsidState(0, All, 0, 0);
            case "A":
                return new AsidState(0, 0, All, 0);
            case "U":
                return new AsidState(0, 0, 0, All);
            default:
                break;
        }

        Span<ushort> masks = stackalloc ushort[4];
        int i = 0;
        foreach (Range part in state.Split('/'))
        {
            if (i == masks.Length) throw text.Malformed("an ASID has more than four masks");
            masks[i++] = (ushort)text.Number("a mask", state[part]);
        }

        return i == masks.Length
            ? new AsidState(masks[0], masks[1], masks[2], masks[3])
            : throw text.Malformed($"'{state}' is not a state of an ASID");
    }

    private static GuestContext Context(NamedNumbers keys) => new()
    {
        State = (GuestState)keys["state"],
        Asid = (uint)keys["asid"],
        Flags = (GuestFlags)keys["flags"],
        CoreComplexes = (ushort)keys["ccxs"],
        IsMigrationImage = keys.Has("imi"),
        Policy = new GuestPolicy(keys["policy"]),
        MigrationAgent = keys["ma"],
        IvCount = keys["iv"],
    };

    private static MetadataEntry Metadata(NamedNumbers keys) => new()
    {
        SoftwareData = keys["sw"],
        Iv = keys["iv"],
        IsValid = keys.Has("valid"),
        IsValidated = keys.Has("validated"),
        IsVmsa = keys.Has("vmsa"),
        IsMetadata = keys.Has("metadata"),
        Size = (PageSize)keys["size"],
        GuestPage = keys["gpa"],
        Permissions = keys["vmpl"],
    };
}
