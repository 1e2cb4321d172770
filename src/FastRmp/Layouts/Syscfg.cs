namespace FastRmp;

/// <summary>SYSCFG, MSR C001_0010, as far as SNP depends on it.</summary>
/// <remarks>Only the bits that SNP depends on are named; the others are declared reserved here whatever they mean to the processor. Once SNP_EN is 1 a write to the register is ignored: only firmware clears it.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 7.9 and 15.36")]
[Reserved(17, 0)]
[Reserved(63, 26)]
public readonly partial struct Syscfg
{
    /// <summary>MtrrFixDramEn: the fixed MTRRs have the RdDram and WrDram bits.</summary>
    [Bits(18)] public partial bool FixedMtrrDramEnabled { get; init; }

    /// <summary>MtrrFixDramModEn (MFDM): these bits can be written; has to be 1 on all cores before SNP_EN.</summary>
    [Bits(19)] public partial bool FixedMtrrDramWritable { get; init; }

    /// <summary>MtrrVarDramEn: TOP_MEM and the IORRs are in use.</summary>
    [Bits(20)] public partial bool VariableMtrrDramEnabled { get; init; }

    /// <summary>MtrrTom2En: TOP_MEM2 is in use.</summary>
    [Bits(21)] public partial bool TopMemory2Enabled { get; init; }

    /// <summary>Tom2ForceMemTypeWB: memory between 4 GiB and TOP_MEM2 is write-back.</summary>
    [Bits(22)] public partial bool TopMemory2WriteBack { get; init; }

    /// <summary>MemEncryptionModEn: memory encryption is on.</summary>
    [Bits(23)] public partial bool MemoryEncryptionEnabled { get; init; }

    /// <summary>SecureNestedPagingEn (SNP_EN): RMP checks are made.</summary>
    [Bits(24)] public partial bool SnpEnabled { get; init; }

    /// <summary>VMPLEn: guests may have more than one VMPL.</summary>
    [Bits(25)] public partial bool VmplEnabled { get; init; }
}
