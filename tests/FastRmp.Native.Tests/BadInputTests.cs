using System;
using FastRmp.Iommu;
using FastRmp.Native.Tests.Support;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>Whatever a caller passes, a call is refused by the code that the header names, and changes nothing.</summary>
public sealed unsafe class BadInputTests
{
    private const ulong Host = 0x300;

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(0xA1UL << 56)]
    [InlineData(ulong.MaxValue)]
    [InlineData(0xA200_0000_0001_0000UL)]
    public void Handles_that_are_none(ulong handle)
    {
        Abi.Start();
        RequireRefused(handle, ErrorCode.Handle);
        Assert.Contains("no live handle", Abi.LastText(), StringComparison.Ordinal);
        Assert.Equal((int)ErrorCode.Handle, Abi.Destroy(handle));
    }

    [Fact]
    public void Handles_of_another_kind_and_destroyed_ones()
    {
        using TestMachine machine = new(1, 1);
        RequireRefused(machine.Handle, ErrorCode.Handle);
        ulong destroyed;
        using (Twin twin = new(1, 1)) destroyed = twin.Handle;
        RequireRefused(destroyed, ErrorCode.Handle);
        Assert.Equal((int)ErrorCode.Handle, Abi.Destroy(destroyed));
        using Twin next = new(1, 1);
        Assert.NotEqual(destroyed, next.Handle);
        RequireRefused(destroyed, ErrorCode.Handle);
        PagingBlock block = default;
        PagingRegisters registers = TestMachine.Registers(new Random(1), false);
        Twin.Require(Abi.PagingInit(&block, &registers));
        WalkResult result;
        Assert.Equal((int)ErrorCode.Handle, Abi.Walk(next.Handle, &block, 0, 0, 0, &result));
        Assert.Equal((int)ErrorCode.Handle, Abi.Walk(machine.Handle, &block, machine.Handle, 0, 0, &result));
    }

    [Fact]
    public void Versions_and_sizes_of_structures()
    {
        Abi.Start();
        Assert.Equal(1U, Abi.AbiVersion());
        Assert.Equal((int)ErrorCode.Version, Abi.Init(2));
        Assert.Contains("version 2", Abi.LastText(), StringComparison.Ordinal);
        ulong bytes;
        TableConfig config = Config() with { Size = 8 };
        Assert.Equal((int)ErrorCode.Size, Abi.TableBytes(&config, &bytes));
        PagingBlock block;
        PagingRegisters registers = default;
        Assert.Equal((int)ErrorCode.Size, Abi.PagingInit(&block, &registers));
        ulong iommu;
        IommuConfig unit = default;
        Assert.Equal((int)ErrorCode.Size, Abi.IommuCreate(&unit, &iommu));
        Assert.Equal(0UL, iommu);
    }

    [Fact]
    public void Storage_that_does_not_fit()
    {
        Abi.Start();
        using PinnedMemory storage = PinnedMemory.Allocate(0x10000);
        TableConfig config = Config();
        ulong bytes;
        Twin.Require(Abi.TableBytes(&config, &bytes));
        ulong table = 1;
        Assert.Equal((int)ErrorCode.Null, Abi.TableCreate(null, storage.Pointer, bytes, &table));
        Assert.Equal((int)ErrorCode.Null, Abi.TableCreate(&config, null, bytes, &table));
        Assert.Equal((int)ErrorCode.Null, Abi.TableCreate(&config, storage.Pointer, bytes, null));
        Assert.Equal((int)ErrorCode.Alignment, Abi.TableCreate(&config, storage.Pointer + 8, bytes, &table));
        Assert.Equal((int)ErrorCode.Size, Abi.TableCreate(&config, storage.Pointer, 0, &table));
        Assert.Equal((int)ErrorCode.Size, Abi.TableCreate(&config, storage.Pointer, bytes - 1, &table));
        Assert.Equal((int)ErrorCode.Size, Abi.TableCreate(&config, storage.Pointer, bytes + 1, &table));
        Assert.Equal((int)ErrorCode.Size, Abi.TableCreate(&config, storage.Pointer, ulong.MaxValue - 0xFFF, &table));
        Assert.Equal(0UL, table);
    }

    [Fact]
    public void Registers_that_describe_nothing()
    {
        Abi.Start();
        RequireConfig(Config() with { RmpEnd = 0x4000_1000 }, ErrorCode.Configuration);
        RequireConfig(Config() with { RmpBase = ulong.MaxValue }, ErrorCode.Configuration);
        RequireConfig(Config() with { RmpCfg = 2 }, ErrorCode.Configuration);
        RequireConfig(Config() with { SegmentEntries = 513 }, ErrorCode.Size);
        RequireConfig(Config() with { SegmentEntries = 1 }, ErrorCode.Null);
        RequireConfig(Config() with { Flags = 1 }, ErrorCode.Value);
        RequireConfig(Config() with { Processor = new ProcessorChoice { Preset = 5 } }, ErrorCode.Value);
        RequireConfig(Config() with { Processor = new ProcessorChoice { Preset = 4 } }, ErrorCode.Configuration);
        RequireConfig(Config() with { Processor = new ProcessorChoice { Flags = 4 } }, ErrorCode.Value);
        RequireConfig(Config() with { Processor = new ProcessorChoice { PhysicalAddressWidth = 35 } }, ErrorCode.Value);
        RequireConfig(Config() with { Processor = new ProcessorChoice { Reserved = 1 } }, ErrorCode.Value);
        RequireConfig(Config() with { Choices = new ChoiceWords { High = 1UL << 63 } }, ErrorCode.Value);
        RequireConfig(Config() with { Choices = new ChoiceWords { Contention = 3 } }, ErrorCode.Value);
        RequireConfig(Config() with { Choices = new ChoiceWords { DmaFaultFlags = 256 } }, ErrorCode.Value);
    }

    [Fact]
    public void Ram_that_does_not_fit()
    {
        Abi.Start();
        using PinnedMemory ram = PinnedMemory.Allocate(0x4000);
        MemoryPiece good = new() { Start = 0, Length = 0x2000, Pointer = ram.Pointer };
        RequireRam([], ErrorCode.Size);
        RequireRam([good with { Pointer = null }], ErrorCode.Null);
        RequireRam([good with { Pointer = ram.Pointer + 1 }], ErrorCode.Alignment);
        RequireRam([good with { Start = 0x800 }], ErrorCode.Alignment);
        RequireRam([good with { Length = 0 }], ErrorCode.Size);
        RequireRam([good with { Length = 0x1001 }], ErrorCode.Size);
        RequireRam([good with { Length = ulong.MaxValue - 0xFFF }], ErrorCode.Size);
        RequireRam([good with { Start = 1UL << 52 }], ErrorCode.Address);
        RequireRam([good with { Start = (1UL << 52) - 0x1000 }], ErrorCode.Address);
        RequireRam([good, good with { Start = 0x1000, Pointer = ram.Pointer + 0x2000 }], ErrorCode.Configuration);
    }

    [Fact]
    public void Numbers_out_of_their_range()
    {
        using Twin twin = new(1, 1);
        ulong* operand = stackalloc ulong[2] { 0, 1 };
        byte[] before = twin.Storage.ToArray();
        RequireWord(ErrorCode.Value, Abi.RmpUpdate(twin.Handle, 0x800, 0, operand));
        RequireWord(ErrorCode.Value, Abi.PSmash(twin.Handle, 0x80, 0));
        RequireWord(ErrorCode.Null, Abi.RmpUpdate(twin.Handle, Host, 0, null));
        RequireWord(ErrorCode.Null, Abi.RmpRead(twin.Handle, Host, 0, null));
        RequireWord(ErrorCode.Value, Abi.CheckHost(twin.Handle, 3, 0, 0, 0));
        RequireWord(ErrorCode.Value, Abi.CheckHost(twin.Handle, 1, 0, 3, 0));
        RequireWord(ErrorCode.Value, Abi.CheckHost(twin.Handle, 1, 0, 0, 2));
        RequireWord(ErrorCode.Address, Abi.CheckHost(twin.Handle, 1, 1UL << 52, 0, 0));
        RequireWord(ErrorCode.Value, Abi.CheckDevice(twin.Handle, 2, 0, 0));
        RequireWord(ErrorCode.Address, Abi.CheckIommuLog(twin.Handle, ulong.MaxValue));
        GuestPage page = new() { Gpa = 1UL << 52 };
        ulong exitInfo1 = 1;
        RequireWord(ErrorCode.Address, Abi.PValidate(twin.Handle, Host, &page, 0, 0, &exitInfo1));
        Assert.Equal(0UL, exitInfo1);
        page = new GuestPage { Spa = 1UL << 52 };
        RequireWord(ErrorCode.Address, Abi.RmpAdjust(twin.Handle, Host, &page, 0, 0, &exitInfo1));
        page = new GuestPage { NestedSize = 3 };
        RequireWord(ErrorCode.Value, Abi.PValidate(twin.Handle, Host, &page, 0, 0, &exitInfo1));
        page = new GuestPage { Reserved = 1 };
        RequireWord(ErrorCode.Value, Abi.PValidate(twin.Handle, Host, &page, 0, 0, &exitInfo1));
        RequireWord(ErrorCode.Null, Abi.PValidate(twin.Handle, Host, null, 0, 0, &exitInfo1));
        RequireWord(ErrorCode.Null, Abi.PValidate(twin.Handle, Host, &page, 0, 0, null));
        GuestAccessWords access = new() { Kind = 6 };
        page = default;
        RequireWord(ErrorCode.Value, Abi.CheckGuest(twin.Handle, &access, &page, &exitInfo1));
        access = new GuestAccessWords { Vmpl = 4 };
        RequireWord(ErrorCode.Value, Abi.CheckGuest(twin.Handle, &access, &page, &exitInfo1));
        uint answer;
        Assert.Equal((int)ErrorCode.Value, Abi.VmRunEnter(twin.Handle, 4, 0, 0, 0, &answer));
        Assert.Equal((int)ErrorCode.Value, Abi.VmRunCheck(twin.Handle, 5, 0, 0, 0, &answer));
        Assert.Equal((int)ErrorCode.Address, Abi.VmRunCheck(twin.Handle, 3, 0, 0, 1UL << 52, &answer));
        Assert.Equal((int)ErrorCode.Address, Abi.MarkInUse(twin.Handle, 1UL << 52));
        ulong count;
        Assert.Equal((int)ErrorCode.Value, Abi.PagesOf(twin.Handle, 0x3FF, null, 0, &count));
        byte* buffer = stackalloc byte[8];
        Assert.Equal((int)ErrorCode.Value, Abi.Decode(99, 0, 0, buffer, 8, &count));
        Assert.Equal((int)ErrorCode.Size, Abi.Decode(0, 0, 0, buffer, 0, &count));
        Assert.True(twin.Storage.SequenceEqual(before));
        TableView view;
        Twin.Require(Abi.View(twin.Handle, &view));
        Assert.Equal(0UL, *(ulong*)view.InUse & uint.MaxValue);
    }

    [Fact]
    public void States_of_walks_that_nobody_filled()
    {
        using TestMachine machine = new(1, 1);
        PagingBlock block = default;
        NestedBlock nested = default;
        WalkResult result;
        NestedOutcome outcome;
        ulong address = 0;
        Assert.Equal((int)ErrorCode.Handle, Abi.Walk(machine.Handle, &block, 0, 0, 0, &result));
        Assert.Equal((int)ErrorCode.Handle, Abi.NestedWalk(machine.Handle, &nested, 0, 1, 0, 0, 0, &outcome));
        PagingRegisters registers = TestMachine.Registers(new Random(1), false);
        Twin.Require(Abi.PagingInit(&block, &registers));
        Assert.Equal((int)ErrorCode.Value, Abi.Walk(machine.Handle, &block, 0, 0, 3, &result));
        Assert.Equal((int)ErrorCode.Value, Abi.Walk(machine.Handle, &block, 0, 0, 1U << 9, &result));
        Assert.Equal((int)ErrorCode.Null, Abi.Walk(machine.Handle, null, 0, 0, 0, &result));
        Assert.Equal((int)ErrorCode.Null, Abi.WalkArray(machine.Handle, &block, 0, null, 1, 0, &result));
        Assert.Equal((int)ErrorCode.Size, Abi.WalkArray(machine.Handle, &block, 0, &address, 1UL << 40, 0, &result));
        Twin.Require(Abi.NestedInit(&nested, &registers, &registers, 0, 0));
        Assert.Equal((int)ErrorCode.Value, Abi.NestedWalk(machine.Handle, &nested, 0, 1, 4, 0, 0, &outcome));
        Assert.Equal((int)ErrorCode.Value, Abi.NestedInit(&nested, &registers, &registers, 8, 0));
        Assert.Equal((int)ErrorCode.Configuration, Abi.NestedInit(&nested, &registers, &registers, 1, 0));
        PagingRegisters wide = registers with { EncryptionBit = 60 };
        Assert.Equal((int)ErrorCode.Configuration, Abi.PagingInit(&block, &wide));
        IommuConfig config = new() { Size = (uint)sizeof(IommuConfig), EncryptionBit = 31 };
        ulong iommu;
        Assert.Equal((int)ErrorCode.Value, Abi.IommuCreate(&config, &iommu));
        config = config with { EncryptionBit = 0 };
        Twin.Require(Abi.IommuCreate(&config, &iommu));
        DeviceRequest request = new() { Flags = 1 << 9 };
        IommuWalkResult walk;
        Assert.Equal((int)ErrorCode.Value, Abi.IommuWalk(iommu, machine.Handle, 0, &request, &walk));
        Twin.Require(Abi.Destroy(iommu));
    }

    [Fact]
    public void Arrays_of_nothing_and_of_too_much()
    {
        using Twin twin = new(1, 1);
        using TestMachine machine = new(1, 1);
        PagingBlock block;
        NestedBlock nested;
        PagingRegisters registers = TestMachine.Registers(new Random(1), false);
        Twin.Require(Abi.PagingInit(&block, &registers));
        Twin.Require(Abi.NestedInit(&nested, &registers, &registers, 0, 0));
        IommuConfig config = new() { Size = (uint)sizeof(IommuConfig) };
        ulong iommu;
        Twin.Require(Abi.IommuCreate(&config, &iommu));
        ulong address = 0;
        uint small;
        WalkResult walk;
        NestedOutcome outcome;
        DeviceRequest request = default;
        IommuWalkResult answer;
        Twin.Require(Abi.CheckHostArray(twin.Handle, 1, 0, 0, null, 0, null));
        Twin.Require(Abi.WalkArray(machine.Handle, &block, 0, null, 0, 0, null));
        Twin.Require(Abi.NestedWalkArray(machine.Handle, &nested, 0, 1, 0, null, 0, 0, null));
        Twin.Require(Abi.IommuWalkArray(iommu, machine.Handle, 0, null, 0, null));
        Assert.Equal((int)ErrorCode.Value, Abi.WalkArray(machine.Handle, &block, 0, null, 0, 3, null));
        Assert.Equal((int)ErrorCode.Handle, Abi.WalkArray(0, &block, 0, null, 0, 0, null));
        Assert.Equal((int)ErrorCode.Null, Abi.CheckHostArray(twin.Handle, 1, 0, 0, &address, 1, null));
        Assert.Equal((int)ErrorCode.Null, Abi.WalkArray(machine.Handle, &block, 0, &address, 1, 0, null));
        Assert.Equal((int)ErrorCode.Null, Abi.NestedWalkArray(machine.Handle, &nested, 0, 1, 0, null, 1, 0, &outcome));
        Assert.Equal((int)ErrorCode.Null, Abi.IommuWalkArray(iommu, machine.Handle, 0, null, 1, &answer));
        foreach (ulong count in (ulong[])[1UL << 31, 1UL << 61, ulong.MaxValue / sizeof(ulong) + 2, ulong.MaxValue])
        {
            Assert.Equal((int)ErrorCode.Size, Abi.CheckHostArray(twin.Handle, 1, 0, 0, &address, count, &small));
            Assert.Equal((int)ErrorCode.Size, Abi.WalkArray(machine.Handle, &block, 0, &address, count, 0, &walk));
            Assert.Equal((int)ErrorCode.Size, Abi.NestedWalkArray(machine.Handle, &nested, 0, 1, 0, &address, count, 0, &outcome));
            Assert.Equal((int)ErrorCode.Size, Abi.IommuWalkArray(iommu, machine.Handle, 0, &request, count, &answer));
        }

        Twin.Require(Abi.Destroy(iommu));
    }

    [Fact]
    public void The_text_of_the_last_error_is_cut_to_the_room()
    {
        Abi.Start();
        _ = Abi.Destroy(0);
        nuint length = Abi.LastError(null, 0);
        Assert.InRange(length, (nuint)10, (nuint)200);
        byte* buffer = stackalloc byte[4];
        Assert.Equal(length, Abi.LastError(buffer, 4));
        Assert.Equal(0, buffer[3]);
        Assert.NotEqual(0, buffer[2]);
    }

    [Fact]
    public void Handles_are_many_and_not_used_again()
    {
        Abi.Start();
        using PinnedMemory ram = PinnedMemory.Allocate(0x1000);
        MemoryPiece piece = new() { Length = 0x1000, Pointer = ram.Pointer };
        ulong first;
        Twin.Require(Abi.MemoryCreate(&piece, 1, &first));
        ulong[] handles = new ulong[300];
        foreach (ref ulong handle in handles.AsSpan())
        {
            fixed (ulong* slot = &handle) Twin.Require(Abi.MemoryCreate(&piece, 1, slot));
        }

        Assert.Distinct(handles);
        foreach (ulong handle in handles) Twin.Require(Abi.Destroy(handle));
        Twin.Require(Abi.Destroy(first));
    }

    private static TableConfig Config() => new()
    {
        Size = (uint)sizeof(TableConfig),
        RmpBase = 0x4000_0000,
        RmpEnd = 0x4000_0000 + ContiguousGeometry.BookkeepingBytes + (512 * 16) - 1,
        Processor = new ProcessorChoice { Preset = 1 },
    };

    private static void RequireConfig(TableConfig config, ErrorCode code)
    {
        ulong bytes = 1;
        Assert.Equal((int)code, Abi.TableBytes(&config, &bytes));
        Assert.Equal(0UL, bytes);
        Assert.NotEqual("", Abi.LastText());
    }

    private static void RequireRam(MemoryPiece[] pieces, ErrorCode code)
    {
        ulong handle = 1;
        MemoryPiece none = default;
        fixed (MemoryPiece* start = pieces)
        {
            Assert.Equal((int)code, Abi.MemoryCreate(start is null ? &none : start, (ulong)pieces.Length, &handle));
        }

        Assert.Equal(0UL, handle);
    }

    private static void RequireWord(ErrorCode code, ulong word)
    {
        Assert.Equal((ulong)code, word >> 32);
        Assert.NotEqual(0UL, word & uint.MaxValue);
    }

    /// <summary>Every function that takes a table.</summary>
    private static void RequireRefused(ulong handle, ErrorCode code)
    {
        ulong* words = stackalloc ulong[2];
        ulong number;
        uint small;
        GuestPage page = default;
        GuestAccessWords access = default;
        TableView view;
        LookupAnswer answer;
        CensusAnswer census;
        RequireWord(code, Abi.RmpUpdate(handle, Host, 0, words));
        RequireWord(code, Abi.PSmash(handle, Host, 0));
        RequireWord(code, Abi.RmpRead(handle, Host, 0, words));
        RequireWord(code, Abi.RmpOpt(handle, Host, 0, 0, 0));
        RequireWord(code, Abi.PValidate(handle, Host, &page, 0, 0, &number));
        RequireWord(code, Abi.RmpAdjust(handle, Host, &page, 0, 0, &number));
        RequireWord(code, Abi.RmpQuery(handle, Host, &page, words, words + 1, &number));
        RequireWord(code, Abi.CheckHost(handle, 1, 0, 0, 0));
        RequireWord(code, Abi.CheckGuest(handle, &access, &page, &number));
        RequireWord(code, Abi.CheckDevice(handle, 1, 0, 0));
        RequireWord(code, Abi.CheckIommuLog(handle, 0));
        RequireWord(code, Abi.CheckFirmwareBuffer(handle, 0));
        RequireWord(code, Abi.CoreWriteBase(handle, Host, 0));
        Assert.Equal((int)code, Abi.CheckHostArray(handle, 1, 0, 0, words, 1, &small));
        Assert.Equal((int)code, Abi.CoreCreate(handle, 0, &number));
        Assert.Equal((int)code, Abi.MarkInUse(handle, 0));
        Assert.Equal((int)code, Abi.UnmarkInUse(handle, 0, &small));
        Assert.Equal((int)code, Abi.IsInUse(handle, 0, &small));
        Assert.Equal((int)code, Abi.VmRunCheck(handle, 0, 0, 0, 0, &small));
        Assert.Equal((int)code, Abi.VmRunEnter(handle, 0, 0, 0, 0, &small));
        Assert.Equal((int)code, Abi.View(handle, &view));
        Assert.Equal((int)code, Abi.ClaimOwnPages(handle));
        Assert.Equal((int)code, Abi.Lookup(handle, 0, &answer));
        Assert.Equal((int)code, Abi.ReadEntry(handle, 0, words));
        Assert.Equal((int)code, Abi.WriteEntry(handle, 0, words));
        Assert.Equal((int)code, Abi.PagesOf(handle, 0, null, 0, &number));
        Assert.Equal((int)code, Abi.Census(handle, &census));
    }
}
