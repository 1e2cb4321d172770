using System;
using System.Collections.Generic;
using System.Text;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>The commands of SEV and SEV-ES, as firmware answers them that has no keys: states, ASIDs, buffers and their pages.</summary>
/// <remarks>AMD SEV firmware, sev_mcmd.c, sev_dispatch.c: tests in its order. What needs a key (certificates, measurements, secrets,
/// migration) is UNSUPPORTED after the tests that come before it. One thread at a time.</remarks>
internal sealed class LegacyPlatform(SnpMachine machine)
{
    private const uint StatusBytes = 12;
    private const uint CertificateBytes = 2084;
    private const uint ChainBytes = 3 * CertificateBytes;
    private const uint IdBytes = 64;
    private const uint MeasurementBytes = 48;
    private const uint InitExBytes = 0x24;
    private const uint StorageBytes = 32 << 10;
    private const ulong ImageAlignment = 32;
    private const ulong BlockBytes = 16;
    private const uint WithEncryptedState = 1;
    private const ushort Everywhere = 1; // one core complex

    private readonly Dictionary<uint, LegacyGuest> _guests = [];
    private readonly AsidState[] _asids = new AsidState[machine.Processor.MaxAsid + 1]; // as long as the library's firmware has none
    private SevPlatformState _state;
    private bool _hasEncryptedState;

    /// <summary>The library's firmware over the RMP; null before SNP was on.</summary>
    internal SevFirmware<RmpGeometry>? Firmware
    {
        get;
        set
        {
            if (value is not null && value != field) value.Platform = value.Platform with { Sev = _state };
            field = value;
        }
    }

    /// <summary>The platform's state.</summary>
    private SevPlatformState State
    {
        get => _state;
        set
        {
            _state = value;
            if (Firmware is { } firmware) firmware.Platform = firmware.Platform with { Sev = value };
        }
    }

    /// <summary>DF_FLUSH, as long as the library's firmware does not do it.</summary>
    internal FirmwareStatus Flush(bool isFlushed)
    {
        if (!isFlushed) return FirmwareStatus.WbinvdRequired;
        foreach (ref AsidState state in _asids.AsSpan())
        {
            state = state with { Dirty = 0, Clean = (ushort)(state.Clean | state.Dirty) };
        }

        return FirmwareStatus.Success;
    }

    /// <summary>Executes a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="buffer">Its buffer; if the command writes to it, its page is tested before, and given back.</param>
    internal FirmwareStatus Execute(FirmwareCommand command, CommandBuffer buffer)
    {
        uint written = WrittenBytes(command);
        FirmwareStatus status = written == 0 || Firmware is null
            ? FirmwareStatus.Success
            : Firmware.WriteLegacyBuffer(buffer.Address, written);
        return status != FirmwareStatus.Success ? status : command switch
        {
            FirmwareCommand.Init => Initialize(buffer, flagsAt: 0, isEx: false),
            FirmwareCommand.InitEx => Initialize(buffer, flagsAt: 4, isEx: true),
            FirmwareCommand.Shutdown => ShutDown(),
            FirmwareCommand.PlatformReset => Needs(SevPlatformState.Uninit),
            FirmwareCommand.PlatformStatus => Status(buffer),
            FirmwareCommand.PekGen or FirmwareCommand.PekCertImport => NeedsKey(Needs(SevPlatformState.Init)),
            FirmwareCommand.PdhGen => NeedsKey(NeedsInitialized()),
            FirmwareCommand.PekCsr => Request(buffer),
            FirmwareCommand.PdhCertExport => Export(buffer),
            FirmwareCommand.DownloadFirmware => Download(buffer),
            FirmwareCommand.GetId => Identify(buffer),
            FirmwareCommand.GuestStatus => GuestStatus(buffer),
            FirmwareCommand.LaunchStart => Start(buffer),
            FirmwareCommand.ReceiveStart => NeedsKey(NeedsInitialized()),
            FirmwareCommand.DbgDecrypt or FirmwareCommand.DbgEncrypt => Debug(buffer),
            FirmwareCommand.LaunchUpdateVmsa when buffer.Word(16) != PageSize.Size4K.Bytes() => FirmwareStatus.InvalidLength,
            _ => OfGuest(command, buffer),
        };
    }

    /// <summary>How many bytes of its own buffer a command may write.</summary>
    private static uint WrittenBytes(FirmwareCommand command) => command switch
    {
        FirmwareCommand.PlatformStatus or FirmwareCommand.PekCsr or FirmwareCommand.GetId => 12,
        FirmwareCommand.PdhCertExport => 28,
        FirmwareCommand.GuestStatus => 13,
        FirmwareCommand.LaunchStart or FirmwareCommand.ReceiveStart => 36,
        FirmwareCommand.LaunchMeasure => 20,
        FirmwareCommand.SendStart => 68,
        FirmwareCommand.SendUpdateData or FirmwareCommand.SendUpdateVmsa => 52,
        _ => 0,
    };

