using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp.Paging;

/// <summary>The state that a nested walk depends on: the guest's paging, the host's at VMRUN, and what makes a guest's access
/// private.</summary>
/// <remarks>
/// AMD64 APM vol. 2, 15.25 and 15.36. The guest's root is a guest physical address. Of the host's state levels, NXE, physical-address
/// width, 1 GiB pages and the C-bit rule the nested tables; write protection, SMEP, SMAP and keys do not, since every nested access is a
/// user's, or with GMET none is judged by them. Immutable; any threads may share it.
/// </remarks>
public readonly struct NestedPagingState : IEquatable<NestedPagingState>
{
    private readonly PagingState _guest;
    private readonly PagingState _host;
    private readonly ulong _privateBelow;
    private readonly bool _isWideOpenToUserFetches;

    /// <summary>Makes the state.</summary>
    /// <param name="guest">The guest's paging, as its own registers say; with an encryption bit if the guest is of the SEV family.</param>
    /// <param name="host">The host's paging; its root is nCR3.</param>
    /// <param name="virtualTom">VIRTUAL_TOM if that feature is on: guest physical addresses below it are private, all others shared, and
    /// the C-bit is reserved in the guest's entries. Null: the C-bit of the guest's leaf decides.</param>
    /// <param name="isSnpGuest">Whether the guest runs with SNP: its nested page faults tell by ENC (EXITINFO1 bit 34) whether the access
    /// was private.</param>
    /// <param name="executeTrap">GMET, the guest-mode execute trap (bit 3 of the VMCB's nested-paging control at offset 0x90; processors
    /// with CPUID Fn8000_000A EDX[17]): U/S of the nested tables matters to fetches alone, and keeps supervisor code from user
    /// pages.</param>
    /// <param name="choices">The open points of nested paging; null for <see cref="ModelChoices.Default"/>. What they say of Accessed and
    /// Dirty counts for both kinds of tables.</param>
    /// <exception cref="ArgumentException">Virtual TOM or SNP is given for a guest without an encryption bit.</exception>
    public NestedPagingState(
        in PagingState guest, in PagingState host, GuestPhysicalAddress? virtualTom = null, bool isSnpGuest = false,
        bool executeTrap = false, ModelChoices? choices = null)
    {
        if (virtualTom is not null && guest.EncryptionMask == 0)
        {
            Throw.Geometry(nameof(virtualTom), "Virtual TOM needs a guest with an encryption bit.");
        }

        if (isSnpGuest && guest.EncryptionMask == 0) Throw.Geometry(nameof(isSnpGuest), "An SNP guest has an encryption bit.");
        choices ??= ModelChoices.Default;
        _guest = virtualTom is null ? guest : guest.WithReservedEncryptionBit();
        _host = executeTrap ? host.ForNestedTables(choices).WithExecuteTrap() : host.ForNestedTables(choices);
        _privateBelow = virtualTom?.Value ?? 0;
        _isWideOpenToUserFetches = executeTrap && choices.GmetAllowsUserFetches;
        HasVirtualTom = virtualTom is not null;
        IsSnpGuest = isSnpGuest;
        HasExecuteTrap = executeTrap;
        AlwaysReportsUser = !executeTrap || choices.GmetAlwaysReportsUser;
        ReportsEncryption = isSnpGuest || (IsEncrypted && choices.ReportEncryptionOfSevGuests);
        HidesEncryptionOfOwnWrites = choices.HideEncryptionOfNestedTableWrites;
        AlignsTableFaults = choices.TableFaultsArePageAligned;
        SetsAccessedOnlyIfAllowed = choices.SetAccessedOnlyIfAllowed;
    }

    /// <summary>The guest's paging.</summary>
    public PagingState Guest => _guest;

    /// <summary>The paging of the nested tables, as they obey it: without keys; with GMET write protection and SMEP count as on and SMAP as
    /// off.</summary>
    public PagingState Host => _host;

    /// <summary>Whether virtual TOM instead of the C-bit makes data accesses private.</summary>
    public bool HasVirtualTom { get; }

    /// <summary>Whether the guest's memory is encrypted: its fetches and the accesses to its tables are private then, always.</summary>
    public bool IsEncrypted => _guest.EncryptionMask != 0;

    /// <summary>Whether the guest runs with SNP.</summary>
    public bool IsSnpGuest { get; }

    /// <summary>Whether GMET is on.</summary>
    public bool HasExecuteTrap { get; }

    /// <summary>Whether U of EXITINFO1 is set whatever the CPL.</summary>
    internal bool AlwaysReportsUser { get; }

    /// <summary>Whether a nested page fault tells that the access was private.</summary>
    internal bool ReportsEncryption { get; }

    /// <summary>Whether that is left out where the RMP forbids the walker to set Accessed or Dirty in a nested table.</summary>
    internal bool HidesEncryptionOfOwnWrites { get; }

    /// <summary>Whether EXITINFO2 of a table's fault has no low bits.</summary>
    internal bool AlignsTableFaults { get; }

    /// <summary>Whether an access that paging refuses leaves all entries unmarked.</summary>
    internal bool SetsAccessedOnlyIfAllowed { get; }

    /// <summary>Whether U/S of the nested tables does not matter to a fetch: GMET, if a choice says so of user code.</summary>
    internal bool LetsThrough(MemoryAccess access) => _isWideOpenToUserFetches && access.IsUser && access.Kind == AccessKind.Fetch;

    /// <summary>Whether virtual TOM does not lie inside a page.</summary>
    internal bool IsPrivateAlike(GuestPhysicalAddress page, PageSize size) =>
        !HasVirtualTom || page.AlignDown(size).Value >= _privateBelow || page.AlignDown(size).Value + size.OffsetMask() < _privateBelow;

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
    public bool Equals(NestedPagingState other) => _guest == other._guest && _host == other._host && HasOptionsOf(other);

    /// <summary>Whether both judge all entries alike: equal but for the roots.</summary>
    internal bool HasRulesOf(in NestedPagingState other) =>
        _guest.HasRulesOf(other._guest) && _host.HasRulesOf(other._host) && HasOptionsOf(other);

    private bool HasOptionsOf(in NestedPagingState other) =>
        _privateBelow == other._privateBelow && HasVirtualTom == other.HasVirtualTom
        && IsSnpGuest == other.IsSnpGuest && HasExecuteTrap == other.HasExecuteTrap
        && _isWideOpenToUserFetches == other._isWideOpenToUserFetches
        && AlwaysReportsUser == other.AlwaysReportsUser && ReportsEncryption == other.ReportsEncryption
        && HidesEncryptionOfOwnWrites == other.HidesEncryptionOfOwnWrites
        && AlignsTableFaults == other.AlignsTableFaults && SetsAccessedOnlyIfAllowed == other.SetsAccessedOnlyIfAllowed;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NestedPagingState other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_guest, _host, _privateBelow, HasVirtualTom, IsSnpGuest, HasExecuteTrap);

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
