using System.Collections.Generic;
using System.Globalization;
using FastRmp.Iommu;

namespace FastRmp.Images;

/// <summary>Whether a device table entry is legal, why not, and on which register bits that depends. The rules are those of
/// <see cref="IommuState.Check"/>.</summary>
internal sealed class DeviceTableEntryCheck
{
    private const int ReservedMode = 7;
    private const int ReservedGuestLevels = 3;
    private const int QuadwordBits = 64;

    private readonly List<string> _wrong = []; // bits that must be zero
    private readonly List<string> _impossible = []; // encodings that cannot be
    private readonly List<(string Register, string Field, bool IsEncoding)> _open = []; // what depends on a register that is not known
    private readonly IommuState _iommu;
    private readonly DeviceTableEntry _entry;

    private DeviceTableEntryCheck(DeviceTableEntry entry, IommuState iommu)
    {
        _entry = entry;
        _iommu = iommu;
        for (int word = 0; word < DeviceTableEntry.SizeInBytes / sizeof(ulong); word++) Reserved(word);
        Features();
        Encodings();
    }

    /// <summary>The result in one line.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="iommu">The registers, as far as they are known.</param>
    internal static string Of(DeviceTableEntry entry, IommuState iommu)
    {
        if (!entry.Valid) return "legal: V = 0, so that no other bit is looked at; requests pass untranslated";
        DeviceTableEntryCheck result = new(entry, iommu);
        return result.Text();
    }

    private string Text()
    {
        if (_wrong.Count != 0) return $"illegal: {string.Join(", ", _wrong)}; {Event(0x80)}";
        List<(string Register, string Field, bool IsEncoding)> open = _open;
        if (!_entry.TranslationValid) open = open.FindAll(static condition => !condition.IsEncoding);
        bool isImpossible = _entry.TranslationValid && _impossible.Count != 0;
        string conditions = Conditions(open);
        if (isImpossible)
        {
            string text = $"illegal: {string.Join(", ", _impossible)}; {Event(0)}";
            List<(string Register, string Field, bool IsEncoding)> bits = open.FindAll(static condition => !condition.IsEncoding);
            return bits.Count == 0
                ? text
                : $"{text}; unless {Conditions(bits)} {(IsOne(bits) ? "is" : "are")} set: {Fields(bits)}; {Event(0x80)}";
        }

        string legal = _entry.TranslationValid ? "legal" : "legal: TV = 0, requests are aborted with IO_PAGE_FAULT";
        if (open.Count == 0) return legal;
        bool isBit = open.Exists(static condition => !condition.IsEncoding);
        return $"{legal} if {conditions} {(IsOne(open) ? "is" : "are")} set, else illegal: {Fields(open)}; {(isBit ? Event(0x80) : Event(0))}{(isBit && open.Exists(static condition => condition.IsEncoding) ? " (for GCR3TRPMode alone RZ is clear)" : string.Empty)}";
    }

    private static bool IsOne(List<(string Register, string Field, bool IsEncoding)> open) =>
        open.TrueForAll(condition => condition.Register == open[0].Register);

    private static string Conditions(List<(string Register, string Field, bool IsEncoding)> open)
    {
        List<string> names = [];
        foreach ((string register, _, _) in open)
        {
            if (!names.Contains(register)) names.Add(register);
        }

        return string.Join(" and ", names);
    }

    private static string Fields(List<(string Register, string Field, bool IsEncoding)> open) =>
        string.Join(", ", open.ConvertAll(static condition => condition.Field));

    private static string Event(uint flags) => string.Create(
        CultureInfo.InvariantCulture,
        $"ILLEGAL_DEV_TABLE_ENTRY, {(flags == 0 ? "RZ clear" : "RZ set")}, flags=0x{flags:x4} for a read, 0x{flags | 0x20:x4} for a write");

    private void Reserved(int word)
    {
        ulong bits = word switch
        {
            0 => _entry.Word0 & DeviceTableEntry.Word0ReservedMask,
            1 => _entry.Word1 & DeviceTableEntry.Word1ReservedMask,
            2 => _entry.Word2 & DeviceTableEntry.Word2ReservedMask,
            _ => _entry.Word3 & DeviceTableEntry.Word3ReservedMask,
        };
        for (int bit = 0; bit < QuadwordBits; bit++)
        {
            if ((bits >> bit & 1) == 0) continue;
            int last = bit;
            while (last + 1 < QuadwordBits && (bits >> (last + 1) & 1) != 0) last++;
            int first = (QuadwordBits * word) + bit;
            _wrong.Add(last == bit
                ? string.Create(CultureInfo.InvariantCulture, $"reserved bit {first} is set")
                : string.Create(CultureInfo.InvariantCulture, $"reserved bits {first} to {(QuadwordBits * word) + last} are set"));
            bit = last;
        }
    }

