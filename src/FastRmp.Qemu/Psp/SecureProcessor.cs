using System;
using System.Buffers.Binary;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>The commands of the secure processor: their buffers are read, the library's firmware decides, and what they answer is
/// written.</summary>
/// <remarks>Buffers: Linux include/linux/psp-sev.h. One thread at a time.</remarks>
internal sealed class SecureProcessor(SnpMachine machine)
{
    private const ushort FirstOfSnp = (ushort)FirmwareCommand.SnpInit;
    private const uint CommitBytes = 4;
    private const uint FeatureInfoBytes = 16;
    private const uint VlekBytes = 16;
    private const uint ActivateExBytes = 0x20;
    private const ulong FeatureAlignment = 4;

    private readonly LegacyPlatform _legacy = new(machine);
    private readonly PlatformSettings _settings = new();
    private SevFirmware<RmpGeometry>? _firmware;

    /// <summary>Executes a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="address">The address of its buffer, as the host wrote it.</param>
    /// <param name="device">Memory of devices: an initialisation looks at the IOMMUs' registers.</param>
    /// <param name="isInjected">Whether it was answered without being executed.</param>
    /// <returns>Its status.</returns>
    internal FirmwareStatus Execute(FirmwareCommand command, ulong address, IDeviceMemory device, out bool isInjected)
    {
        isInjected = machine.Injector.TryAnswer(command, out FirmwareStatus status);
        if (!isInjected) status = Dispatch(command, new CommandBuffer(machine.Ram, Plain(address)), device);

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
            FirmwareCommand.SnpMdInit or FirmwareCommand.LaunchUpdateData or FirmwareCommand.LaunchUpdateVmsa => buffer.Quadword(8),
            FirmwareCommand.SnpPageReclaim or FirmwareCommand.SnpPageUnsmash or FirmwareCommand.SnpGctxCreate
                or FirmwareCommand.SnpDecommission => buffer.Quadword(0),
            _ => null,
        };
        return page is { } value ? FormattableString.Invariant($" spa=0x{Plain(value) & ~PageSize.Size4K.OffsetMask():x}") : "";
    }

    /// <summary>An address without the C-bit.</summary>
    internal static ulong Plain(ulong address) => address & ~(1UL << ProcessorIdentity.EncryptionBit);

    private FirmwareStatus Dispatch(FirmwareCommand command, CommandBuffer buffer, IDeviceMemory device)
    {
        if (!Enum.IsDefined(command)) return FirmwareStatus.InvalidCommand;
        bool initializes = command is FirmwareCommand.SnpInit or FirmwareCommand.SnpInitEx;
        SevFirmware<RmpGeometry>? firmware = Firmware(initializes ? device : null);
        _legacy.Firmware = firmware;
        if (firmware is not null) machine.Assign();
        switch (command)
        {
            case FirmwareCommand.DfFlush or FirmwareCommand.SnpDfFlush: return Flush(firmware);
            case FirmwareCommand.SnpPlatformStatus: return Status(firmware, buffer);
            case FirmwareCommand.SnpFeatureInfo: return Features(firmware, buffer);
            case FirmwareCommand.SnpConfig: return _settings.Configure(buffer);
            case FirmwareCommand.SnpCommit:
                return buffer.Word(0) == CommitBytes ? FirmwareStatus.Success : FirmwareStatus.InvalidParam;
            case FirmwareCommand.SnpVlekLoad: // no key is wrapped for this chip
                return buffer.Quadword(0) == VlekBytes ? FirmwareStatus.BadMeasurement : FirmwareStatus.InvalidParam;
            case FirmwareCommand.SnpDownloadFirmwareEx: return _legacy.DownloadEx(buffer);
            default:
                if ((ushort)command < FirstOfSnp) return _legacy.Execute(command, buffer);
                return firmware is null ? WithoutSnp(command) : OfSnp(firmware, command, buffer);
        }
    }

    private FirmwareStatus OfSnp(SevFirmware<RmpGeometry> firmware, FirmwareCommand command, CommandBuffer buffer)
    {
        ulong first = buffer.Quadword(0);
        ulong second = buffer.Quadword(8);
        ulong third = buffer.Quadword(16);
        return command switch
        {
            FirmwareCommand.SnpInit => Initialized(firmware.SnpInit()),
            FirmwareCommand.SnpInitEx => Initialize(firmware, buffer),
            FirmwareCommand.SnpShutdown => firmware.SnpShutdown(),
            FirmwareCommand.SnpShutdownEx => ShutDown(firmware, buffer),
            FirmwareCommand.SnpDecommission => firmware.Decommission(first),
            FirmwareCommand.SnpActivate => firmware.Activate(first, buffer.Word(8)),
            FirmwareCommand.SnpActivateEx => firmware.ActivateEx( // the one core complex, if any processor of it is listed
                second, buffer.Word(16), buffer.Word(20) != 0 ? (ushort)1 : (ushort)0, buffer.Word(0) != ActivateExBytes),
            FirmwareCommand.SnpGuestStatus => GuestStatus(firmware, first, second),
            FirmwareCommand.SnpGctxCreate => firmware.GctxCreate(first),
            FirmwareCommand.SnpGuestRequest => // no message is sealed with a key that this firmware gave to a guest
                Otherwise(firmware.GuestRequest(first, second, third), FirmwareStatus.BadMeasurement),
            FirmwareCommand.SnpLaunchStart => firmware.LaunchStart(SnpRequests.Start(buffer)),
            FirmwareCommand.SnpLaunchUpdate => Update(firmware, SnpRequests.Update(buffer)),
            FirmwareCommand.SnpLaunchFinish => firmware.LaunchFinish(SnpRequests.Finish(buffer)),
            FirmwareCommand.SnpDbgDecrypt => Copied(firmware.DebugDecrypt(first, second, third), second, third, PageSize.Size4K),
            FirmwareCommand.SnpDbgEncrypt => Copied(firmware.DebugEncrypt(first, second, third), second, third, PageSize.Size4K),
            FirmwareCommand.SnpSwapOut => Swap(firmware, SnpRequests.Swap(buffer, isIn: false), isIn: false),
            FirmwareCommand.SnpSwapIn => Swap(firmware, SnpRequests.Swap(buffer, isIn: true), isIn: true),
            FirmwareCommand.SnpPageMove => Move(firmware, SnpRequests.Move(buffer)),
            FirmwareCommand.SnpMdInit => firmware.MdInit(first, second),
            FirmwareCommand.SnpPageSetState => SetState(firmware, buffer),
            FirmwareCommand.SnpPageReclaim => firmware.PageReclaim(first),
            FirmwareCommand.SnpPageUnsmash => firmware.PageUnsmash(first),
            _ => FirmwareStatus.InvalidCommand,
        };
    }

    /// <summary>The firmware over the RMP; null as long as SNP was never on.</summary>
    /// <param name="device">Memory of devices, if the IOMMUs are looked at.</param>
    private SevFirmware<RmpGeometry>? Firmware(IDeviceMemory? device)
    {
        ReverseMapTable<RmpGeometry>? table = machine.Table;
        if (table is null) return null;
        if (_firmware is null || !ReferenceEquals(_firmware.Table, table)) _firmware = new SevFirmware<RmpGeometry>(table);
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
            AbiMajor = PlatformSettings.AbiMajor,
            AbiMinor = PlatformSettings.AbiMinor,
            IsMfdmEnabled = isMfdm,
            IsVmplEnabled = isVmpl,
            IsMemoryEncryptionEnabled = isEncrypting,
            AreIommusReady = device is null || IommuBuffers.AreEnabled(machine.Iommus, device),
            IommuBuffers = device is null ? [] : IommuBuffers.Of(machine.Iommus, device),
        };
        return _firmware;
    }

    /// <summary>What needs SNP, before it is on.</summary>
    private static FirmwareStatus WithoutSnp(FirmwareCommand command) => command switch
    {
        FirmwareCommand.SnpInit or FirmwareCommand.SnpInitEx => FirmwareStatus.InvalidConfig,
        FirmwareCommand.SnpShutdown or FirmwareCommand.SnpShutdownEx => FirmwareStatus.Success,
        _ => FirmwareStatus.InvalidPlatformState,
    };

    private static FirmwareStatus Otherwise(FirmwareStatus status, FirmwareStatus instead) =>
        status == FirmwareStatus.Success ? instead : status;

    /// <summary>The ASIDs are clean if every processor executed WBINVD since.</summary>
    private FirmwareStatus Flush(SevFirmware<RmpGeometry>? firmware)
    {
        bool isFlushed = true;
        foreach (GuestCore core in machine.Cores) isFlushed &= core.WasFlushed;
        if (firmware is null) return _legacy.Flush(isFlushed);
        if (isFlushed) firmware.Wbinvd();
        return firmware.DfFlush();
    }

    private FirmwareStatus Initialize(SevFirmware<RmpGeometry> firmware, CommandBuffer buffer)
    {
        SnpInitFlags flags = new(buffer.Word(0));
        ulong list = buffer.Quadword(8);
        CommandBuffer listed = new(machine.Ram, Plain(list));
        Span<PageRangeEntry> ranges = stackalloc PageRangeEntry[SnpRequests.MostRanges];
        int count = flags.HasList ? SnpRequests.Ranges(listed, ranges) : 0;
        return Initialized(firmware.SnpInitEx(new PlatformParameters
        {
            HasReservedBits = flags.HasReservedBits,
            InitRmp = flags.InitRmp,
            HasList = flags.HasList,
            ListAddress = list,
            Ranges = ranges[..count],
            RangeCount = flags.HasList ? listed.Word(0) : 0,
            ListReserved = flags.HasList ? listed.Word(4) : 0,
        }));
    }

    private FirmwareStatus Initialized(FirmwareStatus status)
    {
        foreach (GuestCore core in machine.Cores) core.WasFlushed = false;
        return status;
    }

    private FirmwareStatus SetState(SevFirmware<RmpGeometry> firmware, CommandBuffer buffer)
    {
        ulong list = buffer.Quadword(8);
        CommandBuffer listed = new(machine.Ram, Plain(list));
        Span<PageRangeEntry> ranges = stackalloc PageRangeEntry[SnpRequests.MostRanges];
        int count = SnpRequests.Ranges(listed, ranges);
        return firmware.PageSetState(new PlatformParameters
        {
            Length = buffer.Word(0),
            HasReservedBits = buffer.Word(4) != 0,
            ListAddress = list,
            Ranges = ranges[..count],
            RangeCount = listed.Word(0),
            ListReserved = listed.Word(4),
        });
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

    private FirmwareStatus Status(SevFirmware<RmpGeometry>? firmware, CommandBuffer buffer)
    {
        ulong address = buffer.Quadword(0);
        const int Bytes = SevFirmware<RmpGeometry>.PlatformStatusBytes;
        if (!SevFirmware<RmpGeometry>.FitsPage(address, Bytes)) return FirmwareStatus.InvalidParam;
        FirmwareStatus status = firmware?.PlatformStatus(address) ?? FirmwareStatus.Success;
        if (status != FirmwareStatus.Success) return status;
        Span<byte> answer = machine.Ram.Bytes(Plain(address), Bytes);
        if (answer.IsEmpty) return FirmwareStatus.InvalidAddress;
        _settings.WriteStatus(answer, firmware?.Platform ?? default);
        return FirmwareStatus.Success;
    }

    private FirmwareStatus Features(SevFirmware<RmpGeometry>? firmware, CommandBuffer buffer)
    {
        if (buffer.Word(0) != FeatureInfoBytes) return FirmwareStatus.InvalidParam;
        ulong address = buffer.Quadword(8);
        bool fits = SevFirmware<RmpGeometry>.FitsPage(address, PlatformSettings.FeatureBytes);
        if (!fits || address % FeatureAlignment != 0) return FirmwareStatus.InvalidAddress;
        FirmwareStatus status = firmware?.FeatureInfo(address) ?? FirmwareStatus.Success;
        if (status != FirmwareStatus.Success) return status;
        Span<byte> features = stackalloc byte[PlatformSettings.FeatureBytes];
        if (!PlatformSettings.TryFeatures(buffer.Word(4), features)) return FirmwareStatus.InvalidParam;
        Span<byte> answer = machine.Ram.Bytes(Plain(address), PlatformSettings.FeatureBytes);
        if (answer.IsEmpty) return FirmwareStatus.InvalidAddress;
        features.CopyTo(answer);
        return FirmwareStatus.Success;
    }

    private FirmwareStatus GuestStatus(SevFirmware<RmpGeometry> firmware, ulong guestContext, ulong address)
    {
        FirmwareStatus status = firmware.GuestStatus(guestContext, address, out GuestContext guest);
        if (status != FirmwareStatus.Success) return status;
        Span<byte> answer = machine.Ram.Bytes(Plain(address), SevFirmware<RmpGeometry>.GuestStatusBytes);
        if (answer.IsEmpty) return FirmwareStatus.InvalidAddress;
        answer.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(answer, guest.Policy.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(answer[8..], guest.IsBound ? guest.Asid : 0);
        answer[12] = (byte)guest.State;
        return FirmwareStatus.Success;
    }

    /// <summary>A page of type ZERO becomes zero; nothing is encrypted, so the content of the others stays.</summary>
    private FirmwareStatus Update(SevFirmware<RmpGeometry> firmware, in LaunchParameters parameters)
    {
        FirmwareStatus status = firmware.LaunchUpdate(parameters);
        if (status == FirmwareStatus.Success && parameters.Type == LaunchPageType.Zero)
        {
            machine.Ram.Bytes(Plain(parameters.Page), (int)parameters.Size.Bytes()).Clear();
        }

        return status;
    }

    private FirmwareStatus Move(SevFirmware<RmpGeometry> firmware, in PageTransferParameters parameters) =>
        Copied(firmware.PageMove(parameters), parameters.Source, parameters.Destination, parameters.Size);

    private FirmwareStatus Swap(SevFirmware<RmpGeometry> firmware, in PageTransferParameters parameters, bool isIn) => Copied(
        isIn ? firmware.SwapIn(parameters) : firmware.SwapOut(parameters), parameters.Source, parameters.Destination, parameters.Size);

    /// <summary>What a command copies from page to page, if it succeeded. Nothing is encrypted.</summary>
    private FirmwareStatus Copied(FirmwareStatus status, ulong source, ulong destination, PageSize size)
    {
        if (status != FirmwareStatus.Success) return status;
        Span<byte> from = machine.Ram.Bytes(Plain(source), (int)size.Bytes());
        Span<byte> to = machine.Ram.Bytes(Plain(destination), (int)size.Bytes());
        if (from.Length == to.Length) from.CopyTo(to);
        return status;
    }
}
