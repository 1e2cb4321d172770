using System;
using FastRmp.Firmware;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Firmware;

/// <summary>A machine whose RMP suits firmware: 252 MiB are covered, by a table of 1 MiB at 0x60_0000.</summary>
internal sealed class FirmwareRig : IDisposable
{
    public const ulong OwnStart = 0x60_0000;
    public const ulong OwnEnd = 0x6F_FFFF;
    public const ulong Covered = 0xFC0_0000;

    /// <summary>A region with nothing of the RMP in it, a page inside it, and a region after it.</summary>
    public const ulong R = 0x80_0000;
    public const ulong S = R + 0x5000;
    public const ulong Q = 0xA0_0000;

    /// <summary>A page that <see cref="MakeContext"/> makes a guest's context, and its Metadata raw.</summary>
    public const ulong ContextPage = 0xC0_3000;
    public const ulong MetadataLow = 0x8001_0000_00C0_3005;

    private readonly PinnedMemory _storage;

    /// <summary>RMPUPDATE locks an immutable page: without that no page would be one that SNP_PAGE_SET_STATE takes.</summary>
    public static readonly ModelChoices Locking = ModelChoices.Default with { LockFollowsImmutable = true };

    public FirmwareRig(ModelChoices? choices = null, ProcessorModel? processor = null, bool isInitialized = true)
        : this(OwnStart, OwnEnd, choices, processor, isInitialized)
    {
    }

    public FirmwareRig(
        ulong rmpBase, ulong rmpEnd, ModelChoices? choices = null, ProcessorModel? processor = null, bool isInitialized = true)
    {
        ContiguousGeometry geometry = new(PhysicalAddress.Create(rmpBase), PhysicalAddress.Create(rmpEnd));
        _storage = PinnedMemory.Allocate(geometry.StorageBytes);
        Table = new ReverseMapTable<ContiguousGeometry>(geometry, _storage, processor ?? ProcessorModel.Genoa, choices ?? Locking);
        Firmware = new SevFirmware<ContiguousGeometry>(Table);

        // As after an INIT, but with an empty table.
        if (isInitialized)
        {
            Firmware.Platform = Firmware.Platform with { IsSnpInitialized = true, IsRmpInitialized = true, IsIommuEnforced = true };
        }
    }

    public ReverseMapTable<ContiguousGeometry> Table { get; }

    public SevFirmware<ContiguousGeometry> Firmware { get; }

    /// <summary>A range as scripts have it: first and last byte.</summary>
    public static PhysicalRange Range(ulong first, ulong last) => new(At(first), last - first + 1);

    public void Dispose()
    {
        Table.Dispose();
        _storage.Dispose();
    }

    public RmpEntry Raw(ulong page)
    {
        Assert.True(Table.TryReadRaw(At(page), out RmpEntry entry));
        return entry;
    }

    public void RequireRaw(ulong page, ulong low, ulong high = 0)
    {
        RmpEntry entry = Raw(page);
        if (entry.Low != low || entry.High != high)
        {
            Assert.Fail($"0x{page:x}: 0x{entry.Low:x16} 0x{entry.High:x}, expected 0x{low:x16} 0x{high:x}");
        }
    }

    public void Poke(ulong page, ulong low, ulong high = 0) => Assert.True(Table.TryWriteRaw(At(page), new RmpEntry(low, high)));

    /// <summary>Writes 512 entries of a region: the base, and 511 alike.</summary>
    public void PokeRegion(ulong region, ulong low, ulong subLow)
    {
        Poke(region, low);
        for (ulong page = region + 0x1000; page < region + ModelPair.RegionBytes; page += 0x1000)
        {
            Poke(page, subLow);
        }
    }

    public RmpResult Update(ulong page, RmpUpdateOperand operand) => Table.RmpUpdate(ExecutionState.Host, At(page), operand);

    /// <summary>RMPUPDATE that has to succeed.</summary>
    public void Assign(ulong page, ulong gpa, uint asid, PageSize size = PageSize.Size4K, bool immutable = true) =>
        Assert.True(Update(page, Operands.Assign(gpa, asid, size, immutable)).IsSuccess);

    /// <summary>A machine with a context page, and a page of its guest, which has ASID 5, at <see cref="Q"/>.</summary>
    public static FirmwareRig WithGuestPage()
    {
        FirmwareRig rig = new();
        rig.MakeContext();
        rig.Poke(Q, 0x8028_0000_7777_7005, 0x1F);
        return rig;
    }

    /// <summary>A context page whose guest owns an ASID, running or under launch.</summary>
    public void MakeContext(ulong page = ContextPage, uint asid = 5, GuestState state = GuestState.Running)
    {
        Assign(page, 0, 0);
        Assert.Equal(FirmwareStatus.Success, Firmware.GctxCreate(At(page)));
        SetGuest(state, page, asid);
    }

    /// <summary>Puts a guest into a page that is a context page.</summary>
    public void SetGuest(GuestState state, ulong page = ContextPage, uint asid = 5)
    {
        GuestFlags flags = state switch
        {
            GuestState.Launch => GuestFlags.EncryptedState | GuestFlags.ActivationPending,
            GuestState.Running => GuestFlags.EncryptedState | GuestFlags.Active,
            _ => GuestFlags.None,
        };
        GuestContext guest = new()
        {
            State = state,
            Asid = asid,
            Flags = flags,
            CoreComplexes = 1,
            Policy = GuestPolicy.Lenient,
            MigrationAgent = GuestContext.NoMigrationAgent,
        };
        Firmware.SetGuestContext(At(page), guest);
        Assert.True(Firmware.TrySetAsidState(asid, state == GuestState.Launch ? new AsidState(0, 0, 1, 0) : new AsidState(0, 0, 0, 1)));
        Firmware.Platform = Firmware.Platform with { Guests = Firmware.Platform.Guests + 1 };
    }

    public GuestContext Guest(ulong page = ContextPage)
    {
        Assert.True(Firmware.TryGetGuestContext(At(page), out GuestContext guest));
        return guest;
    }

    public AsidState Asid(uint asid) => Firmware.AsidStateOf(asid);

    /// <summary>Every byte of the table, counters too.</summary>
    public byte[] Snapshot() => _storage.ReadOnlySpan(0, (int)_storage.Length).ToArray();

    /// <summary>Runs a command that has to be refused and to change nothing.</summary>
    public void RequireRefusal(FirmwareStatus expected, Func<FirmwareStatus> command)
    {
        byte[] before = Snapshot();
        Assert.Equal(expected, command());
        Assert.True(before.AsSpan().SequenceEqual(_storage.ReadOnlySpan(0, before.Length)), "a refused command changed the table");
    }

    public PageState State(ulong page) => Table.StateOf(At(page));
}
