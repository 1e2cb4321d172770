using System;
using Iced.Intel;

namespace FastRmp.Qemu;

/// <summary>Finds where an instruction of 64-bit mode stores, before it is executed.</summary>
internal static class StoreDecoder
{
    private const int Bits = 64;
    private const int LargestState = 4096; // of XSAVE, whose size is not in its bytes
    private const int LongestInstruction = 16;

    [ThreadStatic] private static Bytes? _bytes;
    [ThreadStatic] private static Decoder? _decoder;
    [ThreadStatic] private static InstructionInfoFactory? _factory;

    /// <summary>Decodes one.</summary>
    /// <param name="bytes">The instruction's bytes.</param>
    /// <param name="offset">Its offset in its page.</param>
    /// <param name="operand">Where it stores, if that is known. It may be more than what is stored, never less.</param>
    internal static StoreDecoding Decode(ReadOnlySpan<byte> bytes, ushort offset, out StoreOperand operand) =>
        Decode(bytes, offset, out operand, out _, out _);

    /// <summary>Decodes one.</summary>
    /// <param name="bytes">The instruction's bytes.</param>
    /// <param name="offset">Its offset in its page.</param>
    /// <param name="operand">Where it stores, if that is known.</param>
    /// <param name="instruction">The instruction.</param>
    /// <param name="uses">What it uses, until the next one is decoded on this thread.</param>
    internal static StoreDecoding Decode(
        ReadOnlySpan<byte> bytes, ushort offset, out StoreOperand operand, out Instruction instruction, out InstructionInfo uses)
    {
        operand = default;
        uses = default;
        _bytes ??= new Bytes();
        _decoder ??= Decoder.Create(Bits, _bytes);
        _factory ??= new InstructionInfoFactory();
        _bytes.Set(bytes);
        _decoder.IP = offset;
        _decoder.Decode(out instruction);
        if (instruction.IsInvalid) return StoreDecoding.None; // an exception, whatever comes before
        StoreDecoding found = StoreDecoding.None;
        uses = _factory.GetInfo(instruction);
        foreach (UsedMemory memory in uses.GetUsedMemory())
        {
            if (memory.Access is not (OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite)) continue;
            if (!TryRead(instruction, memory, offset, out StoreOperand part)) return StoreDecoding.Unknown;
            if (found == StoreDecoding.Known && !TryJoin(operand, part, out part)) return StoreDecoding.Unknown;
            operand = part;
            found = StoreDecoding.Known;
        }

        return found;
    }

    private static bool TryRead(in Instruction instruction, in UsedMemory memory, ushort offset, out StoreOperand operand)
    {
        operand = default;
        bool isString = instruction.IsStringInstruction;
        bool isNarrow = memory.AddressSize == CodeSize.Code32;
        if (!TryNumber(isString ? isNarrow ? Register.EDI : Register.RDI : memory.Base, out sbyte start)
            || !TryNumber(isString ? Register.None : memory.Index, out sbyte index))
        {
            return false;
        }

        sbyte bit = StoreOperand.NoRegister;
        bool isOfBit = instruction.Mnemonic is Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && instruction.Op1Kind == OpKind.Register;
        if (isOfBit && !TryNumber(instruction.Op1Register.GetFullRegister(), out bit)) return false;
        int bytes = isString ? instruction.MemorySize.GetSize() : memory.MemorySize.GetSize();
        operand = new StoreOperand
        {
            Displacement = isString ? 0 : memory.Displacement,
            Bytes = bytes == 0 ? LargestState : bytes,
            Offset = offset,
            Base = start,
            Index = index,
            Scale = (byte)memory.Scale,
            Bit = bit,
            Segment = isString ? StoreOperand.NoRegister : memory.Segment switch
            {
                Register.FS => (sbyte)GuestRegister.FsBase,
                Register.GS => (sbyte)GuestRegister.GsBase,
                _ => StoreOperand.NoRegister,
            },
            Repeats = isString && (instruction.HasRepPrefix || instruction.HasRepnePrefix),
            IsNarrow = isNarrow,
            IsRelative = !isString && instruction.IsIPRelativeMemoryOperand && memory.Base is Register.None or Register.RIP or Register.EIP,
        };
        return true;
    }

    /// <summary>Two stores by the same registers are one from the lower one's first byte to the higher one's last.</summary>
    private static bool TryJoin(in StoreOperand first, in StoreOperand second, out StoreOperand joined)
    {
        long low = long.Min((long)first.Displacement, (long)second.Displacement);
        long end = long.Max((long)first.Displacement + first.Bytes, (long)second.Displacement + second.Bytes);
        joined = second with { Displacement = (ulong)low, Bytes = (int)long.Min(end - low, int.MaxValue) };
        return joined == first with { Displacement = joined.Displacement, Bytes = joined.Bytes } && end - low <= LargestState;
    }

    private static bool TryNumber(Register register, out sbyte number)
    {
        number = register switch
        {
            >= Register.RAX and <= Register.R15 => (sbyte)(register - Register.RAX),
            >= Register.EAX and <= Register.R15D => (sbyte)(register - Register.EAX),
            _ => StoreOperand.NoRegister,
        };
        return number != StoreOperand.NoRegister || register is Register.None or Register.RIP or Register.EIP;
    }

    private sealed class Bytes : CodeReader
    {
        private readonly byte[] _bytes = new byte[LongestInstruction];
        private int _count;
        private int _next;

        internal void Set(ReadOnlySpan<byte> bytes)
        {
            _count = int.Min(bytes.Length, LongestInstruction);
            bytes[.._count].CopyTo(_bytes);
            _next = 0;
        }

        public override int ReadByte() => _next < _count ? _bytes[_next++] : -1;
    }
}
