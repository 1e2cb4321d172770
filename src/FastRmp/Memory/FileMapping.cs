namespace FastRmp;

/// <summary>How <see cref="PinnedMemory.OpenFile(string, FileMapping)"/> maps a file.</summary>
public enum FileMapping : byte
{
    /// <summary>To be looked at: shows what others write to the file, and refuses to be changed.</summary>
    ReadOnly = 0,

    /// <summary>To be changed in place: what is written reaches the file, and every other mapping of it.</summary>
    ReadWrite = 1,

    /// <summary>To be changed in memory alone: a page that is written becomes a copy of this mapping's own, and the file, which need not be
    /// writable, stays as it is. Pages not written yet may show what others write to the file.</summary>
    CopyOnWrite = 2,
}