    private FirmwareStatus Needs(SevPlatformState state) =>
        State == state ? FirmwareStatus.Success : FirmwareStatus.InvalidPlatformState;

    private FirmwareStatus NeedsInitialized() =>
        State == SevPlatformState.Uninit ? FirmwareStatus.InvalidPlatformState : FirmwareStatus.Success;

    private static FirmwareStatus NeedsKey(FirmwareStatus status) => status == FirmwareStatus.Success ? FirmwareStatus.Unsupported : status;

    /// <summary>Data that a command writes: its pages, then its place.</summary>
    private FirmwareStatus TestData(ulong address, uint bytes) =>
        Firmware?.TestWrittenData(address, bytes) is { } status and not FirmwareStatus.Success ? status
        : machine.Ram.Bytes(SecureProcessor.Plain(address), (int)bytes).IsEmpty ? FirmwareStatus.InvalidAddress
        : FirmwareStatus.Success;

    private FirmwareStatus Initialize(CommandBuffer buffer, int flagsAt, bool isEx)
    {
        if (State != SevPlatformState.Uninit) return FirmwareStatus.InvalidPlatformState;
        uint flags = buffer.Word(flagsAt);
        if ((flags & ~WithEncryptedState) != 0 || buffer.Word(isEx ? 20 : 4) != 0) return FirmwareStatus.InvalidConfig;
        if (Firmware is { IsSnpEnabled: true, Platform.IsRmpInitialized: false }) return FirmwareStatus.InvalidPlatformState;
        FirmwareStatus status = isEx ? TestStorage(buffer) : FirmwareStatus.Success;
        if (status == FirmwareStatus.Success && Firmware is { } firmware) status = firmware.SevInit();
        if (status != FirmwareStatus.Success) return status;
        if (Firmware is null) Array.Fill(_asids, new AsidState(Everywhere, 0, 0, 0));
        _hasEncryptedState = (flags & WithEncryptedState) != 0;
        State = SevPlatformState.Init;
        return FirmwareStatus.Success;
    }

    /// <summary>INIT_EX: where persistent data would be kept. There are none, so it stays as it is.</summary>
    private FirmwareStatus TestStorage(CommandBuffer buffer)
    {
        if (buffer.Word(0) != InitExBytes) return FirmwareStatus.InvalidLength;
        ulong address = buffer.Quadword(24);
        uint bytes = buffer.Word(32);
        if (address == 0) return FirmwareStatus.Success; // firmware's own
        if ((address & PageSize.Size4K.OffsetMask()) != 0) return FirmwareStatus.InvalidAddress;
        if (machine.Ram.Bytes(SecureProcessor.Plain(address), (int)uint.Min(bytes, int.MaxValue)).IsEmpty)
        {
            return FirmwareStatus.InvalidAddress;
        }

        return bytes != StorageBytes ? FirmwareStatus.InvalidLength : TestData(address, bytes);
    }

    private FirmwareStatus ShutDown()
    {
        foreach (LegacyGuest guest in _guests.Values) Release(guest);
        _guests.Clear();
        State = SevPlatformState.Uninit;
        return FirmwareStatus.Success;
    }

    private FirmwareStatus Status(CommandBuffer buffer)
    {
        Span<byte> answer = machine.Ram.Bytes(buffer.Address, (int)StatusBytes);
        if (answer.IsEmpty) return FirmwareStatus.InvalidAddress;
        answer.Clear();
        answer[0] = PlatformSettings.AbiMajor;
        answer[1] = PlatformSettings.AbiMinor;
        answer[2] = (byte)State;
        answer[4] = State != SevPlatformState.Uninit && _hasEncryptedState ? (byte)WithEncryptedState : (byte)0;
        answer[7] = PlatformSettings.Build;
        buffer.Write(8, (uint)_guests.Count);
        return FirmwareStatus.Success;
    }

    /// <summary>PEK_CSR.</summary>
    private FirmwareStatus Request(CommandBuffer buffer)
    {
        FirmwareStatus status = NeedsInitialized();
        if (status != FirmwareStatus.Success) return status;
        if (buffer.Word(8) < CertificateBytes)
        {
            buffer.Write(8, CertificateBytes);
            return FirmwareStatus.InvalidLength;
        }

        return NeedsKey(TestData(buffer.Quadword(0), buffer.Word(8)));
    }

