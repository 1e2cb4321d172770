namespace FastRmp.Native;

/// <summary>The processor that most calls name, made once.</summary>
internal static class Machine
{
    /// <summary>FRMP_CPU_HOST.</summary>
    internal const ulong HostWord = 0x300;

    /// <summary>The host's kernel.</summary>
    internal static readonly ExecutionState Host = new(Is64BitMode: true, Cpl: 0, Asid: 0, SnpEnabled: true);
}
