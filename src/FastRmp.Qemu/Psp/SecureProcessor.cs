using System;
using System.Runtime.InteropServices;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>The commands of the secure processor: their buffers are read, the library's firmware decides, and what they answer is
/// written.</summary>
/// <remarks>Buffers: Linux include/linux/psp-sev.h. One thread at a time.</remarks>
internal sealed class SecureProcessor(SnpMachine machine)
{
    private const byte AbiMajor = 1;
    private const byte AbiMinor = 55;
    private const byte Build = 21;
    private const uint LegacyStatusBytes = 12;
    private const int SnpStatusBytes = 32;
    private const int FeatureBytes = 16;
    private const int ListHeaderBytes = 8;
    private const int RangeBytes = 16;
    private const int MostRanges = 255;

    private SevFirmware<RmpGeometry>? _firmware;
    private bool _isLegacyReady; // without SNP there is no table, and so no firmware of the library's

    /// <summary>Executes a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="address">The address of its buffer, as the host wrote it.</param>
    /// <param name="isInjected">Whether it was answered without being executed.</param>
    /// <returns>Its status.</returns>
    internal FirmwareStatus Execute(FirmwareCommand command, ulong address, out bool isInjected)
    {
        isInjected = machine.Injector.TryAnswer(command, out FirmwareStatus status);
        if (!isInjected) status = Dispatch(command, new CommandBuffer(machine.Ram, Plain(address)));

        machine.Firmware.Add(command, status);
        return status;
    }

    /// <summary>The field of an event that names the page that a command is about, if it is about one.</summary>
    internal static string PageOf(GuestRam ram, FirmwareCommand command, ulong address)
    {
        CommandBuffer buffer = new(ram, Plain(address));
        ulong? page = command switch
        {
            FirmwareCommand.SnpLaunchUpdate => buffer.Quadword(16),
            FirmwareCommand.SnpPageReclaim or FirmwareCommand.SnpPageUnsmash or FirmwareCommand.SnpGctxCreate
                or FirmwareCommand.SnpDecommission => buffer.Quadword(0),
            _ => null,
        };
        return page is { } value ? FormattableString.Invariant($" spa=0x{Plain(value) & ~PageSize.Size4K.OffsetMask():x}") : "";
    }

    private FirmwareStatus Dispatch(FirmwareCommand command, CommandBuffer buffer)
    {
        SevFirmware<RmpGeometry>? firmware = Firmware();
        if (firmware is null) return WithoutSnp(command, buffer);
        machine.Assign();
        switch (command)
        {
            case FirmwareCommand.Init or FirmwareCommand.InitEx: return firmware.SevInit();
            case FirmwareCommand.Shutdown: return firmware.SevShutdown();
            case FirmwareCommand.PlatformStatus: return LegacyStatus(firmware, buffer);
            case FirmwareCommand.DfFlush or FirmwareCommand.SnpDfFlush: return Flush(firmware);
            case FirmwareCommand.SnpInit: return firmware.SnpInit();
            case FirmwareCommand.SnpInitEx: return Initialize(firmware, buffer);
            case FirmwareCommand.SnpShutdown: return firmware.SnpShutdown();
            case FirmwareCommand.SnpShutdownEx: return ShutDown(firmware, buffer);
            case FirmwareCommand.SnpPlatformStatus: return SnpStatus(firmware, buffer);
            case FirmwareCommand.SnpFeatureInfo: return Features(firmware, buffer);
            case FirmwareCommand.SnpDecommission: return firmware.Decommission(buffer.Quadword(0));
            case FirmwareCommand.SnpActivate: return firmware.Activate(buffer.Quadword(0), buffer.Word(8));
            case FirmwareCommand.SnpGctxCreate: return firmware.GctxCreate(buffer.Quadword(0));
            case FirmwareCommand.SnpLaunchStart: return firmware.LaunchStart(StartOf(buffer));
            case FirmwareCommand.SnpLaunchUpdate: return firmware.LaunchUpdate(UpdateOf(buffer));
            case FirmwareCommand.SnpLaunchFinish: return firmware.LaunchFinish(FinishOf(buffer));
            case FirmwareCommand.SnpPageReclaim: return firmware.PageReclaim(buffer.Quadword(0));
            case FirmwareCommand.SnpPageUnsmash: return firmware.PageUnsmash(buffer.Quadword(0));
            case FirmwareCommand.SnpCommit: return FirmwareStatus.Success;
            default: return FirmwareStatus.InvalidCommand;
        }
    }

