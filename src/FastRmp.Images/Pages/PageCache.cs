using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace FastRmp.Images;

/// <summary>A cache of decompressed blocks of one largest size, in sets of four.</summary>
/// <remarks>
/// Lock-free: a slot's version is odd while its bytes are written, and every write moves it on; a reader takes bytes and looks at the
/// version afterwards. Whoever wants to fill a slot takes it by a compare-exchange of the version, and takes another one if that fails. Two
/// threads may hold the same block in two slots for a while, which costs a slot and harms nothing.
/// </remarks>
internal sealed unsafe class PageCache : IDisposable
{
    private const int Ways = 4;
    private const int MaxBytes = 16 << 20;
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15UL;

    private readonly PinnedMemory _memory;
    private readonly ulong[] _keys;
    private readonly uint[] _versions;
    private readonly ulong* _key;
    private readonly uint* _version;
    private readonly int _slotBytes;
    private readonly int _shift;
    private uint _clock;

    /// <summary>Makes a cache.</summary>
    /// <param name="slotBytes">The size of the largest block, a multiple of 4096.</param>
    /// <param name="blocks">How many blocks there are in all: no more slots are made.</param>
    internal PageCache(int slotBytes, ulong blocks)
    {
        _slotBytes = slotBytes;
        uint slots = BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(blocks, Ways, (ulong)(MaxBytes / slotBytes)));
        _shift = 64 - BitOperations.Log2(slots / Ways);
        ulong bytes = (ulong)slots * (uint)slotBytes;
        const ulong SmallBytes = 256 << 10;
        _memory = bytes <= SmallBytes ? PinnedMemory.Allocate(bytes) : PinnedMemory.Reserve(bytes);
        _keys = GC.AllocateUninitializedArray<ulong>((int)slots, pinned: true);
        Array.Fill(_keys, ulong.MaxValue);
        _versions = GC.AllocateArray<uint>((int)slots, pinned: true);
        _version = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_versions)); // Safety: pinned.
        _key = (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_keys)); // Safety: pinned.
    }

    /// <summary>Finds a block.</summary>
    internal bool TryFind(ulong key, ref MemoryRun run)
    {
        int first = FirstSlot(key);
        for (int slot = first; slot < first + Ways; slot++)
        {
            if (_key[slot] != key) continue; // a look before the one that counts
            uint version = Volatile.Read(ref _version[slot]);
            if ((version & 1) != 0 || Volatile.Read(ref _key[slot]) != key) continue;
            Volatile.ReadBarrier();
            if (_version[slot] != version) continue;
            Fill(ref run, slot, version);
            return true;
        }

        return false;
    }

    /// <summary>Takes a slot for a block that is to be written; nobody else finds it until <see cref="Publish"/> or
    /// <see cref="Abandon"/>.</summary>
    internal int Claim(ulong key)
    {
        int first = FirstSlot(key);
        SpinWait wait = default;
        for (; ; wait.SpinOnce(sleep1Threshold: -1))
        {
            uint turn = Interlocked.Increment(ref _clock);
            for (uint way = 0; way < Ways; way++)
            {
                int slot = first + (int)((turn + way) % Ways);
                uint version = Volatile.Read(ref _version[slot]);
                if ((version & 1) == 0 && Interlocked.CompareExchange(ref _version[slot], version + 1, version) == version) return slot;
            }
        }
    }

    /// <summary>The bytes of a claimed slot.</summary>
    internal Span<byte> Bytes(int slot) => _memory.Span((ulong)slot * (uint)_slotBytes, _slotBytes);

    /// <summary>Lets others find the block.</summary>
    internal void Publish(int slot, ulong key, ref MemoryRun run)
    {
        Volatile.Write(ref _key[slot], key);
        uint version = _version[slot] + 1;
        Volatile.Write(ref _version[slot], version);
        Fill(ref run, slot, version);
    }

    /// <summary>Gives a slot back that could not be filled.</summary>
    internal void Abandon(int slot)
    {
        Volatile.Write(ref _key[slot], ulong.MaxValue);
        Volatile.Write(ref _version[slot], _version[slot] + 1);
    }

    public void Dispose() => _memory.Dispose();

    private int FirstSlot(ulong key) => _shift == 64 ? 0 : (int)((key * Golden) >> _shift) * Ways;

    private void Fill(ref MemoryRun run, int slot, uint version)
    {
        run.Origin = _memory.Pointer + ((ulong)slot * (uint)_slotBytes); // Safety: a slot of the block.
        run.Version = _version + slot;
        run.Seen = version;
    }
}
