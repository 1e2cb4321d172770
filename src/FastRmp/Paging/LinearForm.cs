using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>A linear address, which has to be canonical.</summary>
internal readonly struct LinearForm : IAddressForm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsWalked(VirtualAddress address, PagingMode mode) => address.IsCanonicalUnchecked(mode);
}
