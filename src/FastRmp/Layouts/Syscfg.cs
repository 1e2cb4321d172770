namespace FastRmp;

/// <summary>SYSCFG, MSR C001_0010: whether memory encryption and SNP are on.</summary>
/// <remarks>Only the bits that SNP depends on are named; the others are declared reserved here whatever they mean to the
/// processor.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.36; Linux arch/x86/include/asm/msr-index.h")]
[Reserved(18, 0)]
[Reserved(22, 20)]
[Reserved(63, 26)]
internal readonly partial struct Syscfg
{
    /// <summary>MtrrFixDramModEn: of the thread alone; software sets it before SNP.</summary>
    [Bits(19)] public partial bool FixedMtrrModification { get; init; }

    /// <summary>MemEncryptionModEn: the C-bit has a meaning.</summary>
    [Bits(23)] public partial bool EncryptionEnabled { get; init; }

    /// <summary>SecureNestedPagingEn: while it is set, software cannot change the register.</summary>
    [Bits(24)] public partial bool SnpEnabled { get; init; }

    /// <summary>VMPLEn.</summary>
    [Bits(25)] public partial bool VmplEnabled { get; init; }
}
