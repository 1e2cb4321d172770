using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace FastRmp;

/// <summary>Zeroed private memory of Linux, on pages of 2 MiB if asked for, that begins at a multiple of 2 MiB and has pages that cannot be
/// accessed on either side: an overrun faults, and the kernel does not merge the mapping with a neighbour, so that what
/// <c>/proc/self/smaps</c> says of it is true of it alone.</summary>
internal sealed unsafe class AnonymousMapping : SafeBuffer
{
    private const int ReadWrite = 3;
    private const int Inaccessible = 0;
    private const int PrivateAnonymous = 0x22;
    private const int WithoutSwap = 0x4000; // MAP_NORESERVE: a sparse block may be larger than memory
    private const int WantLargePages = 14;
    private const int RefuseLargePages = 15;
    private const int PopulateWrite = 23; // Linux 5.14
    private static readonly nint Failed = -1;

    private readonly nint _block;
    private readonly nuint _blockBytes;

    private AnonymousMapping(nint block, nuint blockBytes, nint origin, nuint bytes)
        : base(ownsHandle: true)
    {
        _block = block;
        _blockBytes = blockBytes;
        SetHandle(origin);
        Initialize(bytes);
    }

    internal byte* Pointer => (byte*)handle;

    /// <summary>Whether the system agreed to the pages asked for.</summary>
    internal bool IsGranted { get; private init; }

    /// <summary>Maps.</summary>
    /// <param name="bytes">Whole pages of 4 KiB.</param>
    /// <param name="isLarge">Whether to ask for pages of 2 MiB.</param>
    /// <param name="isSparse">Whether the block may be larger than memory, since only a part is going to be touched; if not, all of it is
    /// given at once.</param>
    /// <param name="mapping">The owner.</param>
    /// <returns>False if the system is another one, or refuses.</returns>
    internal static bool TryMap(ulong bytes, bool isLarge, bool isSparse, [NotNullWhen(true)] out AnonymousMapping? mapping)
    {
        mapping = null;
        ulong large = PageSize.Size2M.Bytes();
        ulong around = large + (2 * PageSize.Size4K.Bytes());
        if (!OperatingSystem.IsLinux() || bytes > (ulong)nint.MaxValue - (2 * around)) return false;
        // The last 2 MiB can be one page only if the mapping goes to their end.
        nuint inside = (nuint)(isLarge ? (bytes + large - 1) & ~(large - 1) : bytes);
        nuint blockBytes = inside + (nuint)around;
        nint block = Map(0, blockBytes, Inaccessible, PrivateAnonymous | (isSparse ? WithoutSwap : 0), -1, 0);
        if (block == Failed) return false;
        nint origin = (nint)(((ulong)block + PageSize.Size4K.Bytes() + large - 1) & ~(large - 1));
        // Safety: the whole mapping is this object's.
        if (Protect(origin, inside, ReadWrite) != 0)
        {
            _ = Unmap(block, blockBytes);
            return false;
        }

        bool isAdvised = (isLarge || bytes >= large) && Advise(origin, inside, isLarge ? WantLargePages : RefuseLargePages) == 0;
        // Safety: the block is that long. A kernel that does not know the advice leaves the pages to the writes.
        if (!isSparse && Advise(origin, (nuint)bytes, PopulateWrite) != 0) NativeMemory.Clear((void*)origin, (nuint)bytes);
        mapping = new AnonymousMapping(block, blockBytes, origin, (nuint)bytes) { IsGranted = isAdvised || !isLarge };
        return true;
    }

    protected override bool ReleaseHandle() => Unmap(_block, _blockBytes) == 0;

#pragma warning disable SYSLIB1054 // these need no marshalling, and the sources also are compiled where its generator does not run
    [DllImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Map(nint place, nuint bytes, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unmap(nint place, nuint bytes);

    [DllImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Protect(nint place, nuint bytes, int protection);

    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Advise(nint place, nuint bytes, int advice);
#pragma warning restore SYSLIB1054
}
