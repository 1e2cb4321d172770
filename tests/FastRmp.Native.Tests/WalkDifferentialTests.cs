using System;
using FastRmp.Iommu;
using FastRmp.Native.Tests.Support;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>Random walks of the host, of guests and of devices, by the library and by the ABI: equal results, equal memory.</summary>
public sealed unsafe class WalkDifferentialTests
{
    private const int Batch = 100;
    private const int Rounds = 60;

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 1, true)]
    [InlineData(3, 4, false)]
    [InlineData(4, 4, true)]
    public void Host_walks(int seed, int pieces, bool updates)
    {
        using TestMachine machine = new(seed, pieces);
        using Twin twin = Assigned(seed);
        Random random = new(seed);
        ulong* addresses = stackalloc ulong[Batch];
        WalkResult* results = stackalloc WalkResult[Batch];
        PagingBlock block;
        int mapped = 0;
        for (int round = 0; round < Rounds; round++)
        {
            PagingRegisters registers = TestMachine.Registers(random, random.Next(2) == 0);
            Twin.Require(Abi.PagingInit(&block, &registers));
            Assert.Equal(0, registers.Decode(out PagingState state, out _));
            uint word = TestMachine.Access(random, updates);
            Assert.True(AccessWord.TryDecode(word, out MemoryAccess access));
            bool checks = random.Next(3) != 0;
            HostRmpCheck<RmpGeometry> check = new(checks ? twin.Table : null);
            PinnedMemoryView view = machine.View();
            ulong table = checks ? twin.Handle : 0;
            for (int i = 0; i < Batch; i++) addresses[i] = TestMachine.Address(random);
            WalkResult[] expected = new WalkResult[Batch];
            for (int i = 0; i < Batch; i++)
            {
                VirtualAddress address = new(addresses[i]);
                expected[i] = updates
                    ? PageWalker.Access(ref view, state, address, access, ref check)
                    : PageWalker.Translate(ref view, state, address, access, ref check);
                if (expected[i].IsMapped) mapped++;
            }

            if (round % 2 == 0)
            {
                Twin.Require(Abi.WalkArray(machine.Handle, &block, table, addresses, Batch, word, results));
            }
            else
            {
                for (int i = 0; i < Batch; i++)
                {
                    Twin.Require(Abi.Walk(machine.Handle, &block, table, addresses[i], word, results + i));
                }
            }

            Assert.Equal(expected, new ReadOnlySpan<WalkResult>(results, Batch).ToArray());
        }

        Assert.InRange(mapped, 100, int.MaxValue);
        machine.RequireSame();
    }

    [Theory]
    [InlineData(5, 1, false)]
    [InlineData(6, 4, true)]
    [InlineData(7, 1, true)]
    [InlineData(10, 4, false)]
    public void Nested_walks(int seed, int pieces, bool updates)
    {
        using TestMachine machine = new(seed, pieces);
        using Twin twin = Assigned(seed);
        Random random = new(seed);
        ulong* addresses = stackalloc ulong[Batch];
        NestedOutcome* results = stackalloc NestedOutcome[Batch];
        NestedBlock block;
        int mapped = 0;
        for (int round = 0; round < Rounds; round++)
        {
            bool isSnp = random.Next(2) == 0;
            bool hasTom = isSnp && random.Next(2) == 0;
            bool hasTrap = random.Next(2) == 0;
            PagingRegisters guest = TestMachine.Registers(random, isSnp);
            PagingRegisters host = TestMachine.Registers(random, random.Next(2) == 0);
            ulong tom = (ulong)random.Next(64) << 12;
            uint flags = (isSnp ? 1U : 0) | (hasTrap ? 2U : 0) | (hasTom ? 4U : 0);
            Twin.Require(Abi.NestedInit(&block, &guest, &host, flags, tom));
            Assert.Equal(0, guest.Decode(out PagingState guestState, out _));
            Assert.Equal(0, host.Decode(out PagingState hostState, out ModelChoices choices));
            NestedPagingState state = new(
                guestState, hostState, hasTom ? GuestPhysicalAddress.Create(tom) : null, isSnp, hasTrap, choices);
            uint word = TestMachine.Access(random, updates);
            Assert.True(AccessWord.TryDecode(word, out MemoryAccess access));
            bool checks = random.Next(3) != 0;
            uint vmpl = (uint)random.Next(4);
            GuestRmpCheck<RmpGeometry> check = new(checks ? twin.Table : null, 1, (byte)vmpl, isSnp);
            PinnedMemoryView view = machine.View();
            for (int i = 0; i < Batch; i++) addresses[i] = TestMachine.Address(random);
            NestedOutcome[] expected = new NestedOutcome[Batch];
            for (int i = 0; i < Batch; i++)
            {
                VirtualAddress address = new(addresses[i]);
                NestedWalkResult walk = updates
                    ? NestedWalker.Access(ref view, state, address, access, ref check)
                    : NestedWalker.Translate(ref view, state, address, access, ref check);
                expected[i] = new NestedOutcome(walk);
                RequireLayout(walk, expected[i]);
                if (walk.IsMapped) mapped++;
            }

            ulong table = checks ? twin.Handle : 0;
            Twin.Require(Abi.NestedWalkArray(machine.Handle, &block, table, 1, vmpl, addresses, Batch, word, results));
            Assert.Equal(expected, new ReadOnlySpan<NestedOutcome>(results, Batch).ToArray());
            if (updates) continue;
            for (int i = 0; i < Batch; i++)
            {
                Twin.Require(Abi.NestedWalk(machine.Handle, &block, table, 1, vmpl, addresses[i], word, results + i));
            }

            Assert.Equal(expected, new ReadOnlySpan<NestedOutcome>(results, Batch).ToArray());
        }

        Assert.InRange(mapped, 20, int.MaxValue);
        machine.RequireSame();
    }

    [Theory]
    [InlineData(8, 1, false)]
    [InlineData(9, 4, true)]
    [InlineData(11, 4, false)]
    public void Requests_of_devices(int seed, int pieces, bool updates)
    {
        using TestMachine machine = new(seed, pieces);
        using Twin twin = Assigned(seed);
        Random random = new(seed);
        DeviceRequest* requests = stackalloc DeviceRequest[Batch];
        IommuWalkResult* results = stackalloc IommuWalkResult[Batch];
        for (int round = 0; round < Rounds; round++)
        {
            IommuConfig config = new()
            {
                Size = (uint)sizeof(IommuConfig),
                Flags = (uint)random.Next(2),
                DeviceTable = ((ulong)random.Next(64) << 12) | (uint)random.Next(4),
                EncryptionBit = random.Next(2) == 0 ? 51U : 0,
            };
            ulong iommu;
            Twin.Require(Abi.IommuCreate(&config, &iommu));
            Assert.Equal(0, config.Decode(out IommuState state));
            bool checks = random.Next(3) != 0;
            DmaRmpCheck<RmpGeometry> check = new(checks ? twin.Table : null);
            PinnedMemoryView view = machine.View();
            IommuWalkResult[] expected = new IommuWalkResult[Batch];
            for (int i = 0; i < Batch; i++)
            {
                requests[i] = new DeviceRequest
                {
                    Address = TestMachine.Address(random),
                    Pasid = (uint)random.Next(8),
                    Device = (ushort)random.Next(600),
                    Flags = (ushort)(random.Next(random.Next(2) == 0 ? 2 : 16) | (updates ? 1 << 8 : 0)),
                };
                Assert.True(requests[i].TryDecode(out DeviceId device, out IommuRequest request));
                expected[i] = updates
                    ? IommuWalker.Access(ref view, state, device, request, ref check)
                    : IommuWalker.Translate(ref view, state, device, request, ref check);
            }

            ulong table = checks ? twin.Handle : 0;
            Twin.Require(Abi.IommuWalkArray(iommu, machine.Handle, table, requests, Batch, results));
            Assert.Equal(expected, new ReadOnlySpan<IommuWalkResult>(results, Batch).ToArray());
            for (int i = 0; i < Batch && !updates; i++)
            {
                Twin.Require(Abi.IommuWalk(iommu, machine.Handle, table, requests + i, results + i));
            }

            Assert.Equal(expected, new ReadOnlySpan<IommuWalkResult>(results, Batch).ToArray());
            Twin.Require(Abi.Destroy(iommu));
        }

        machine.RequireSame();
    }

    /// <summary>Where the header has each field.</summary>
    private static void RequireLayout(in NestedWalkResult walk, NestedOutcome outcome)
    {
        byte* bytes = (byte*)&outcome;
        ulong[] words = [walk.Gpa.Value, walk.Address.Value, walk.ExitInfo1.Value, walk.ExitInfo2.Value];
        Assert.Equal(words, new ReadOnlySpan<ulong>(bytes, 4).ToArray());
        Assert.Equal(walk.ErrorCode, *(uint*)(bytes + 32));
        byte[] rest =
        [
            (byte)walk.Status, (byte)walk.Size, (byte)walk.Rights, (byte)((walk.IsPrivate ? 1 : 0) | (walk.IsFinal ? 2 : 0)),
            (byte)walk.GuestStatus, (byte)walk.GuestLevel, (byte)walk.GuestSize, (byte)walk.GuestRights,
            (byte)walk.NestedStatus, (byte)walk.NestedLevel, (byte)walk.NestedSize, (byte)walk.NestedRights,
        ];
        Assert.Equal(rest, new ReadOnlySpan<byte>(bytes + 36, rest.Length).ToArray());
    }

    /// <summary>A table with a third of the RAM's pages assigned.</summary>
    private static Twin Assigned(int seed)
    {
        Twin twin = new(1, 1);
        Random random = new(seed);
        for (ulong page = 0; page < TestMachine.RamBytes; page += PageSize.Size4K.Bytes())
        {
            if (random.Next(3) != 0) continue;
            RmpUpdateOperand operand = new() { Assigned = true, Asid = 1, Gpa = page };
            Assert.True(twin.Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), operand).IsSuccess);
            Assert.Equal(0UL, Abi.RmpUpdate(twin.Handle, 0x300, page, &operand));
        }

        return twin;
    }
}