    /// <summary>The firmware over the RMP; null as long as SNP was never on.</summary>
    private SevFirmware<RmpGeometry>? Firmware()
    {
        ReverseMapTable<RmpGeometry>? table = machine.Table;
        if (table is null) return null;
        if (_firmware is null || !ReferenceEquals(_firmware.Table, table))
        {
            _firmware = new SevFirmware<RmpGeometry>(table);
            if (_isLegacyReady) _firmware.Platform = _firmware.Platform with { Sev = SevPlatformState.Init };
        }

        bool isOn = true;
        bool isMfdm = true;
        bool isVmpl = true;
        bool isEncrypting = true;
        foreach (GuestCore core in machine.Cores)
        {
            isOn &= core.IsSnpOn;
            isMfdm &= core.Syscfg.FixedMtrrModification;
            isVmpl &= core.Syscfg.VmplEnabled;
            isEncrypting &= core.Syscfg.EncryptionEnabled;
        }

        _firmware.IsSnpEnabled = isOn;
        _firmware.Machine = new FirmwareMachine
        {
            Dram = machine.Ram.Ranges,
            AbiMajor = AbiMajor,
            AbiMinor = AbiMinor,
            IsMfdmEnabled = isMfdm,
            IsVmplEnabled = isVmpl,
            IsMemoryEncryptionEnabled = isEncrypting,
        };
        return _firmware;
    }

    /// <summary>What works before SNP is on.</summary>
    private FirmwareStatus WithoutSnp(FirmwareCommand command, CommandBuffer buffer)
    {
        switch (command)
        {
            case FirmwareCommand.Init or FirmwareCommand.InitEx when _isLegacyReady: return FirmwareStatus.InvalidPlatformState;
            case FirmwareCommand.Init or FirmwareCommand.InitEx:
                _isLegacyReady = true;
                return FirmwareStatus.Success;
            case FirmwareCommand.Shutdown:
                _isLegacyReady = false;
                return FirmwareStatus.Success;
            case FirmwareCommand.PlatformStatus: return LegacyStatus(null, buffer);
            case FirmwareCommand.SnpPlatformStatus: return SnpStatus(null, buffer);
            case FirmwareCommand.SnpFeatureInfo: return Features(null, buffer);
            case FirmwareCommand.DfFlush or FirmwareCommand.SnpDfFlush or FirmwareCommand.SnpCommit: return FirmwareStatus.Success;
            case FirmwareCommand.SnpInit or FirmwareCommand.SnpInitEx: return FirmwareStatus.InvalidConfig;
            case FirmwareCommand.SnpShutdown or FirmwareCommand.SnpShutdownEx: return FirmwareStatus.Success;
            default: return Enum.IsDefined(command) ? FirmwareStatus.InvalidPlatformState : FirmwareStatus.InvalidCommand;
        }
    }

    /// <summary>The ASIDs are clean if every processor executed WBINVD since.</summary>
    private FirmwareStatus Flush(SevFirmware<RmpGeometry> firmware)
    {
        bool isFlushed = true;
        foreach (GuestCore core in machine.Cores) isFlushed &= core.WasFlushed;
        if (isFlushed) firmware.Wbinvd();
        return firmware.DfFlush();
    }

    private FirmwareStatus Initialize(SevFirmware<RmpGeometry> firmware, CommandBuffer buffer)
    {
        SnpInitFlags flags = new(buffer.Word(0));
        ulong list = buffer.Quadword(8);
        CommandBuffer listed = new(machine.Ram, Plain(list));
        uint count = flags.HasList ? listed.Word(0) : 0;
        Span<PageRangeEntry> ranges = stackalloc PageRangeEntry[int.Min((int)uint.Min(count, MostRanges), MostRanges)];
        for (int i = 0; i < ranges.Length; i++)
        {
            int at = ListHeaderBytes + (i * RangeBytes);
            ranges[i] = new PageRangeEntry(listed.Quadword(at), listed.Word(at + 8), listed.Word(at + 12));
        }

        FirmwareStatus status = firmware.SnpInitEx(new PlatformParameters
        {
            HasReservedBits = flags.HasReservedBits,
            InitRmp = flags.InitRmp,
            HasList = flags.HasList,
            ListAddress = list,
            Ranges = ranges,
            RangeCount = count,
            ListReserved = flags.HasList ? listed.Word(4) : 0,
        });
        foreach (GuestCore core in machine.Cores) core.WasFlushed = false;
        return status;
    }

