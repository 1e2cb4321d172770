namespace FastRmp.Firmware;

/// <summary>What kind of page SNP_SWAP_OUT and SNP_SWAP_IN are requested to move.</summary>
public enum SwapPageType : byte
{
    /// <summary>A guest's data page.</summary>
    Data = 0,

    /// <summary>A metadata page.</summary>
    Metadata = 1,

    /// <summary>A guest's VM save area.</summary>
    Vmsa = 2,
}
