namespace FastRmp;

/// <summary>Whether a block of memory asks the system for pages of 2 MiB, so that reads all over it miss the processor's TLB less
/// often.</summary>
/// <remarks>Linux grants them where <c>/sys/kernel/mm/transparent_hugepage/enabled</c> is <c>always</c> or <c>madvise</c>; other systems
/// are not asked. What a block got is its <see cref="PinnedMemory.Backing"/>.</remarks>
public enum LargePages
{
    /// <summary>Where they cost no more than they are worth: an allocation of at least 2 MiB, whose every page is touched anyway; a
    /// reservation of 2 MiB to 1 GiB that is no larger than an eighth of the memory that the process may use. In a larger reservation
    /// one touched byte is to cost 4 KiB.</summary>
    Automatic,

    /// <summary>Whatever the size: one touched byte costs 2 MiB.</summary>
    Always,

    /// <summary>Not even where the system gives them to everybody: one touched byte costs 4 KiB.</summary>
    Refuse,
}
