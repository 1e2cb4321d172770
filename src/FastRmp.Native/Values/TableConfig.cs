using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_table_config.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TableConfig
{
    /// <summary>The size of the structure, which is its version.</summary>
    internal uint Size { get; init; }

    /// <summary>Zero.</summary>
    internal uint Flags { get; init; }

    /// <summary>RMP_BASE.</summary>
    internal ulong RmpBase { get; init; }

    /// <summary>RMP_END.</summary>
    internal ulong RmpEnd { get; init; }

    /// <summary>RMP_CFG.</summary>
    internal ulong RmpCfg { get; init; }

    /// <summary>The segment table, or null.</summary>
    internal ulong* SegmentTable { get; init; }

    /// <summary>Its entries.</summary>
    internal ulong SegmentEntries { get; init; }

    /// <summary>The processor.</summary>
    internal ProcessorChoice Processor { get; init; }

    /// <summary>The open points.</summary>
    internal ChoiceWords Choices { get; init; }
}
