using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>Codes of RMP violations that depend on the kind of a guest's access: AMD64 APM vol. 2, 15.36.</summary>
internal static class GuestFaultCodes
{
    /// <summary>EXITINFO1 of a guest's access that the RMP refuses, but for VMPL.</summary>
    internal static ulong OfGuestAccess(GuestAccessKind kind, bool isPrivate) => FaultCodes.Violation
        | (Writes(kind) ? NestedPageFaultCode.WriteMask : 0)
        | (kind == GuestAccessKind.Fetch ? NestedPageFaultCode.FetchMask : 0)
        | (kind == GuestAccessKind.PageTable ? NestedPageFaultCode.PageTableMask : NestedPageFaultCode.FinalMask)
        | (kind is GuestAccessKind.ShadowStackRead or GuestAccessKind.ShadowStackWrite ? NestedPageFaultCode.ShadowStackMask : 0)
        | (isPrivate ? NestedPageFaultCode.EncryptedMask : 0);

    /// <summary>Whether an access counts as a write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Writes(GuestAccessKind kind) =>
        kind is GuestAccessKind.Write or GuestAccessKind.PageTable or GuestAccessKind.ShadowStackWrite;
}
