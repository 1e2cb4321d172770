namespace FastRmp;

/// <summary>How <see cref="PinnedMemory.OpenFile(string, FileMapping)"/> maps a file.</summary>
public enum FileMapping : byte
{
    /// <summary>Read-only: writes of other processes to the file are visible, and the block refuses to be changed.</summary>
    ReadOnly = 0,

    /// <summary>Shared: writes reach the file and every other mapping of it.</summary>
    ReadWrite = 1,

    /// <summary>Private: the first write to a page makes a copy for this mapping, and the file, which need not be writable, is not
    /// changed. Pages not written yet may show writes of other processes to the file.</summary>
    CopyOnWrite = 2,
}
