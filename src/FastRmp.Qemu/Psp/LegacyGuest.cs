namespace FastRmp.Qemu;

/// <summary>An SEV or SEV-ES guest, as far as firmware without keys takes it: up to the measurement of its launch.</summary>
/// <param name="policy">Its policy.</param>
internal sealed class LegacyGuest(uint policy)
{
    /// <summary>LUPDATE: it is being launched. Further it does not come.</summary>
    internal const byte State = 1;

    private const uint NoDebugging = 1;
    private const uint NoKeySharing = 2;
    private const uint EncryptedState = 4;

    /// <summary>Its policy.</summary>
    internal uint Policy => policy;

    /// <summary>NODBG.</summary>
    internal bool ForbidsDebugging => (policy & NoDebugging) != 0;

    /// <summary>NOKS.</summary>
    internal bool ForbidsKeySharing => (policy & NoKeySharing) != 0;

    /// <summary>ES.</summary>
    internal bool HasEncryptedState => (policy & EncryptedState) != 0;

    /// <summary>The ASID that is bound to it; 0 without one.</summary>
    internal uint Asid { get; set; }
}
