using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_guest_page: where a guest virtual address leads.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct GuestPage
{
    /// <summary>Guest physical address of the byte.</summary>
    internal ulong Gpa { get; init; }

    /// <summary>System physical address of the byte.</summary>
    internal ulong Spa { get; init; }

    /// <summary>Size of the nested mapping.</summary>
    internal uint NestedSize { get; init; }

    /// <summary>Zero.</summary>
    internal uint Reserved { get; init; }

    /// <summary>Takes it apart.</summary>
    /// <param name="page">The page.</param>
    /// <returns>False if there is no such size or address.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryDecode(out NestedPage page)
    {
        ulong gpa = Gpa; // each read once: other threads may write there
        ulong spa = Spa;
        uint size = NestedSize;
        page = new NestedPage(GuestPhysicalAddress.CreateUnchecked(gpa), PhysicalAddress.CreateUnchecked(spa), (PageSize)size);
        return (gpa | spa) <= PhysicalAddress.ValidMask && size <= (uint)PageSize.Size1G && Reserved == 0;
    }

    /// <summary>Takes a page with a 4 KiB nested mapping apart.</summary>
    /// <param name="gpa">The guest physical address.</param>
    /// <param name="spa">The system physical address.</param>
    /// <returns>False for what is refused, and for other mappings.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryDecodeSmall(out GuestPhysicalAddress gpa, out PhysicalAddress spa)
    {
        gpa = GuestPhysicalAddress.CreateUnchecked(Gpa);
        spa = PhysicalAddress.CreateUnchecked(Spa);
        return (gpa.Value | spa.Value) <= PhysicalAddress.ValidMask && (NestedSize | Reserved) == (uint)PageSize.Size4K;
    }

    /// <summary>Why <see cref="TryDecode"/> refused it.</summary>
    /// <returns>The code.</returns>
    internal int Refusal()
    {
        if (Gpa > PhysicalAddress.ValidMask) return Refusals.Address("page->gpa", Gpa);
        return Spa > PhysicalAddress.ValidMask ? Refusals.Address("page->spa", Spa) : Refusals.Value("page->nested_size", NestedSize);
    }
}
