namespace FastRmp.Reference;

/// <summary>What the bits of an address, an entry and a set of tables mean under some paging state (paging 2 to 4 and 6.1).</summary>
/// <remarks>Shared by the host's walk and the guest's; the walks themselves are elsewhere.</remarks>
internal sealed class ReferencePagingRules(ReferencePaging paging)
{
    /// <summary>One bit of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="bit">The bit's number.</param>
    /// <returns>Whether it is set.</returns>
    public static bool Bit(ulong value, int bit) => ((value >> bit) & 1) != 0;

    /// <summary>The index into the table of a level (paging 2).</summary>
    /// <param name="address">The linear or guest physical address.</param>
    /// <param name="level">5 to 1.</param>
    /// <returns>0 to 511.</returns>
    public static ulong IndexAt(ulong address, int level) => (address >> (12 + (9 * (level - 1)))) % 512;

    /// <summary>Whether a present entry maps a page (paging 3.1).</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="level">Its level.</param>
    /// <returns>False for an entry that points to a table.</returns>
    public static bool IsLeaf(ulong entry, int level) => level == 1 || (level <= 3 && Bit(entry, 7));

    /// <summary>The address in an entry or in CR3; the C-bit is not part of it (paging 3.1, 7).</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="lowestBit">The lowest bit of the address, 12, 21 or 30.</param>
    /// <returns>The address.</returns>
    public ulong AddressField(ulong entry, int lowestBit)
    {
        ulong address = 0;
        for (int bit = lowestBit; bit <= 51; bit++)
        {
            if (Bit(entry, bit) && bit != paging.EncryptionBit) address += 1UL << bit;
        }

        return address;
    }

    /// <summary>Whether a present entry has a reserved bit set (paging 3.2, rule by rule).</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="level">Its level.</param>
    /// <returns>Whether it is malformed.</returns>
    public bool IsMalformed(ulong entry, int level)
    {
        // Rule 1: physical address bits that do not exist.
        for (int bit = paging.UsableWidth; bit <= 51; bit++)
        {
            if (Bit(entry, bit) && bit != paging.EncryptionBit) return true;
        }

        // Rule 2.
        if (Bit(entry, 63) && !paging.NoExecuteEnabled) return true;

        // Rule 3: PML5E and PML4E.
        if (level >= 4 && Bit(entry, 7)) return true;
        bool bit8Reserved = paging.TopBit8Reserved && (level == 4 || paging.Pml5Bit8Reserved);
        if (level >= 4 && Bit(entry, 8) && bit8Reserved) return true;

        // Rule 4.
        if (level == 3 && Bit(entry, 7) && !paging.Has1GPages) return true;

        // Rule 5: the address bits below the page size, save the PAT bit 12.
        bool large = level is 2 or 3 && Bit(entry, 7);
        int firstAddressBit = level == 2 ? 21 : 30;
        for (int bit = 13; large && bit < firstAddressBit; bit++)
        {
            if (Bit(entry, bit)) return true;
        }

        return false;
    }

    /// <summary>The error code of a #PF without RSVD, PK and RMP (paging 6.1).</summary>
    /// <param name="access">The access.</param>
    /// <param name="present">Whether the fault is not due to an absent entry.</param>
    /// <returns>P, W, U, I/D and SS.</returns>
    public uint ErrorCode(ReferenceAccess access, bool present)
    {
        bool fetchIsTold = paging.NoExecuteEnabled || (paging.Smep && paging.ReportsFetchWithSmepAlone);
        uint code = present ? 1u : 0u;
        if (IsWrite(access.Kind)) code += 2;
        if (IsUser(access)) code += 4;
        if (access.Kind == ReferenceAccessKind.Fetch && fetchIsTold) code += 16;
        if (IsShadowStack(access.Kind)) code += 64;
        return code;
    }

