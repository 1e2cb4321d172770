namespace FastRmp;

/// <summary>The flags of SNP_INIT_EX's command buffer, bytes 0 to 3, kept in 64 bits.</summary>
[BitLayout(64, Source = "Linux include/linux/psp-sev.h")]
[Reserved(63, 5)]
internal readonly partial struct SnpInitFlags
{
    /// <summary>INIT_RMP: the RMP is built anew.</summary>
    [Bits(0)] public partial bool InitRmp { get; init; }

    /// <summary>LIST_PADDR_EN: there is a list of ranges.</summary>
    [Bits(1)] public partial bool HasList { get; init; }

    /// <summary>RAPL_DIS, CIPHERTEXT_HIDING_EN and TIO_EN of later versions; they change nothing in the RMP.</summary>
    [Bits(4, 2)] public partial byte Others { get; init; }
}
