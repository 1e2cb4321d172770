namespace FastRmp;

/// <summary>Number of levels of the paging structures in long mode; the value is that of CR4.LA57.</summary>
public enum PagingMode : byte
{
    /// <summary>Four levels: PML4, PDP, PD, PT; 48-bit virtual addresses.</summary>
    FourLevel = 0,

    /// <summary>Five levels (CR4.LA57 = 1): PML5 on top; 57-bit virtual addresses.</summary>
    FiveLevel = 1,
}
