using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Iced.Intel;

namespace FastRmp.Qemu;

/// <summary>The stores of a block of instructions that are executed one after the other, and which of them are looked at together: those by
/// registers that have not changed between them differ by known distances, most of all the pushes, calls and locals of a stack. Used by one
/// thread at a time.</summary>
internal sealed class BlockStores
{
    /// <summary>The most bytes that stores reach together: at most two pages.</summary>
    internal const int MostReach = 4096;

    private const int Registers = 16;
    private const int Stack = (int)GuestRegister.Rsp;

    private readonly List<(StoreDecoding Decoding, StoreOperand Operand, int Group)> _stores = [];
    private readonly List<Group> _groups = []; // the open ones first
    private readonly int[] _versions = new int[Registers];
    private int _firstOpen;
    private long _stack; // by how much RSP was changed since its version began
    private bool _hasFirst;

    /// <summary>Begins a block.</summary>
    internal void Begin()
    {
        _stores.Clear();
        _groups.Clear();
        Array.Clear(_versions);
        _firstOpen = 0;
        _stack = 0;
        _hasFirst = false;
    }

    /// <summary>Adds the next instruction.</summary>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="offset">Its offset in its page.</param>
    internal void Add(ReadOnlySpan<byte> bytes, ushort offset)
    {
        StoreDecoding decoding =
            StoreDecoder.Decode(bytes, offset, out StoreOperand operand, out Instruction instruction, out InstructionInfo uses);
        int group = -1;
        if (decoding == StoreDecoding.Known)
        {
            operand = operand with { IsFirst = !_hasFirst };
            _hasFirst = true;
            if (!operand.Repeats) group = Join(operand);
        }

        _stores.Add((decoding, operand, group));
        if (!instruction.IsInvalid) Follow(instruction, uses);
    }

    /// <summary>What is known of an instruction of the block, after all were added.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="operand">Where it stores, if that is known.</param>
    internal StoreDecoding At(int index, out StoreOperand operand)
    {
        (StoreDecoding decoding, operand, int number) = _stores[index];
        if (number >= 0 && _groups[number] is { } group && group.Leader == index)
        {
            operand = operand with { Reach = (int)(group.End - group.Low), Before = (int)(group.Start - group.Low) };
        }

        return decoding;
    }

    /// <summary>Finds the group of a store, or makes one.</summary>
    private int Join(in StoreOperand operand)
    {
        long start = unchecked((long)operand.Displacement) + (operand.Base == Stack ? _stack : 0);
        long end = start + operand.Bytes;
        // An address that is cut, or on another page of the block's, or of a bit that is somewhere.
        bool isAlone = operand.IsNarrow || operand.IsRelative || operand.Bit != StoreOperand.NoRegister;
        Span<Group> groups = CollectionsMarshal.AsSpan(_groups);
        for (int i = _firstOpen; !isAlone && i < groups.Length; i++)
        {
            ref Group group = ref groups[i];
            if (!group.Takes(operand, VersionOf(operand.Base), VersionOf(operand.Index))) continue;
            long low = long.Min(group.Low, start);
            long high = long.Max(group.End, end);
            if (high - low > MostReach) continue;
            group.Low = low;
            group.End = high;
            return i;
        }

        _groups.Add(new Group
        {
            Leader = _stores.Count,
            Operand = operand,
            BaseVersion = VersionOf(operand.Base),
            IndexVersion = VersionOf(operand.Index),
            IsAlone = isAlone,
            Start = start,
            Low = start,
            End = end,
        });
        return _groups.Count - 1;
    }

    private int VersionOf(sbyte register) => register == StoreOperand.NoRegister ? 0 : _versions[register];

    /// <summary>Follows what an instruction does to registers.</summary>
    private void Follow(in Instruction instruction, in InstructionInfo uses)
    {
        bool isStackKnown = TryStep(instruction, out long step);
        foreach (UsedRegister used in uses.GetUsedRegisters())
        {
            if (used.Access is OpAccess.Read or OpAccess.CondRead or OpAccess.None or OpAccess.NoMemAccess) continue;
            Register whole = used.Register.GetFullRegister();
            if (whole is Register.FS or Register.GS) _firstOpen = _groups.Count;
            int number = whole - Register.RAX;
            if (number is < 0 or >= Registers || (number == Stack && isStackKnown)) continue;
            _versions[number]++;
            if (number == Stack) _stack = 0;
        }

        if (isStackKnown) _stack += step;
        bool changesSegments = instruction.Mnemonic is Mnemonic.Swapgs or Mnemonic.Wrfsbase or Mnemonic.Wrgsbase or Mnemonic.Wrmsr;
        if (changesSegments) _firstOpen = _groups.Count;
    }

    /// <summary>By how much an instruction changes RSP, if it does nothing else to it.</summary>
    private static bool TryStep(in Instruction instruction, out long step)
    {
        step = instruction.StackPointerIncrement;
        bool isOfRegister = instruction.Op0Kind == OpKind.Register;
        bool isOnStack = isOfRegister && instruction.Op0Register == Register.RSP;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Push or Mnemonic.Pushfq or Mnemonic.Popfq: return true;
            case Mnemonic.Pop: return !isOfRegister || instruction.Op0Register.GetFullRegister() != Register.RSP;
            case Mnemonic.Add or Mnemonic.Sub when isOnStack && instruction.Op1Kind is OpKind.Immediate8to64 or OpKind.Immediate32to64:
                long value = (long)instruction.GetImmediate(1);
                step = instruction.Mnemonic == Mnemonic.Add ? value : -value;
                return isOnStack;
            case Mnemonic.Lea when isOnStack && instruction.MemoryBase == Register.RSP && instruction.MemoryIndex == Register.None:
                step = (long)instruction.MemoryDisplacement64;
                return true;
            default: return false;
        }
    }

    private record struct Group
    {
        internal int Leader;
        internal StoreOperand Operand;
        internal int BaseVersion;
        internal int IndexVersion;
        internal bool IsAlone;
        internal long Start; // of the leader's own bytes
        internal long Low;
        internal long End;

        internal readonly bool Takes(in StoreOperand other, int baseVersion, int indexVersion) =>
            !IsAlone && Operand.Base == other.Base && Operand.Index == other.Index && Operand.Scale == other.Scale
            && Operand.Segment == other.Segment && BaseVersion == baseVersion && IndexVersion == indexVersion;
    }
}
