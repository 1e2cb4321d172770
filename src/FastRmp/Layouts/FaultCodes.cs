namespace FastRmp;

/// <summary>The codes of RMP violations, in one place: AMD64 APM vol. 2, 15.36. Those of paging itself are put together by the walkers, out
/// of the bits of an access; those that need the kind of a guest's access are in <c>GuestFaultCodes</c>.</summary>
internal static class FaultCodes
{
    /// <summary>Error code of #VC for a page that is not validated: PAGE_NOT_VALIDATED.</summary>
    internal const uint PageNotValidated = 0x404;

    /// <summary>EXITINFO1 of an instruction's own fault (PVALIDATE, RMPADJUST, RMPQUERY): a private access, neither a final one nor one to
    /// a table.</summary>
    internal const ulong OfInstruction = Violation | NestedPageFaultCode.EncryptedMask;

    /// <summary>The bits that every nested fault of the RMP has, without GMET: the translation is there, and nested accesses are a
    /// user's.</summary>
    internal const ulong Violation = NestedPageFaultCode.PresentMask | NestedPageFaultCode.UserMask | NestedPageFaultCode.RmpMask;

    /// <summary>The error code of #PF of a write that the host may not make.</summary>
    internal static PageFaultErrorCode OfHostWrite(bool isUser)
    {
        const ulong Kernel = PageFaultErrorCode.PresentMask | PageFaultErrorCode.WriteMask | PageFaultErrorCode.RmpMask;
        return new PageFaultErrorCode(isUser ? Kernel | PageFaultErrorCode.UserMask : Kernel);
    }
}
