namespace FastRmp;

/// <summary>What is asked of the entry of each of many pages.</summary>
/// <typeparam name="TItem">What names a page.</typeparam>
/// <typeparam name="TResult">The answer.</typeparam>
internal interface IEntryQuestion<TItem, TResult>
{
    /// <summary>Prefetches what <see cref="Answer"/> will read. Changes nothing, and never fails.</summary>
    void Prefetch(in TItem item);

    /// <summary>The answer to a single question.</summary>
    TResult Answer(in TItem item);
}