    /// <summary>PDH_CERT_EXPORT.</summary>
    private FirmwareStatus Export(CommandBuffer buffer)
    {
        FirmwareStatus status = NeedsInitialized();
        if (status != FirmwareStatus.Success) return status;
        if (buffer.Word(8) < CertificateBytes || buffer.Word(24) < ChainBytes)
        {
            buffer.Write(8, CertificateBytes);
            buffer.Write(24, ChainBytes);
            return FirmwareStatus.InvalidLength;
        }

        status = TestData(buffer.Quadword(0), buffer.Word(8));
        return status == FirmwareStatus.Success ? NeedsKey(TestData(buffer.Quadword(16), buffer.Word(24))) : status;
    }

    /// <summary>DOWNLOAD_FIRMWARE: no image is one of this firmware's.</summary>
    private FirmwareStatus Download(CommandBuffer buffer)
    {
        bool isBusy = State != SevPlatformState.Uninit || Firmware is { Platform.IsSnpInitialized: true };
        return isBusy ? FirmwareStatus.InvalidPlatformState : TestImage(buffer.Quadword(0));
    }

    /// <summary>SNP_DOWNLOAD_FIRMWARE_EX.</summary>
    internal FirmwareStatus DownloadEx(CommandBuffer buffer)
    {
        if (State != SevPlatformState.Uninit) return FirmwareStatus.InvalidPlatformState;
        const uint Commit = 1;
        if (buffer.Word(4) != 0 || (buffer.Word(20) & ~Commit) != 0) return FirmwareStatus.InvalidParam;
        return TestImage(buffer.Quadword(8));
    }

    private static FirmwareStatus TestImage(ulong address) =>
        address % ImageAlignment != 0 ? FirmwareStatus.InvalidAddress : FirmwareStatus.BadSignature;

    /// <summary>GET_ID.</summary>
    private FirmwareStatus Identify(CommandBuffer buffer)
    {
        uint bytes = buffer.Word(8);
        buffer.Write(8, IdBytes);
        if (bytes < IdBytes) return FirmwareStatus.InvalidLength;
        FirmwareStatus status = TestData(buffer.Quadword(0), bytes);
        if (status != FirmwareStatus.Success) return status;
        Span<byte> id = machine.Ram.Bytes(SecureProcessor.Plain(buffer.Quadword(0)), (int)IdBytes);
        id.Clear();
        Encoding.ASCII.GetBytes("FastRmp: a model, no chip", id);
        return FirmwareStatus.Success;
    }

    private FirmwareStatus GuestStatus(CommandBuffer buffer)
    {
        FirmwareStatus status = NeedsInitialized();
        if (status != FirmwareStatus.Success) return status;
        LegacyGuest? guest = _guests.GetValueOrDefault(buffer.Word(0));
        if (guest is not null) buffer.Write(4, guest.Policy);
        if (guest is not null) buffer.Write(8, guest.Asid);
        Span<byte> state = machine.Ram.Bytes(buffer.Address + 12, 1);
        if (!state.IsEmpty) state[0] = guest is null ? (byte)0 : LegacyGuest.State;
        return FirmwareStatus.Success;
    }

    /// <summary>LAUNCH_START.</summary>
    private FirmwareStatus Start(CommandBuffer buffer)
    {
        FirmwareStatus status = NeedsInitialized();
        if (status != FirmwareStatus.Success) return status;
        if (buffer.Quadword(8) != 0) return FirmwareStatus.Unsupported; // a session, with a key of the platform's
        LegacyGuest guest = new(buffer.Word(4));
        uint shared = buffer.Word(0);
        if (shared != 0)
        {
            if (!_guests.TryGetValue(shared, out LegacyGuest? other)) return FirmwareStatus.InvalidGuest;
            if (other.Policy != guest.Policy || other.ForbidsKeySharing) return FirmwareStatus.PolicyFailure;
        }

        if (guest.HasEncryptedState && !_hasEncryptedState) return FirmwareStatus.Unsupported;
        uint handle = 1;
        while (_guests.ContainsKey(handle)) handle++;
        _guests.Add(handle, guest);
        State = SevPlatformState.Working;
        buffer.Write(0, handle);
        return FirmwareStatus.Success;
    }

