using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>One page of the guest as the guest knows it.</summary>
internal sealed class GuestPage(int number)
{
    public const int Vmpls = 4;

    public const VmplPermissions All = VmplPermissions.Read | VmplPermissions.Write
        | VmplPermissions.ExecuteUser | VmplPermissions.ExecuteSupervisor | VmplPermissions.SupervisorShadowStack;

    private readonly VmplPermissions[] _granted = new VmplPermissions[Vmpls];
    private readonly VmplPermissions[] _everGranted = new VmplPermissions[Vmpls];
    private bool _wasVmsa;

    public int Number { get; } = number;

    public GuestPageState State { get; set; }

    /// <summary>What the guest wrote last; 0 until it has written.</summary>
    public ulong Written { get; set; }

    /// <summary>System page at which the guest validated it.</summary>
    public int ValidatedAt { get; private set; }

    /// <summary>
    /// Whether the permissions are known exactly, or only what they are at most: rescinding leaves them in the entry, but the next
    /// validation may find another entry.
    /// </summary>
    public bool IsExact { get; private set; } = true;

    public bool IsVmsa { get; private set; }

    public ReadOnlySpan<VmplPermissions> Granted => _granted;

    public void Validate(int page)
    {
        State = GuestPageState.Valid;
        Written = 0;
        ValidatedAt = page;
        IsVmsa = _wasVmsa;
        _everGranted.CopyTo(_granted, 0);
        _granted[0] = All;
    }

    public void Rescind()
    {
        State = GuestPageState.Fresh;
        IsExact = false;
    }

    public void Grant(int vmpl, VmplPermissions permissions)
    {
        _granted[vmpl] = permissions;
        _everGranted[vmpl] |= permissions;
    }

    public void SetVmsa(bool isVmsa)
    {
        IsVmsa = isVmsa;
        _wasVmsa |= isVmsa;
    }
}