    private void Features()
    {
        IommuControl? control = _iommu.Control;
        IommuExtendedFeatures? features = _iommu.Features;
        string guest = GuestFields();
        if (guest.Length != 0)
        {
            Needs(guest, "control bit 16 (GTEn)", control?.GuestTranslationEnable);
            Lacks(guest, "EFR bit 4 (GTSup)", features?.GuestTranslation);
        }

        if (_entry.GuestIoProtection) Lacks("GIOV", "EFR bit 48 (GIOSup)", features?.GuestIoProtection);
        if (_entry.GuestPageResponsePasid) Lacks("GPRP", "EFR bit 1 (PPRSup)", features?.PageRequests);
        if (_entry.PeripheralPageRequests)
        {
            Needs("PPR", "control bit 45 (EPHEn)", control?.EnhancedPageRequestEnable);
            Lacks("PPR", "EFR bit 1 (PPRSup)", features?.PageRequests);
            Lacks("PPR", "EFR bit 50 (EPHSup)", features?.EnhancedPageRequests);
        }

        if (_entry.HostAccessDirty != 0) Lacks("HAD", "EFR bit 49 (HASup)", features?.HostAccessed);
        if (_entry.HostAccessDirty > 1) Lacks("HAD", "EFR bit 52 (HDSup)", features?.HostDirty);
    }

    private string GuestFields()
    {
        List<string> names = [];
        if (_entry.GuestTranslationValid) names.Add("GV");
        if (_entry.GuestLevels != 0) names.Add("GLX");
        if (_entry.GuestCr3Page != 0) names.Add("GCR3 root");
        if (_entry.GuestIoProtection) names.Add("GIOV");
        if (_entry.GuestPageResponsePasid) names.Add("GPRP");
        if (_entry.GuestPagingMode != 0) names.Add("GuestPagingMode");
        return string.Join(", ", names);
    }

    private void Encodings()
    {
        if (_entry.Mode == ReservedMode)
        {
            _impossible.Add("Mode 7 is reserved");
        }
        else if (_entry.Mode > _iommu.LargestMode)
        {
            _impossible.Add(
                string.Create(CultureInfo.InvariantCulture, $"Mode {_entry.Mode} is more than HATS has"));
        }

        if (_entry.Mode == 0 && _iommu.IsSnpEnabled) UnderSnp();
        if (!_entry.GuestTranslationValid) return;
        if (_entry.GuestLevels == ReservedGuestLevels)
        {
            _impossible.Add("GLX 3 is reserved");
        }
        else if (_iommu.Features is { } known && _entry.GuestLevels > known.GuestLevels)
        {
            _impossible.Add(
                string.Create(CultureInfo.InvariantCulture, $"GLX {_entry.GuestLevels} is more than GLXSup has"));
        }

        if (_entry.GuestPagingMode > 1)
        {
            _impossible.Add(
                string.Create(CultureInfo.InvariantCulture, $"GuestPagingMode {_entry.GuestPagingMode} is not a number of levels"));
        }
        else if (_entry.GuestPagingMode == 1 && _iommu.Features is { GuestAddressSize: 0 })
        {
            _impossible.Add(
                "GuestPagingMode 1 is more than GATS has");
        }
    }

    private void UnderSnp()
    {
        const string Rule = "Mode 0 while SNP is enabled";
        if (!_entry.GuestTranslationValid) _impossible.Add(Rule);
        else if (!(_iommu with { Control = null }).Gcr3IsGuestPhysical) _impossible.Add(Rule + " without EFR2 bit 3 (GCR3TRPMode)");
        else if (_iommu.Control is { Gcr3IsGuestPhysical: false }) _impossible.Add(Rule + ", and control bit 58 (GCR3TRPMode) is clear");
        else if (_iommu.Control is null) _open.Add(("control bit 58 (GCR3TRPMode)", Rule, true));
    }

    /// <summary>A field that a control bit has to enable.</summary>
    private void Needs(string field, string register, bool? isSet)
    {
        if (isSet is null) _open.Add((register, $"{field} while {register} is clear", false));
        else if (isSet == false) _wrong.Add($"{field} while {register} is clear");
    }

    /// <summary>A field that requires a feature; an unknown feature counts as present.</summary>
    private void Lacks(string field, string register, bool? isSet)
    {
        if (isSet == false) _wrong.Add($"{field} while {register} is clear");
    }
}
