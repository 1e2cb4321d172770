using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Firmware;

namespace FastRmp.Tests.Firmware;

/// <summary>
/// A machine that is set up and read by short texts: <c>801=8000000000000005:1f</c> is the entry of page 0x801, the other places stand in
/// <see cref="Set"/>.
/// </summary>
/// <remarks>256 MiB of DRAM from 0, the RMP at 0x60_0000 for 252 MiB, one core complex, SNP initialised, all ASIDs clean.</remarks>
internal sealed class VectorMachine : IDisposable
{
    private const string UninitBits = "00000";

    private readonly PinnedMemory _storage;
    private readonly ReverseMapTable<ContiguousGeometry> _table;
    private readonly SevFirmware<ContiguousGeometry> _firmware;
    private readonly List<string> _places = ["platform", "guests"];

    public VectorMachine()
    {
        ContiguousGeometry geometry = new(PhysicalAddress.Create(0x60_0000), PhysicalAddress.Create(0x6F_FFFF));
        _storage = PinnedMemory.Reserve(geometry.StorageBytes);
        _table = new ReverseMapTable<ContiguousGeometry>(geometry, _storage, ProcessorModel.Genoa, ModelChoices.Default);
        _firmware = new SevFirmware<ContiguousGeometry>(_table, new FirmwareMachine { Dram = [new PhysicalRange(default, 0x1000_0000)] })
        {
            Context = FirmwareContextState.Initialized,
        };
        Set("platform=init,none,rmp,iommu,snpen");
        Set("guests=1");
        for (uint asid = 1; asid <= ProcessorModel.Genoa.MaxAsid; asid++)
        {
            _firmware.TrySetAsidState(asid, new AsidState(0, 1, 0, 0));
        }
    }

    public static string PlaceOf(string token) => token[..token.IndexOf('=', StringComparison.Ordinal)];

