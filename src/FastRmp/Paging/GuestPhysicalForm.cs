using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>A guest physical address knows no sign. One that the nested tables do not reach is not present in them; five levels reach
/// all.</summary>
internal readonly struct GuestPhysicalForm : IAddressForm
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsWalked(VirtualAddress address, PagingMode mode) =>
        mode.IsFiveLevel() || address.Value >> mode.AddressBitsUnchecked() == 0;
}