    /// <summary>DBG_DECRYPT, DBG_ENCRYPT: nothing is encrypted, so both copy.</summary>
    private FirmwareStatus Debug(CommandBuffer buffer)
    {
        FirmwareStatus status = Needs(SevPlatformState.Working);
        if (status != FirmwareStatus.Success) return status;
        ulong source = buffer.Quadword(8);
        ulong destination = buffer.Quadword(16);
        uint bytes = buffer.Word(24);
        if (source % BlockBytes != 0 || destination % BlockBytes != 0) return FirmwareStatus.InvalidAddress;
        if (bytes % BlockBytes != 0) return FirmwareStatus.InvalidLength;
        if (!_guests.TryGetValue(buffer.Word(0), out LegacyGuest? guest)) return FirmwareStatus.InvalidGuest;
        if (guest.ForbidsDebugging) return FirmwareStatus.PolicyFailure;
        status = TestData(destination, bytes);
        if (status != FirmwareStatus.Success) return status;
        if (guest.Asid == 0) return FirmwareStatus.Inactive;
        Span<byte> from = machine.Ram.Bytes(SecureProcessor.Plain(source), (int)bytes);
        if (from.IsEmpty) return FirmwareStatus.InvalidAddress;
        from.CopyTo(machine.Ram.Bytes(SecureProcessor.Plain(destination), (int)bytes));
        return FirmwareStatus.Success;
    }

    /// <summary>Commands that begin with a guest's handle.</summary>
    private FirmwareStatus OfGuest(FirmwareCommand command, CommandBuffer buffer)
    {
        FirmwareStatus status = Needs(SevPlatformState.Working);
        if (status != FirmwareStatus.Success) return status;
        uint handle = buffer.Word(0);
        if (!_guests.TryGetValue(handle, out LegacyGuest? guest)) return FirmwareStatus.InvalidGuest;
        switch (command)
        {
            case FirmwareCommand.Activate: return Activate(guest, buffer.Word(4));
            case FirmwareCommand.Deactivate when guest.Asid == 0: return FirmwareStatus.Inactive;
            case FirmwareCommand.Deactivate:
                Release(guest);
                return FirmwareStatus.Success;
            case FirmwareCommand.Decommission when guest.Asid != 0: return FirmwareStatus.Active;
            case FirmwareCommand.Decommission:
                _guests.Remove(handle);
                if (_guests.Count == 0) State = SevPlatformState.Init;
                return FirmwareStatus.Success;
            case FirmwareCommand.LaunchUpdateVmsa when !guest.HasEncryptedState: return FirmwareStatus.Unsupported;
            case FirmwareCommand.LaunchUpdateData or FirmwareCommand.LaunchUpdateVmsa: return Update(guest, buffer);
            case FirmwareCommand.LaunchMeasure when buffer.Word(16) < MeasurementBytes:
                buffer.Write(16, MeasurementBytes);
                return FirmwareStatus.InvalidLength;
            case FirmwareCommand.LaunchMeasure: return NeedsKey(TestData(buffer.Quadword(8), buffer.Word(16)));
            default: return FirmwareStatus.InvalidGuestState; // of a guest that was measured
        }
    }

    /// <summary>LAUNCH_UPDATE_DATA, LAUNCH_UPDATE_VMSA: nothing is encrypted, so the content stays.</summary>
    private FirmwareStatus Update(LegacyGuest guest, CommandBuffer buffer)
    {
        if (guest.Asid == 0) return FirmwareStatus.Inactive;
        ulong address = buffer.Quadword(8);
        uint bytes = buffer.Word(16);
        if (address % BlockBytes != 0) return FirmwareStatus.InvalidAddress;
        return bytes % BlockBytes != 0 || bytes == 0 ? FirmwareStatus.InvalidLength : TestData(address, bytes);
    }

    private FirmwareStatus Activate(LegacyGuest guest, uint asid)
    {
        if (asid == 0 || asid > machine.Processor.MaxAsid) return FirmwareStatus.InvalidAsid;
        AsidState state = Firmware?.AsidStateOf(asid) ?? _asids[asid];
        if (state.Bound != 0) return FirmwareStatus.AsidOwned;
        if (guest.Asid != 0) return FirmwareStatus.Active;
        if (state.Dirty != 0) return FirmwareStatus.DfFlushRequired;
        if (state.Clean != Everywhere) return FirmwareStatus.AsidOwned;
        Set(asid, new AsidState(0, 0, Everywhere, 0));
        guest.Asid = asid;
        return FirmwareStatus.Success;
    }

    /// <summary>The ASID of a guest that never ran becomes clean.</summary>
    private void Release(LegacyGuest guest)
    {
        if (guest.Asid != 0) Set(guest.Asid, new AsidState(0, Everywhere, 0, 0));
        guest.Asid = 0;
    }

    private void Set(uint asid, AsidState state)
    {
        if (Firmware is { } firmware) firmware.TrySetAsidState(asid, state);
        else _asids[asid] = state;
    }
}
