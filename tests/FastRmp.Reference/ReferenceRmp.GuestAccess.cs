using System;

namespace FastRmp.Reference;

/// <content>The checks of a guest's accesses while SNP is enabled (rmp 6.1 to 6.4).</content>
public sealed partial class ReferenceRmp
{
    /// <summary>An access by an SNP guest.</summary>
    /// <param name="access">The access.</param>
    /// <returns>Allowed, #NPF or #VC.</returns>
    public ReferenceAccessResult SnpGuestAccess(ReferenceGuestAccess access)
    {
        ArgumentNullException.ThrowIfNull(access);
        bool alwaysPrivate = access.Kind is ReferenceAccessKind.Fetch or ReferenceAccessKind.PageTable;
        bool isPrivate = access.IsPrivate || alwaysPrivate;
        return isPrivate ? PrivateAccess(access) : SharedAccess(access, encrypted: false);
    }

    /// <summary>An access by a guest that is not an SNP guest: plain, SEV or SEV-ES.</summary>
    /// <param name="access">The access; IsPrivate shows in the error code, and that only by choice.</param>
    /// <returns>Allowed or #NPF.</returns>
    public ReferenceAccessResult PlainGuestAccess(ReferenceGuestAccess access)
    {
        ArgumentNullException.ThrowIfNull(access);
        // rmp 6.4, DECISION: ENC is told of SNP guests only.
        return SharedAccess(access, access.IsPrivate && _choices.EncryptionOfSevGuestsIsTold);
    }

    private ReferenceAccessResult SharedAccess(ReferenceGuestAccess access, bool encrypted)
    {
        if (!IsWriting(access.Kind)) return default;
        ReferencePageSize size = access.Kind == ReferenceAccessKind.PageTable ? ReferencePageSize.Size4K : access.MappingSize;
        if (HostMayWrite(access.Spa, size)) return default;
        return Violation(access.Kind, encrypted ? ReferenceNestedFault.Encrypted : 0);
    }

    // The order is that of rmp 6.3.
    private ReferenceAccessResult PrivateAccess(ReferenceGuestAccess access)
    {
        if (!Geometry.IsCovered(access.Spa)) return Violation(access.Kind, ReferenceNestedFault.Encrypted);

        // rmp 6.1: a large nested mapping is checked against the base entry, a small one against the page's own.
        bool nestedLarge = access.MappingSize != ReferencePageSize.Size4K;
        ReferenceEntry entry = Peek(nestedLarge ? RegionOf(access.Spa) : access.Spa);
        bool owned = IsMutablePageOf(entry, access.Asid, access.Gpa) && !IsBeingChanged(entry);
        if (!owned || entry.Large != nestedLarge) return Violation(access.Kind, ReferenceNestedFault.Encrypted);
        if (!entry.Validated) return new ReferenceAccessResult(ReferenceFault.VmmCommunication, ReferenceNestedFault.NotValidated);
        if (Allows(entry.Mask(access.Vmpl), access.Kind, access.Cpl)) return default;
        return Violation(access.Kind, ReferenceNestedFault.Encrypted + ReferenceNestedFault.Vmpl);
    }

    private static bool Allows(byte mask, ReferenceAccessKind kind, int cpl)
    {
        bool read = Has(mask, 0);
        bool write = Has(mask, 1);
        return kind switch
        {
            // Write without Read is not a legal combination: then nothing is allowed to data accesses (rmp 2.1).
            ReferenceAccessKind.Read => read,
            ReferenceAccessKind.Write => read && write,
            ReferenceAccessKind.PageTable => read && write,
            ReferenceAccessKind.Fetch => cpl == 3 ? Has(mask, 2) : Has(mask, 3),
            ReferenceAccessKind.ShadowStackRead or ReferenceAccessKind.ShadowStackWrite => Has(mask, 4),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private static ReferenceAccessResult Violation(ReferenceAccessKind kind, ulong more)
    {
        ulong code = ReferenceNestedFault.Present + ReferenceNestedFault.User + ReferenceNestedFault.Rmp + more;
        if (IsWriting(kind)) code += ReferenceNestedFault.Write;
        if (kind == ReferenceAccessKind.Fetch) code += ReferenceNestedFault.Fetch;
        code += kind == ReferenceAccessKind.PageTable ? ReferenceNestedFault.Table : ReferenceNestedFault.Final;
        bool shadowStack = kind is ReferenceAccessKind.ShadowStackRead or ReferenceAccessKind.ShadowStackWrite;
        if (shadowStack) code += ReferenceNestedFault.ShadowStack;
        return new ReferenceAccessResult(ReferenceFault.NestedPageFault, code);
    }
}
