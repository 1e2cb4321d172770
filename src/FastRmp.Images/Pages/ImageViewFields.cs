namespace FastRmp.Images;

/// <summary>All that an <see cref="ImageMemoryView"/> is, for an owner that keeps one: a view itself cannot be a field.</summary>
internal readonly unsafe struct ImageViewFields
{
    internal readonly PageSource? Source; // null in the default value, which holds nothing
    internal readonly byte* Zero; // where physical address 0 would be, by the longest segment of a mapped file
    internal readonly ulong Start;
    internal readonly ulong Ends; // offsets below it have eight bytes; none do if the memory is not a mapped file's
    internal readonly RunTable* Runs; // null if it is not

    internal ImageViewFields(PageSource source)
    {
        Source = source;
        Runs = source.Runs;
        if (Runs == null) return;
        ref readonly MappedRun run = ref Runs->Longest;
        Zero = run.Zero;
        Start = run.Start;
        Ends = run.Ends;
    }
}