    /// <summary>What the rights of a mapping make of an access: the end of the walk of paging 6.3.</summary>
    /// <param name="access">The access.</param>
    /// <param name="above">The rights of the entries above the leaf.</param>
    /// <param name="leaf">The leaf.</param>
    /// <returns>Null if it is allowed, otherwise the error code of the #PF.</returns>
    public uint? RightsFault(ReferenceAccess access, ReferenceRights above, ulong leaf)
    {
        ReferenceRights rights = above.And(leaf);
        uint fault = ErrorCode(access, present: true);
        bool user = IsUser(access);
        bool write = IsWrite(access.Kind);
        bool fetch = access.Kind == ReferenceAccessKind.Fetch;
        if (user && !rights.User) return fault;

        // paging 6.2: a key that forbids is reported whatever else is missing.
        if (!fetch && KeyForbids(access, rights.User, leaf)) return fault + 32;
        if (IsShadowStack(access.Kind)) return IsShadowStackPage(above, leaf) && user == rights.User ? null : fault;
        if (fetch && rights.NoExecute) return fault;
        if (fetch && !user && rights.User && paging.Smep) return fault;
        if (!fetch && !user && rights.User && paging.Smap && (access.Implicit || !paging.AccessUserAllowed)) return fault;
        if (write && !rights.Writable && (user || paging.WriteProtect)) return fault;
        return null;
    }

    /// <summary>What nested tables make of a guest's access: paging 8.2, and 8.5 with GMET.</summary>
    /// <param name="access">The access to the nested tables, for the error code.</param>
    /// <param name="setup">Whether GMET is on, and the choices.</param>
    /// <param name="guestIsUser">Whether the guest's access is made in user mode.</param>
    /// <param name="rights">The rights of all nested entries.</param>
    /// <param name="leaf">The nested leaf, for its key.</param>
    /// <returns>Null if it is allowed, otherwise the low bits of EXITINFO1.</returns>
    public uint? NestedFault(ReferenceAccess access, ReferenceNestedSetup setup, bool guestIsUser, ReferenceRights rights, ulong leaf)
    {
        uint fault = ErrorCode(access, present: true);
        bool fetch = access.Kind == ReferenceAccessKind.Fetch;
        bool userPageNeeded = !setup.Gmet || (fetch && guestIsUser && !setup.GmetAllowsUserFetches);
        bool supervisorPageNeeded = setup.Gmet && fetch && !guestIsUser;
        if (userPageNeeded && !rights.User) return fault;
        if (supervisorPageNeeded && rights.User) return fault;
        if (setup.NestedKeys && !fetch && KeyForbids(access with { User = true }, rights.User, leaf)) return fault + 32;
        if (fetch && rights.NoExecute) return fault;
        return access.Kind == ReferenceAccessKind.Write && !rights.Writable ? fault : null;
    }

    /// <summary>The access as CR4.CET lets it be.</summary>
    /// <param name="access">Any access.</param>
    /// <returns>The same; a plain read or write for a shadow-stack access without CET.</returns>
    public ReferenceAccess AsEnabled(ReferenceAccess access)
    {
        if (paging.ShadowStacks || !IsShadowStack(access.Kind)) return access;
        return access with { Kind = IsWrite(access.Kind) ? ReferenceAccessKind.Write : ReferenceAccessKind.Read };
    }

    /// <summary>Whether a kind of access writes.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Whether it needs D in the leaf.</returns>
    public static bool IsWrite(ReferenceAccessKind kind) => kind is ReferenceAccessKind.Write or ReferenceAccessKind.ShadowStackWrite;

    /// <summary>Whether a kind of access is one to a shadow stack.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsShadowStack(ReferenceAccessKind kind) =>
        kind is ReferenceAccessKind.ShadowStackRead or ReferenceAccessKind.ShadowStackWrite;

    // paging 4: a leaf with R/W = 0 and D = 1 whose parents have R/W = 1.
    private static bool IsShadowStackPage(ReferenceRights above, ulong leaf) => above.Writable && !Bit(leaf, 1) && Bit(leaf, 6);

    // An implicit access counts as a supervisor's, also at CPL 3 (paging 1).
    private static bool IsUser(ReferenceAccess access) => access.User && !access.Implicit;

    // paging 4: PKRU holds for user pages, PKRS for supervisor pages; the privilege of the access only counts for WD.
    private bool KeyForbids(ReferenceAccess access, bool userPage, ulong leaf)
    {
        bool enabled = userPage ? paging.UserKeys : paging.SupervisorKeys;
        if (!enabled) return false;
        uint register = userPage ? paging.Pkru : paging.Pkrs;
        int key = (int)((leaf >> 59) % 16);
        if (Bit(register, 2 * key)) return true;
        bool writesCount = IsUser(access) || paging.WriteProtect;
        return IsWrite(access.Kind) && writesCount && Bit(register, (2 * key) + 1);
    }
}
