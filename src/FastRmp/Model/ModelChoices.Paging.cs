namespace FastRmp.Model;

/// <content>Open points of paging and nested paging.</content>
public sealed partial record ModelChoices
{
    /// <summary>Whether a host walk that reads a paging structure is RMP-checked like a write even if it sets no Accessed or Dirty bit. Default: no, only when the walker writes.</summary>
    public bool CheckTableReads { get; init; }
}
