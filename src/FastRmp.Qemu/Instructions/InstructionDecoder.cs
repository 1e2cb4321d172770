using System;

namespace FastRmp.Qemu;

/// <summary>Recognises the watched instructions by their bytes.</summary>
/// <remarks>docs/spec/rmp.md 4.1. PVALIDATE, RMPADJUST and RMPQUERY are not among them: outside an SNP guest they are #UD, and that is what
/// the emulator, which does not know them, raises.</remarks>
internal static class InstructionDecoder
{
    /// <summary>Bytes of RMPUPDATE, PSMASH, RMPREAD and RMPOPT.</summary>
    internal const int SnpBytes = 4;

    /// <summary>Bytes of CPUID, RDMSR and WRMSR behind prefixes.</summary>
    internal const int SystemBytes = 2;

    private const byte Escape = 0x0F;
    private const byte Group7 = 0x01;
    private const int LidtInGroup = 3;
    private const int InvlpgInGroup = 7;
    private const byte Invlpga = 0xDF;
    private const byte VmRun = 0xD8;
    private const int RegisterForm = 3;

    /// <summary>Which instruction it is.</summary>
    /// <param name="bytes">The instruction's bytes; more may follow.</param>
    internal static WatchedInstruction Decode(ReadOnlySpan<byte> bytes)
    {
        WatchedInstruction system = OfSystem(bytes);
        if (system != WatchedInstruction.None) return system;

        if (ReturnInstructions.Is(bytes)) return WatchedInstruction.Return;
        if (bytes is [0xF4, ..] or [0xF3, 0x90, ..]) return WatchedInstruction.Wait;
        if (PortAccess.TryDecode(bytes, out _)) return WatchedInstruction.Port;
        if (bytes.Length >= SnpBytes && bytes[1] == Escape && bytes[2] == Group7)
        {
            WatchedInstruction snp = (bytes[0], bytes[3]) switch
            {
                (0xF2, 0xFE) => WatchedInstruction.RmpUpdate,
                (0xF3, 0xFF) => WatchedInstruction.PSmash,
                (0xF2, 0xFD) => WatchedInstruction.RmpRead,
                (0xF2, 0xFC) => WatchedInstruction.RmpOpt,
                _ => WatchedInstruction.None,
            };
            if (snp != WatchedInstruction.None) return snp;
        }

        if (bytes is [0x66, 0x0F, 0x38, 0x82, ..] or [0x66, >= 0x40 and <= 0x4F, 0x0F, 0x38, 0x82, ..])
        {
            return WatchedInstruction.FlushTranslations;
        }

        if (ControlLoad.TryDecode(bytes, out _)) return WatchedInstruction.LoadControl;
        return OfGroup7(bytes);
    }

    /// <summary>Whether bytes may end with a VMRUN.</summary>
    /// <param name="bytes">The last <see cref="HostReturn.VmRunBytes"/> bytes before an instruction, or more.</param>
    internal static bool MayRunGuestAtEnd(ReadOnlySpan<byte> bytes) => bytes is [.., Escape, Group7, VmRun];

    /// <summary>Whether bytes may end with an instruction that puts an answer in registers: CPUID, RDMSR, or IN by DX. Where an
    /// instruction begins is not known.</summary>
    /// <param name="bytes">The last <see cref="SystemBytes"/> bytes before an instruction, or more.</param>
    internal static bool MayReadAtEnd(ReadOnlySpan<byte> bytes) => bytes is [.., 0xEC or 0xED] or [.., Escape, 0xA2 or 0x32];

    /// <summary>Prefixes that change nothing are before some of them in kernels, as fillers.</summary>
    private static WatchedInstruction OfSystem(ReadOnlySpan<byte> bytes)
    {
        int at = Prefixes(bytes);
        if (at + 1 >= bytes.Length || bytes[at] != Escape) return WatchedInstruction.None;
        return bytes[at + 1] switch
        {
            0xA2 => WatchedInstruction.Cpuid,
            0x32 => WatchedInstruction.ReadMsr,
            0x30 => WatchedInstruction.WriteMsr,
            0x09 => WatchedInstruction.FlushCaches,
            _ => WatchedInstruction.None,
        };
    }

    private static int Prefixes(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        while (count < bytes.Length && IsPrefix(bytes[count])) count++;
        return count;
    }

    private static WatchedInstruction OfGroup7(ReadOnlySpan<byte> bytes)
    {
        int at = Prefixes(bytes);
        if (at + 2 >= bytes.Length || bytes[at] != Escape || bytes[at + 1] != Group7) return WatchedInstruction.None;
        byte form = bytes[at + 2];
        if (form == Invlpga) return WatchedInstruction.FlushPage;
        if (form == VmRun) return WatchedInstruction.RunGuest;
        if (form >> 6 == RegisterForm) return WatchedInstruction.None;
        return ((form >> 3) & 7) switch
        {
            LidtInGroup => WatchedInstruction.LoadIdt,
            InvlpgInGroup => WatchedInstruction.FlushPage,
            _ => WatchedInstruction.None,
        };
    }

    private static bool IsPrefix(byte value) => value is 0x26 or 0x2E or 0x36 or 0x3E or (>= 0x40 and <= 0x4F) or (>= 0x64 and <= 0x67);
}
