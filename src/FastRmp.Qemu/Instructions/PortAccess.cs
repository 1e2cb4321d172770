using System;

namespace FastRmp.Qemu;

/// <summary>IN or OUT of the port in DX.</summary>
/// <param name="IsWrite">Whether it is OUT.</param>
/// <param name="Bytes">1, 2 or 4.</param>
/// <param name="Length">Bytes of the instruction.</param>
internal readonly record struct PortAccess(bool IsWrite, int Bytes, int Length)
{
    private const byte OperandSize = 0x66;

    /// <summary>Decodes one, in a mode whose operands have 32 bits unless prefixed.</summary>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out PortAccess access)
    {
        int at = bytes.Length > 1 && bytes[0] == OperandSize ? 1 : 0;
        byte opcode = bytes.Length > at ? bytes[at] : (byte)0;
        int wide = at == 0 ? sizeof(uint) : sizeof(ushort);
        access = opcode switch
        {
            0xEC => new PortAccess(IsWrite: false, 1, at + 1),
            0xED => new PortAccess(IsWrite: false, wide, at + 1),
            0xEE => new PortAccess(IsWrite: true, 1, at + 1),
            0xEF => new PortAccess(IsWrite: true, wide, at + 1),
            _ => default,
        };
        return access.Bytes != 0;
    }
}
