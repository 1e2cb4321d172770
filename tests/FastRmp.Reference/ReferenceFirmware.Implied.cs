using System;

namespace FastRmp.Reference;

/// <content>
/// Commands of which a script names the page and no guest. They run on behalf of a guest that has no context page: it owns the
/// page's ASID, is in the right state and active, so that only the tests on the page decide.
/// </content>
public sealed partial class ReferenceFirmware
{
    /// <summary>The address that stands for the context of the guest without a context page; nobody writes it by chance.</summary>
    public const ulong ImpliedContext = 0xF1A5_C047_0000_0000UL;

    /// <summary>The address that stands for a page without entry which any command may read and write.</summary>
    public const ulong ImpliedPage = ImpliedContext + RegionBytes;

    /// <summary>The guest on whose behalf a command on a page runs if none is named.</summary>
    /// <param name="page">The page.</param>
    /// <param name="state">The state that the command asks for.</param>
    /// <returns>The context that a Metadata page names, or <see cref="ImpliedContext"/> with the ASID of the page.</returns>
    public ulong ContextFor(ulong page, ReferenceGuestState state)
    {
        Found found = LookUp(page);
        if (found.Is(ReferencePageState.Metadata)) return OwnerOf(found);
        SetGuest(ImpliedContext, new ReferenceGuest { State = state, Asid = found.Entry?.Asid ?? 0, IsActive = true, IsEs = true });
        return ImpliedContext;
    }

    /// <summary>ACTIVATE on behalf of nobody: the tests are made, and the ASID is not taken.</summary>
    /// <param name="asid">The ASID.</param>
    /// <param name="isExtended">Whether ACTIVATE_EX is meant.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus ActivateNobody(uint asid, bool isExtended)
    {
        SetGuest(ImpliedContext, new ReferenceGuest { State = ReferenceGuestState.Running });
        ReferenceAsid old = asid < _asids.Length ? _asids[asid] : default;
        ReferenceFirmwareStatus status = Activate(ImpliedContext, asid, isExtended ? AllComplexes : null);
        if (asid < _asids.Length) _asids[asid] = old;
        return status;
    }

    /// <summary>SWAP_IN with a metadata entry that stands in no memory; the context's own one is as before afterwards.</summary>
    /// <param name="context">The guest, perhaps <see cref="ImpliedContext"/>.</param>
    /// <param name="command">The other fields.</param>
    /// <param name="entry">The metadata entry.</param>
    /// <returns>The status.</returns>
    public ReferenceFirmwareStatus SwapIn(ulong context, ReferenceSwap command, ReferenceMetadata entry)
    {
        ArgumentNullException.ThrowIfNull(command);
        ulong page = Plain(context);
        ReferenceGuest guest = GuestAt(page);
        SetGuest(page, guest with { Root = entry });
        ReferenceFirmwareStatus status = SwapIn(context, command with { IsRoot = true });
        SetGuest(page, guest);
        return status;
    }

    private static bool IsImplied(ulong page) => page is ImpliedContext or ImpliedPage;

    private static Found Implied(ulong page) =>
        page == ImpliedContext
            ? new Found(page, ReferencePageState.Context, new ReferenceEntry(), IsOwn: false)
            : new Found(page, ReferencePageState.Default, null, IsOwn: false);
}
