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
    /// <returns>The code.</returns>
    internal int Decode(out NestedPage page)
    {
        page = default;
        if (NestedSize > (uint)PageSize.Size1G || Reserved != 0) return Refusals.Value("page->nested_size", NestedSize);
        if (!GuestPhysicalAddress.TryCreate(Gpa, out GuestPhysicalAddress gpa)) return Refusals.Address("page->gpa", Gpa);
        if (!PhysicalAddress.TryCreate(Spa, out PhysicalAddress spa)) return Refusals.Address("page->spa", Spa);
        page = new NestedPage(gpa, spa, (PageSize)NestedSize);
        return (int)ErrorCode.Ok;
    }
}
