using System.Runtime.CompilerServices;
using FastRmp.Access;

namespace FastRmp.Layouts;

/// <summary>The codes of RMP violations, in one place: AMD64 APM vol. 2, 15.36. Those of paging itself are put together by the walkers, out of the bits of an access.</summary>
internal static class FaultCodes
{
    /// <summary>Error code of #VC for a page that is not validated: PAGE_NOT_VALIDATED.</summary>
    internal const uint PageNotValidated = 0x404;

    /// <summary>EXITINFO1 of an instruction's own fault (PVALIDATE, RMPADJUST, RMPQUERY): a private access, neither a final one nor one to a table.</summary>
    internal const ulong OfInstruction = Violation | NestedPageFaultCode.EncryptedMask;

    /// <summary>The bits that every nested fault of the RMP has, without GMET: the translation is there, and nested accesses are a user's.</summary>
    private const ulong Violation = NestedPageFaultCode.PresentMask | NestedPageFaultCode.UserMask | NestedPageFaultCode.RmpMask;

    /// <summary>The error code of #PF of a write that the host may not make.</summary>
    internal static PageFaultErrorCode OfHostWrite(bool isUser)
    {
        const ulong Kernel = PageFaultErrorCode.PresentMask | PageFaultErrorCode.WriteMask | PageFaultErrorCode.RmpMask;
        return new PageFaultErrorCode(isUser ? Kernel | PageFaultErrorCode.UserMask : Kernel);
    }

    /// <summary>EXITINFO1 of a guest's access that the RMP refuses, but for VMPL.</summary>
    internal static ulong OfGuestAccess(GuestAccessKind kind, bool isPrivate) => Violation
        | (Writes(kind) ? NestedPageFaultCode.WriteMask : 0)
        | (kind == GuestAccessKind.Fetch ? NestedPageFaultCode.FetchMask : 0)
        | (kind == GuestAccessKind.PageTable ? NestedPageFaultCode.PageTableMask : NestedPageFaultCode.FinalMask)
        | (kind is GuestAccessKind.ShadowStackRead or GuestAccessKind.ShadowStackWrite ? NestedPageFaultCode.ShadowStackMask : 0)
        | (isPrivate ? NestedPageFaultCode.EncryptedMask : 0);

    /// <summary>Whether an access counts as a write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Writes(GuestAccessKind kind) => kind is GuestAccessKind.Write or GuestAccessKind.PageTable or GuestAccessKind.ShadowStackWrite;
}
