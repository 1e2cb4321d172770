namespace FastRmp.Paging;

/// <summary>What kind of address is walked: a type argument of the walk.</summary>
internal interface IAddressForm
{
    /// <summary>Whether the tables can translate the address at all.</summary>
    static abstract bool IsWalked(VirtualAddress address, PagingMode mode);
}
