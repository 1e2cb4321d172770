using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>Which bits must be zero, and which encodings are possible (AMD-Vi 2.1, 2.2).</content>
public sealed partial record ReferenceDeviceEntry
{
    private ulong[] _words = [0, 0, 0, 0];

    /// <summary>
    /// The numbers of the bits that are set and must be zero. The reserved ones are the specification's; that the bits of a feature count,
    /// too, and that the IOMMU logs RZ = 1 for them, was taught by a laptop's log: PPR = 1 while EPHEn was clear gave flags 0x0080 (Linux
    /// commit ef75966abf95). The fix sets EPHEn alone, so PPREn is not asked for.
    /// </summary>
    /// <param name="setup">The IOMMU.</param>
    /// <returns>Bits of the 256, ascending.</returns>
    public IReadOnlyList<int> WrongBits(ReferenceIommuSetup setup)
    {
        System.ArgumentNullException.ThrowIfNull(setup);
        List<int> wrong = [];
        for (int bit = 0; bit < 256; bit++)
        {
            bool isSet = (_words[bit / 64] >> (bit % 64)) % 2 == 1;
            if (isSet && (IsReserved(bit) || (setup.Choices.FeaturesCount && IsOfMissingFeature(bit, setup)))) wrong.Add(bit);
        }

        return wrong;
    }

    /// <summary>Whether Mode, and with GV also GLX and GuestPagingMode, are possible. That Mode 0 under SNP is an encoding error with RZ =
    /// 0 was taught by a server's log, flags 0x0020 (Linux commit ba17de98545d).</summary>
    /// <param name="setup">The IOMMU.</param>
    /// <returns>Whether they are.</returns>
    public bool IsPossible(ReferenceIommuSetup setup)
    {
        System.ArgumentNullException.ThrowIfNull(setup);
        if (Mode == 7) return false;
        if (setup.FeatureField(11, 10) is ulong hats and < 3 && Mode > 4 + (int)hats) return false;
        bool gcr3IsGuestPhysical = setup.IsEnabled(58) && setup.Has2(3);
        if (Mode == 0 && setup.SnpEnabled && !(GuestTranslation && gcr3IsGuestPhysical)) return false;
        if (!GuestTranslation) return true;
        if (GuestLevels == 3 || GuestPagingMode > 1) return false;
        if (setup.FeatureField(15, 14) is ulong glx && GuestLevels > (int)glx) return false;
        return GuestPagingMode == 0 || setup.FeatureField(13, 12) is null or > 0;
    }

    private static bool IsReserved(int bit) => bit is (>= 2 and <= 6) or 63 or 106 or 180 or 181 or 187 or (>= 192 and <= 245);

    private static bool IsOfMissingFeature(int bit, ReferenceIommuSetup setup)
    {
        bool guests = setup.Has(4) && setup.IsEnabled(16);
        return bit switch
        {
            7 => !setup.Has(49),
            8 => !setup.Has(49) || !setup.Has(52),
            52 => !setup.Has(1) || !setup.Has(50) || !setup.IsEnabled(45),
            53 => !guests || !setup.Has(1),
            54 => !guests || !setup.Has(48),
            55 or 56 or 57 or 58 or 59 or 60 => !guests, // GV, GLX, GCR3 root
            (>= 80 and <= 95) or (>= 107 and <= 127) => !guests, // GCR3 root
            182 or 183 => !guests, // GuestPagingMode
            _ => false,
        };
    }
}