    private FirmwareStatus ShutDown(SevFirmware<RmpGeometry> firmware, CommandBuffer buffer)
    {
        SnpShutdownFlags flags = new(buffer.Word(4));
        FirmwareStatus status = firmware.SnpShutdownEx(new PlatformParameters
        {
            Length = buffer.Word(0),
            HasReservedBits = flags.HasReservedBits,
            IommuShutdown = flags.Iommu,
            X86Shutdown = flags.X86,
        });
        if (!firmware.IsSnpEnabled) machine.Disable();
        return status;
    }

    private FirmwareStatus LegacyStatus(SevFirmware<RmpGeometry>? firmware, CommandBuffer buffer)
    {
        FirmwareStatus status = firmware?.WriteLegacyBuffer(buffer.Address, LegacyStatusBytes) ?? FirmwareStatus.Success;
        Span<byte> answer = machine.Ram.Bytes(buffer.Address, (int)LegacyStatusBytes);
        if (status != FirmwareStatus.Success || answer.IsEmpty) return status;
        bool isReady = firmware is null ? _isLegacyReady : firmware.Platform.Sev != SevPlatformState.Uninit;
        answer.Clear();
        answer[0] = AbiMajor;
        answer[1] = AbiMinor;
        answer[2] = isReady ? (byte)1 : (byte)0;
        answer[7] = Build;
        return FirmwareStatus.Success;
    }

    private FirmwareStatus SnpStatus(SevFirmware<RmpGeometry>? firmware, CommandBuffer buffer)
    {
        ulong address = buffer.Quadword(0);
        FirmwareStatus status = firmware?.PlatformStatus(address) ?? FirmwareStatus.Success;
        if (status != FirmwareStatus.Success) return status;
        Span<byte> answer = machine.Ram.Bytes(Plain(address), SnpStatusBytes);
        if (answer.IsEmpty) return FirmwareStatus.InvalidAddress;
        PlatformState platform = firmware?.Platform ?? default;
        answer.Clear();
        answer[0] = AbiMajor;
        answer[1] = AbiMinor;
        answer[2] = platform.IsSnpInitialized ? (byte)1 : (byte)0;
        answer[3] = platform.IsRmpInitialized ? (byte)1 : (byte)0;
        answer[4] = Build;
        MemoryMarshal.Write(answer[12..], platform.Guests);
        return FirmwareStatus.Success;
    }

    private FirmwareStatus Features(SevFirmware<RmpGeometry>? firmware, CommandBuffer buffer)
    {
        ulong address = buffer.Quadword(8);
        FirmwareStatus status = firmware?.FeatureInfo(address) ?? FirmwareStatus.Success;
        if (status != FirmwareStatus.Success) return status;
        Span<byte> answer = machine.Ram.Bytes(Plain(address), FeatureBytes);
        if (answer.IsEmpty) return FirmwareStatus.InvalidAddress;
        answer.Clear(); // none of the features of later versions
        return FirmwareStatus.Success;
    }

    private static LaunchParameters StartOf(CommandBuffer buffer)
    {
        LaunchStartFlags flags = new(buffer.Word(24));
        return new LaunchParameters
        {
            GuestContext = buffer.Quadword(0),
            Policy = new GuestPolicy(buffer.Quadword(8)),
            MigrationAgent = buffer.Quadword(16),
            HasMigrationAgent = flags.HasMigrationAgent,
            IsMigrationImage = flags.IsMigrationImage,
            HasReservedBits = flags.HasReservedBits,
        };
    }

    private static LaunchParameters UpdateOf(CommandBuffer buffer)
    {
        LaunchUpdateFlags flags = new(buffer.Quadword(8));
        LaunchUpdatePermissions permissions = new(buffer.Quadword(24));
        return new LaunchParameters
        {
            GuestContext = buffer.Quadword(0),
            Page = buffer.Quadword(16),
            Size = flags.Size,
            Type = (LaunchPageType)flags.Type,
            IsMigrationImage = flags.IsMigrationImage,
            Vmpl1Permissions = permissions.Vmpl1,
            Vmpl2Permissions = permissions.Vmpl2,
            Vmpl3Permissions = permissions.Vmpl3,
            HasReservedBits = flags.HasReservedBits || permissions.HasReservedBits,
        };
    }

    private static LaunchParameters FinishOf(CommandBuffer buffer)
    {
        LaunchFinishFlags flags = new(buffer.Quadword(24));
        return new LaunchParameters
        {
            GuestContext = buffer.Quadword(0),
            DisablesVcek = flags.DisablesVcek,
            HasReservedBits = flags.HasReservedBits,
        };
    }

    /// <summary>An address without the C-bit.</summary>
    private static ulong Plain(ulong address) => address & ~(1UL << ProcessorIdentity.EncryptionBit);
}
