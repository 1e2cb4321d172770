namespace FastRmp.Reference;

/// <summary>The rights of a mapping as far as it has been walked (paging 4).</summary>
/// <param name="Writable">R/W of all levels, and-ed.</param>
/// <param name="User">U/S of all levels, and-ed.</param>
/// <param name="NoExecute">NX of all levels, or-ed; false without EFER.NXE.</param>
public readonly record struct ReferenceRights(bool Writable, bool User, bool NoExecute)
{
    /// <summary>Before the first entry: everything is allowed.</summary>
    public static ReferenceRights All { get; } = new(true, true, false);

    /// <summary>The rights after one more entry. NX of an entry without EFER.NXE is reserved and never gets here.</summary>
    /// <param name="entry">The entry.</param>
    /// <returns>The rights of both.</returns>
    public ReferenceRights And(ulong entry) => new(
        Writable && ReferencePagingRules.Bit(entry, 1),
        User && ReferencePagingRules.Bit(entry, 2),
        NoExecute || ReferencePagingRules.Bit(entry, 63));
}
