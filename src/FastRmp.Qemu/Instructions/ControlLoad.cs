using System;

namespace FastRmp.Qemu;

/// <summary>MOV to a control register, 0F 22 /r.</summary>
/// <param name="Control">The number of the control register.</param>
/// <param name="Source">The register that it is loaded from.</param>
/// <remarks>AMD64 APM vol. 3, MOV CRn.</remarks>
internal readonly record struct ControlLoad(byte Control, GuestRegister Source)
{
    private const byte Escape = 0x0F;
    private const byte Opcode = 0x22;
    private const int FieldBits = 3;
    private const int Field = (1 << FieldBits) - 1;
    private const int RexSource = 1;
    private const int RexControl = 4;
    private const int Extended = 8;

    /// <summary>Decodes one.</summary>
    /// <param name="bytes">The instruction's bytes; more may follow.</param>
    /// <param name="load">The instruction.</param>
    /// <returns>Whether it is one.</returns>
    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out ControlLoad load)
    {
        load = default;
        int rex = bytes.Length > 0 && bytes[0] is >= 0x40 and <= 0x4F ? bytes[0] : 0;
        int at = rex == 0 ? 0 : 1;
        if (bytes.Length < at + 3 || bytes[at] != Escape || bytes[at + 1] != Opcode) return false;
        int form = bytes[at + 2];
        int control = ((form >> FieldBits) & Field) + ((rex & RexControl) != 0 ? Extended : 0);
        int source = (form & Field) + ((rex & RexSource) != 0 ? Extended : 0);
        load = new ControlLoad((byte)control, (GuestRegister)source);
        return true;
    }
}
