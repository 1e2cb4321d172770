using System.Collections.Generic;

namespace FastRmp.Cli.Host;

/// <summary>What machine to run.</summary>
internal sealed record HostOptions
{
    /// <summary>The kernel, a bzImage; empty for the demo to choose one.</summary>
    internal required string Kernel { get; init; }

    /// <summary>The initial RAM disk, or null.</summary>
    internal string? Initrd { get; init; }

    /// <summary>More parameters of the kernel.</summary>
    internal string Append { get; init; } = "";

    /// <summary>Bytes of RAM, whole MiB.</summary>
    internal required ulong Memory { get; init; }

    /// <summary>How many processors.</summary>
    internal required int Processors { get; init; }

    /// <summary>The generation.</summary>
    internal required ProcessorModel Model { get; init; }

    /// <summary>Whether the RMP is segmented.</summary>
    internal bool IsSegmented { get; init; }

    /// <summary>How stores are held against the RMP, in the plugin's words; null if they are not.</summary>
    internal string? Check { get; init; }

    /// <summary>Rules of answers that the plugin gives without executing anything, or null.</summary>
    internal string? Inject { get; init; }

    /// <summary>The kernel's list of symbols, or null.</summary>
    internal string? Symbols { get; init; }

    /// <summary>Where events are written, or null.</summary>
    internal string? Trace { get; init; }

    /// <summary>QEMU, or null for the one in PATH.</summary>
    internal string? Qemu { get; init; }

    /// <summary>The plugin, or null for the one beside the tool.</summary>
    internal string? Plugin { get; init; }

    /// <summary>More arguments of QEMU's.</summary>
    internal IReadOnlyList<string> More { get; init; } = [];
}
