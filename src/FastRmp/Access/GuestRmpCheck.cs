using System;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>The RMP checks of a guest's access, as a nested walk asks for them: of each access to a guest table, and of the access itself;
/// the nested tables are the host's.</summary>
/// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
/// <remarks>AMD64 APM vol. 2, 15.36, table of checks by access; the rules are those of <see cref="RmpCheck"/>. User accesses count as CPL
/// 3, all others as CPL 0. While SNP is not enabled nothing is checked.</remarks>
public readonly struct GuestRmpCheck<TGeometry> : INestedWalkCheck, IEquatable<GuestRmpCheck<TGeometry>>
    where TGeometry : struct, IRmpGeometry
{
    private const byte UserCpl = 3;
    private const byte HighestVmpl = 3;

    private readonly ReverseMapTable<TGeometry>? _table;
    private readonly uint _asid;
    private readonly byte _vmpl;
    private readonly bool _isSnpGuest;
    private readonly bool _checksTableReads;

    /// <summary>Makes the check.</summary>
    /// <param name="table">The table, or null while SNP is not enabled.</param>
    /// <param name="asid">The guest.</param>
    /// <param name="vmpl">Its VMPL, 0 to 3; of an SNP guest.</param>
    /// <param name="isSnpGuest">Whether the guest runs with SNP; else its writes and table accesses need hypervisor-owned memory.</param>
    /// <exception cref="ArgumentOutOfRangeException">The VMPL is above 3.</exception>
    public GuestRmpCheck(ReverseMapTable<TGeometry>? table, uint asid, byte vmpl = 0, bool isSnpGuest = true)
    {
        if (vmpl > HighestVmpl) Throw.NoPrivilege(nameof(vmpl), "VMPL", vmpl);
        _table = table;
        _asid = asid;
        _vmpl = vmpl;
        _isSnpGuest = isSnpGuest;
        _checksTableReads = table is not null && table.Choices.CheckTableReads;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MayUseNestedEntry(PhysicalAddress entry, bool writes) => (!writes && !_checksTableReads) || MayUse(entry, writes);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)] // inlined, it would need registers that the walker uses
    public NestedCheckResult CheckGuestEntry(GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate) =>
        Check(GuestAccessKind.PageTable, 0, new NestedPage(gpa, address, mapping), isPrivate);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.NoInlining)] // inlined, it would need registers that the walker uses
    public NestedCheckResult CheckAccess(
        GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate) =>
        Check(
            access.IsShadowStack || access.Kind > AccessKind.Fetch ? Unusual(access) : (GuestAccessKind)access.Kind,
            access.IsUser ? UserCpl : (byte)0, new NestedPage(gpa, address, mapping), isPrivate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private NestedCheckResult Check(GuestAccessKind kind, byte cpl, in NestedPage page, bool isPrivate)
    {
        if (_table is null) return NestedCheckResult.Allowed;
        PrivateCheck check = RmpCheck.Check(_table, new GuestAccess(_asid, _vmpl, cpl, kind, isPrivate, _isSnpGuest), page, out isPrivate);
        return check == PrivateCheck.Passed ? NestedCheckResult.Allowed : Refusal(check, kind, isPrivate);
    }

    /// <summary>A supervisor's shadow stack has a permission of its own, where the processor knows it; a user's is data. What is not a kind
    /// of access is a read, as in walks.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private GuestAccessKind Unusual(MemoryAccess access)
    {
        if (access.Kind > AccessKind.Fetch) return Unusual(access with { Kind = AccessKind.Read });
        bool isOfItsOwn = access is { IsShadowStack: true, IsUser: false, Kind: not AccessKind.Fetch } && _table is not null
            && (_table.Processor.FullVmpl0Permissions & VmplPermissions.SupervisorShadowStack) != 0;
        return !isOfItsOwn
            ? (GuestAccessKind)access.Kind
            : access.Kind == AccessKind.Write
            ? GuestAccessKind.ShadowStackWrite
            : GuestAccessKind.ShadowStackRead;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private NestedCheckResult Refusal(PrivateCheck check, GuestAccessKind kind, bool isPrivate)
    {
        GuestResult result = RmpCheck.Fault(check, kind, isPrivate && RmpCheck.ReportsEncryption(_table!, _isSnpGuest));
        return result.Fault == RmpFault.PageNotValidated
            ? NestedCheckResult.NotValidated
            : NestedCheckResult.NestedPageFault(result.ExitInfo1);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MayUse(PhysicalAddress entry, bool writes) => new HostRmpCheck<TGeometry>(_table).MayUseEntry(entry, writes);

    /// <inheritdoc/>
    public bool Equals(GuestRmpCheck<TGeometry> other) =>
        ReferenceEquals(_table, other._table) && _asid == other._asid && _vmpl == other._vmpl && _isSnpGuest == other._isSnpGuest;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is GuestRmpCheck<TGeometry> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_table, _asid, _vmpl, _isSnpGuest);

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both ask the same table for the same guest.</returns>
    public static bool operator ==(GuestRmpCheck<TGeometry> left, GuestRmpCheck<TGeometry> right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether they differ.</returns>
    public static bool operator !=(GuestRmpCheck<TGeometry> left, GuestRmpCheck<TGeometry> right) => !left.Equals(right);
}
