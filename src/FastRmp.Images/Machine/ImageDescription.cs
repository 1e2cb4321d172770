using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>What a memory image says about itself.</summary>
/// <remarks>Immutable; any threads may share it. What a format does not tell is null, zero or empty. Text from the file holds printable
/// ASCII only.</remarks>
public sealed record ImageDescription
{
    internal ImageDescription()
    {
    }

    /// <summary>The format.</summary>
    public MemoryImageFormat Format { get; internal init; }

    /// <summary>The program that wrote it; null if the image does not tell.</summary>
    public string? Writer { get; internal init; }

    /// <summary>The compression of the file as a whole: <c>gzip</c>, <c>zstd</c>; null if there is none.</summary>
    public string? Packing { get; internal init; }

    /// <summary>Whether the dump came in makedumpfile's flattened form.</summary>
    public bool IsFlattened { get; internal init; }

    /// <summary>The compression of pages: <c>zlib</c>, <c>lzo</c>, <c>snappy</c>, <c>zstd</c>; null if there is none.</summary>
    public string? Compression { get; internal init; }

    /// <summary>The compression that the header of a kdump names; null if it names none. A writer stores a page plain if the compression
    /// does not make it smaller: there may be dumps in which all are.</summary>
    public string? DeclaredCompression { get; internal init; }

    /// <summary>Whether all pages of a kdump were looked at, and none is compressed.</summary>
    internal bool ArePagesPlain { get; init; }

    /// <summary>Which pages makedumpfile left out: 1 zero, 2 cache, 4 private cache, 8 user, 16 free, added up; null if the image does not
    /// tell.</summary>
    public int? DumpLevel { get; internal init; }

    /// <summary>Whether the writer says that the dump is incomplete.</summary>
    public bool IsIncomplete { get; internal init; }

    /// <summary>The files of the image: more than one for a split dump.</summary>
    public IReadOnlyList<string> Files { get; internal init; } = [];

    /// <summary>The kernel's release, as <c>uname -r</c> prints it.</summary>
    public string? KernelRelease { get; internal init; }

    /// <summary>The kernel's version, as <c>uname -v</c> prints it.</summary>
    public string? KernelVersion { get; internal init; }

    /// <summary>The machine's name.</summary>
    public string? NodeName { get; internal init; }

    /// <summary>When the kernel crashed, or the dump was made; null if the image does not tell.</summary>
    public DateTimeOffset? Time { get; internal init; }

    /// <summary>How many processors the image speaks of.</summary>
    public int Processors { get; internal init; }

    /// <summary>The general registers of processors that a crash note tells; empty if there are none.</summary>
    public IReadOnlyList<ThreadRegisters> Threads { get; internal init; } = [];
}
