using System;
using System.Buffers.Binary;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>What firmware says of itself, and what SNP_CONFIG sets of it.</summary>
/// <remarks>AMD SEV firmware, sev_mcmd.h (1.55).</remarks>
internal sealed class PlatformSettings
{
    internal const byte AbiMajor = 1;
    internal const byte AbiMinor = 55;
    internal const byte Build = 21;

    /// <summary>How many bytes SNP_FEATURE_INFO writes.</summary>
    internal const int FeatureBytes = 16;

    private const uint MaskBits = 3; // MASK_CHIP_ID, MASK_CHIP_KEY
    private const uint HasFeatureInfo = 1u << 3;
    private const uint LastLeaf = 1;
    private const uint LegacySupported = 1;
    private const uint X86ShutdownSupported = 1u << 1;
    private const int ConfigBytes = 64;

    private uint _masks;

    /// <summary>SNP_CONFIG: whether reports name the chip and its key. The version that they name may not be above the firmware's, which is
    /// 0 here.</summary>
    internal FirmwareStatus Configure(CommandBuffer buffer)
    {
        uint flags = buffer.Word(8);
        const int ReservedAt = 12;
        bool isReserved = (flags & ~MaskBits) != 0 || !buffer.IsZero(ReservedAt, ConfigBytes - ReservedAt);
        if (isReserved || buffer.Quadword(0) != 0) return FirmwareStatus.InvalidParam;
        _masks = flags;
        return FirmwareStatus.Success;
    }

    /// <summary>What SNP_PLATFORM_STATUS answers.</summary>
    internal void WriteStatus(Span<byte> answer, PlatformState platform)
    {
        answer.Clear();
        answer[0] = AbiMajor;
        answer[1] = AbiMinor;
        answer[2] = platform.IsSnpInitialized ? (byte)1 : (byte)0;
        answer[3] = platform.IsRmpInitialized ? (byte)1 : (byte)0;
        answer[4] = Build;
        BinaryPrimitives.WriteUInt32LittleEndian(answer[8..], _masks | HasFeatureInfo);
        BinaryPrimitives.WriteUInt32LittleEndian(answer[12..], platform.Guests);
    }

    /// <summary>What SNP_FEATURE_INFO answers: CPUID Fn8000_0024.</summary>
    /// <param name="leaf">The index.</param>
    /// <param name="answer">EAX, EBX, ECX and EDX.</param>
    /// <returns>False if there is no such leaf.</returns>
    /// <remarks>Leaf 0: the last leaf; legacy commands; of what can be chosen, SNP_SHUTDOWN_EX with x86 shutdown, but no VLEK. Leaf 1: no
    /// message of a guest's is understood.</remarks>
    internal static bool TryFeatures(uint leaf, Span<byte> answer)
    {
        answer.Clear();
        if (leaf != 0) return leaf <= LastLeaf;
        BinaryPrimitives.WriteUInt32LittleEndian(answer, LastLeaf);
        BinaryPrimitives.WriteUInt32LittleEndian(answer[4..], LegacySupported);
        BinaryPrimitives.WriteUInt32LittleEndian(answer[8..], X86ShutdownSupported);
        return true;
    }
}
