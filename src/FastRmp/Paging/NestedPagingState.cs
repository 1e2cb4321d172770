using System;
using System.Runtime.CompilerServices;
using FastRmp.Addressing;
using FastRmp.Internals;

namespace FastRmp.Paging;

/// <summary>The state that a nested walk depends on: the guest's paging, the host's at VMRUN, and what makes a guest's access private.</summary>
/// <remarks>
/// AMD64 APM vol. 2, 15.25 and 15.36. The guest's root is a guest physical address. Of the host's state levels, NXE, physical-address width, 1 GiB pages and
/// the C-bit rule the nested tables; write protection, SMEP, SMAP and keys do not, since every nested access is a user's. Immutable; any threads may share it.
/// </remarks>
public readonly struct NestedPagingState : IEquatable<NestedPagingState>
{
    private readonly PagingState _guest;
    private readonly PagingState _host;
    private readonly ulong _privateBelow;

    /// <summary>Makes the state.</summary>
    /// <param name="guest">The guest's paging, as its own registers say; with an encryption bit if the guest is of the SEV family.</param>
    /// <param name="host">The host's paging; its root is nCR3.</param>
    /// <param name="virtualTom">VIRTUAL_TOM if that feature is on: guest physical addresses below it are private, all others shared, and the C-bit is reserved in the guest's entries. Null: the C-bit of the guest's leaf decides.</param>
    /// <exception cref="ArgumentException">Virtual TOM is given for a guest without an encryption bit.</exception>
    public NestedPagingState(in PagingState guest, in PagingState host, GuestPhysicalAddress? virtualTom = null)
    {
        if (virtualTom is not null && guest.EncryptionMask == 0) Throw.Geometry(nameof(virtualTom), "Virtual TOM needs a guest with an encryption bit.");
        _guest = virtualTom is null ? guest : guest.WithReservedEncryptionBit();
        _host = host.ForNestedTables();
        _privateBelow = virtualTom?.Value ?? 0;
        HasVirtualTom = virtualTom is not null;
    }

    /// <summary>The guest's paging.</summary>
    public PagingState Guest => _guest;

    /// <summary>The paging of the nested tables.</summary>
    public PagingState Host => _host;

    /// <summary>Whether virtual TOM instead of the C-bit makes data accesses private.</summary>
    public bool HasVirtualTom { get; }

    /// <summary>Whether the guest's memory is encrypted: its fetches and the accesses to its tables are private then, always.</summary>
    public bool IsEncrypted => _guest.EncryptionMask != 0;

    internal static ref readonly PagingState GuestOf(in NestedPagingState state) => ref state._guest;

    internal static ref readonly PagingState HostOf(in NestedPagingState state) => ref state._host;

    /// <summary>Whether the access to a page is private.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsPrivate(AccessKind kind, ulong gpa, ulong guestLeaf)
    {
        if (!IsEncrypted) return false;
        if (kind == AccessKind.Fetch) return true;
        return HasVirtualTom ? gpa < _privateBelow : (guestLeaf & _guest.EncryptionMask) != 0;
    }

    /// <inheritdoc/>
    public bool Equals(NestedPagingState other) =>
        _guest == other._guest && _host == other._host && _privateBelow == other._privateBelow && HasVirtualTom == other.HasVirtualTom;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NestedPagingState other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_guest, _host, _privateBelow, HasVirtualTom);

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether walks in both states are the same.</returns>
    public static bool operator ==(NestedPagingState left, NestedPagingState right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the states differ.</returns>
    public static bool operator !=(NestedPagingState left, NestedPagingState right) => !left.Equals(right);
}