    /// <summary>
    /// Sets a place: an entry, <c>gctxPAGE</c> (state,asid,flags,imi,iv,root), then <c>policyPAGE</c> and <c>agentPAGE</c> of the same
    /// context, <c>asidN</c> (D, C, A, U), <c>counterN</c>, <c>platform</c>, <c>guests</c>, <c>wbinvd</c>, <c>machine</c>.
    /// </summary>
    public void Set(string token)
    {
        string place = PlaceOf(token);
        string value = token[(place.Length + 1)..];
        if (place != "machine" && !_places.Contains(place)) _places.Add(place);
        if (place == "platform")
        {
            _firmware.Platform = Platform(value, _firmware.Platform);
        }
        else if (place == "guests")
        {
            _firmware.Platform = _firmware.Platform with { Guests = (uint)VectorCommand.Hex(value) };
        }
        else if (place == "wbinvd")
        {
            _firmware.Platform = _firmware.Platform with { FlushedCoreComplexes = (ushort)VectorCommand.Hex(value) };
        }
        else if (place == "machine")
        {
            _firmware.Machine = Machine(value, _firmware.Machine);
        }
        else if (place == "iommu")
        {
            _firmware.RecordIommuPages([new PhysicalRange(Page(value), 0x1000)]);
        }
        else if (place.StartsWith("asid", StringComparison.Ordinal))
        {
            _firmware.TrySetAsidState((uint)VectorCommand.Hex(place[4..]), Asid(value));
        }
        else if (place.StartsWith("counter", StringComparison.Ordinal))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(
                _storage.Span(VectorCommand.Hex(place[7..]) * sizeof(ulong), sizeof(ulong)), VectorCommand.Hex(value));
        }
        else if (place.StartsWith("gctx", StringComparison.Ordinal))
        {
            _firmware.SetGuestContext(Page(place[4..]), Context(value));
        }
        else if (place.StartsWith("policy", StringComparison.Ordinal))
        {
            _firmware.SetGuestContext(Page(place[6..]), Guest(place[6..]) with { Policy = new GuestPolicy(VectorCommand.Hex(value)) });
        }
        else if (place.StartsWith("agent", StringComparison.Ordinal))
        {
            _firmware.SetGuestContext(Page(place[5..]), Guest(place[5..]) with { MigrationAgent = VectorCommand.Hex(value) });
        }
        else if (place.StartsWith("meta", StringComparison.Ordinal))
        {
            _firmware.SetMetadata(PhysicalAddress.Create(VectorCommand.Hex(place[4..])), Metadata(value));
        }
        else
        {
            _table.TryWriteRaw(Page(place), new RmpEntry(VectorCommand.Hex(value.Split(':')[0]), VectorCommand.Hex(value.Split(':')[1])));
        }
    }

    /// <summary>All that was set, as it is.</summary>
    public Dictionary<string, string> Snapshot()
    {
        Dictionary<string, string> all = [];
        foreach (string place in _places) all[place] = Read(place);
        return all;
    }

    public string Read(string place)
    {
        if (place == "platform") return $"platform={Text(_firmware.Platform)}";
        if (place == "guests") return $"guests={_firmware.Platform.Guests:x}";
        if (place == "wbinvd") return $"wbinvd={_firmware.Platform.FlushedCoreComplexes:x}";
        if (place == "iommu")
        {
            return $"iommu={(_firmware.RecordedIommuPages.IsEmpty ? "none" : _firmware.RecordedIommuPages[0].Start.PageNumber.ToString("x", CultureInfo.InvariantCulture))}";
        }

        if (place.StartsWith("asid", StringComparison.Ordinal))
        {
            return $"{place}={Text(_firmware.AsidStateOf((uint)VectorCommand.Hex(place[4..])))}";
        }

        if (place.StartsWith("counter", StringComparison.Ordinal))
        {
            return $"{place}={_table.AssignedPages((uint)VectorCommand.Hex(place[7..])):x}";
        }

        if (place.StartsWith("gctx", StringComparison.Ordinal)) return $"{place}={Text(Guest(place[4..]))}";
        if (place.StartsWith("policy", StringComparison.Ordinal)) return $"{place}={Guest(place[6..]).Policy.Value:x}";
        if (place.StartsWith("agent", StringComparison.Ordinal)) return $"{place}={Guest(place[5..]).MigrationAgent:x}";
        if (place.StartsWith("meta", StringComparison.Ordinal))
        {
            _ = _firmware.TryGetMetadata(PhysicalAddress.Create(VectorCommand.Hex(place[4..])), out MetadataEntry entry);
            return $"{place}={Text(entry)}";
        }

        _ = _table.TryReadRaw(Page(place), out RmpEntry raw);
        return $"{place}={raw.Low:x}:{raw.High:x}";
    }

    public FirmwareStatus Execute(string command) => VectorCommand.Execute(_firmware, command);

    public void Dispose()
    {
        _table.Dispose();
        _storage.Dispose();
    }

    private GuestContext Guest(string page)
    {
        _ = _firmware.TryGetGuestContext(Page(page), out GuestContext context);
        return context;
    }

    private static PhysicalAddress Page(string number) => PhysicalAddress.FromPageNumber(VectorCommand.Hex(number));

    private static PlatformState Platform(string value, PlatformState old)
    {
        string[] parts = value.Split(',');
        return old with
        {
            IsSnpInitialized = parts[0] == "init",
            Sev = parts[1] == "none" ? SevPlatformState.Uninit : SevPlatformState.Init,
            IsRmpInitialized = parts[2] == "rmp",
            IsIommuEnforced = parts[3] == "iommu",
            IsSnpEnabled = parts[4] == "snpen",
        };
    }

    private static string Text(PlatformState state) =>
        $"{(state.IsSnpInitialized ? "init" : "uninit")},{(state.Sev == SevPlatformState.Uninit ? "none" : "sev")},{(state.IsRmpInitialized ? "rmp" : "-")},{(state.IsIommuEnforced ? "iommu" : "-")},{(state.IsSnpEnabled ? "snpen" : "-")}";

    private static AsidState Asid(string value) => value switch
    {
        "D" => new AsidState(1, 0, 0, 0),
        "C" => new AsidState(0, 1, 0, 0),
        "A" => new AsidState(0, 0, 1, 0),
        _ => new AsidState(0, 0, 0, 1),
    };

    private static string Text(AsidState state) =>
        $"{(state.Dirty != 0 ? "D" : "")}{(state.Clean != 0 ? "C" : "")}{(state.Allocated != 0 ? "A" : "")}{(state.Used != 0 ? "U" : "")}";

    /// <summary>State (I, L, R), ASID, flags, mode of a migration image, used initialisation vectors, root entry.</summary>
    private static GuestContext Context(string value)
    {
        string[] parts = value.Split(',');
        uint asid = (uint)VectorCommand.Hex(parts[1]);
        return new GuestContext
        {
            State = parts[0] switch { "I" => GuestState.Init, "L" => GuestState.Launch, _ => GuestState.Running },
            Asid = asid,
            Flags = (GuestFlags)VectorCommand.Hex(parts[2]),
            CoreComplexes = (ushort)(asid == 0 ? 0 : 1),
            IsMigrationImage = parts.Length > 3 && parts[3] == "1",
            MigrationAgent = GuestContext.NoMigrationAgent,
            IvCount = parts.Length > 4 ? VectorCommand.Hex(parts[4]) : 0,
            Root = parts.Length > 5 ? Metadata(parts[5]) : default,
        };
    }

    private static string Text(in GuestContext context) =>
        $"{"ILR"[(int)context.State]},{context.Asid:x},{(int)context.Flags:x},{(context.IsMigrationImage ? 1 : 0)},{context.IvCount:x},{Text(context.Root)}";

    /// <summary>Bits (valid, validated, vmsa, metadata, size), guest page, high quadword, initialisation vector, software's data.</summary>
    private static MetadataEntry Metadata(string value)
    {
        string[] parts = value.Split(':');
        return new MetadataEntry
        {
            IsValid = parts[0][0] == '1',
            IsValidated = parts[0][1] == '1',
            IsVmsa = parts[0][2] == '1',
            IsMetadata = parts[0][3] == '1',
            Size = parts[0][4] == '1' ? PageSize.Size2M : PageSize.Size4K,
            GuestPage = VectorCommand.Hex(parts[1]),
            Permissions = VectorCommand.Hex(parts[2]),
            Iv = VectorCommand.Hex(parts[3]),
            SoftwareData = VectorCommand.Hex(parts[4]),
        };
    }

    private static string Text(in MetadataEntry entry)
    {
        string bits =
            $"{(entry.IsValid ? 1 : 0)}{(entry.IsValidated ? 1 : 0)}{(entry.IsVmsa ? 1 : 0)}{(entry.IsMetadata ? 1 : 0)}{(int)entry.Size}";
        return bits == UninitBits && entry == default
            ? "0"
            : $"{bits}:{entry.GuestPage:x}:{entry.Permissions:x}:{entry.Iv:x}:{entry.SoftwareData:x}";
    }

    private static FirmwareMachine Machine(string value, FirmwareMachine machine) => value switch
    {
        "mfdm" => machine with { IsMfdmEnabled = false },
        "vmpl" => machine with { IsVmplEnabled = false },
        "encryption" => machine with { IsMemoryEncryptionEnabled = false },
        "smmlock" => machine with { IsSmmLocked = false },
        "hsave" => machine with { IsHostSaveAreaClear = false },
        "bounds" => machine with { AreRmpBoundsEqual = false },
        "cbit" => machine with { RmpBase = 0x8_0000_0060_0000 },
        "cbits" => machine with { RmpBase = 0x8_0000_0060_0000, RmpEnd = 0x8_0000_006F_FFFF },
        "unaligned" => machine with { RmpBase = 0x68_0000 },
        "tcb" => machine with { IsTcbChanged = true },
        "noiommu" => machine with { AreIommusReady = false },
        "tseg" => machine with { Tseg = new PhysicalRange(PhysicalAddress.Create(0x80_0000), 0x10_0000) },
        "tsegrmp" => machine with { Tseg = new PhysicalRange(PhysicalAddress.Create(0x68_0000), 0x10_0000), ChecksTseg = false },
        "hole" =>
            machine with
            {
                Dram = [new PhysicalRange(default, 0x80_0000), new PhysicalRange(PhysicalAddress.Create(0x90_0000), 0x800_0000)],
            },
        "buffer" => machine with { IommuBuffers = [new PhysicalRange(PhysicalAddress.Create(0x80_1000), 0x2000)] },
        "twobuffers" =>
            machine with
            {
                IommuBuffers =
                [
                    new PhysicalRange(PhysicalAddress.Create(0x80_1000), 0x2000),
                    new PhysicalRange(PhysicalAddress.Create(0x80_2000), 0x1000),
                ],
            },
        "bufferinrmp" =>
            machine with
            {
                IommuBuffers =
                [
                    new PhysicalRange(PhysicalAddress.Create(0x80_1000), 0x1000),
                    new PhysicalRange(PhysicalAddress.Create(0x6F_F000), 0x1000),
                ],
            },
        "noshutdown" => machine with { SupportsX86Shutdown = false },
        "failshutdown" => machine with { FailsX86Shutdown = true },
        "nosmt" => machine with { IsSmtEnabled = false },
        "sockets" => machine with { Sockets = 2 },
        _ => throw new FormatException($"'{value}' is nothing of a machine."),
    };
}
