namespace FastRmp.Qemu;

/// <summary>The leaves of CPUID that make a processor one with SNP.</summary>
/// <remarks>AMD64 APM vol. 3, appendix E. The emulator answers all others.</remarks>
internal static class ProcessorIdentity
{
    /// <summary>Fn8000_000A: SVM, with what KVM demands for SEV and the emulator lacks.</summary>
    internal const uint SvmLeaf = 0x8000_000Au;

    /// <summary>Fn8000_001F: memory encryption.</summary>
    internal const uint EncryptionLeaf = 0x8000_001Fu;

    /// <summary>Fn8000_0025: segmented RMP and RMPOPT.</summary>
    internal const uint SegmentationLeaf = 0x8000_0025u;

    /// <summary>Position of the C-bit.</summary>
    internal const byte EncryptionBit = 51;

    // AMD64 APM vol. 3, Fn8000_000A: nested paging, LBR virtualisation, next RIP, flush by ASID, decode assists.
    private const uint SvmFeatures = 0xCBu;
    private const uint SvmRevision = 1;
    private const uint SvmAsids = 0x8000u;
    private const byte Vmpls = 4;
    private const uint FirstAsidWithoutEncryptedState = 100;
    private const ushort CachedSegments = 256;

    /// <summary>What the processor answers.</summary>
    /// <param name="processor">The generation.</param>
    /// <param name="leaf">EAX.</param>
    /// <param name="answer">The answer, if it is one of the leaves here.</param>
    /// <returns>Whether it is.</returns>
    /// <remarks>The C-bit is above the emulator's 40 address bits, so encryption costs none of them.</remarks>
    internal static bool TryAnswer(ProcessorModel processor, uint leaf, out CpuidAnswer answer)
    {
        answer = leaf switch
        {
            SvmLeaf => new CpuidAnswer(SvmRevision, SvmAsids, 0, SvmFeatures),
            EncryptionLeaf => new CpuidAnswer(
                processor.Features,
                (uint)new SnpLimits { EncryptionBit = EncryptionBit, Vmpls = Vmpls }.Value,
                processor.MaxAsid,
                FirstAsidWithoutEncryptedState),
            SegmentationLeaf when processor.HasSegmentedRmp => new CpuidAnswer(
                (uint)new SegmentedRmpFeatures
                {
                    MinSegmentShift = (byte)processor.MinSegmentShift,
                    MaxSegmentShift = (byte)processor.MaxSegmentShift,
                }.Value,
                (uint)new SegmentedRmpLimits
                {
                    CachedSegments = processor.HasHardSegmentLimit ? (ushort)processor.MaxSegments : CachedSegments,
                    IsHardLimit = processor.HasHardSegmentLimit,
                }.Value,
                0,
                processor.HasRmpOpt ? 1u : 0),
            _ => default,
        };
        return leaf is SvmLeaf or EncryptionLeaf or SegmentationLeaf;
    }
}
