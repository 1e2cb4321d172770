using System;

namespace FastRmp.Firmware;

/// <summary>The states of all ASIDs.</summary>
/// <remarks>Source: AMD SEV firmware, sev_mcmd.c, mcmd_df_flush_common, activate_common.</remarks>
/// <param name="maxAsid">The processor's highest ASID.</param>
internal sealed class AsidTable(uint maxAsid)
{
    private readonly AsidState[] _states = new AsidState[maxAsid + 1];

    internal ref AsidState this[uint asid] => ref _states[asid];

    internal bool IsAsid(uint asid) => asid != 0 && asid < (uint)_states.Length;

    /// <summary>Every ASID is dirty on some core complexes, whatever else it is there.</summary>
    internal void MakeDirty(ushort coreComplexes)
    {
        foreach (ref AsidState state in All)
        {
            state = state with { Dirty = (ushort)(state.Dirty | coreComplexes) };
        }
    }

    /// <summary>Every ASID is dirty on some core complexes, if on any, and nothing else anywhere.</summary>
    internal void Reset(ushort coreComplexes) => All.Fill(new AsidState(coreComplexes, 0, 0, 0));

    /// <summary>Dirty becomes clean on some core complexes.</summary>
    internal void Flush(ushort coreComplexes)
    {
        foreach (ref AsidState state in All)
        {
            int flushed = state.Dirty & coreComplexes;
            state = state with { Dirty = (ushort)(state.Dirty & ~flushed), Clean = (ushort)(state.Clean | flushed) };
        }
    }

    /// <summary>Whether every ASID is clean on some core complexes, and nothing else there.</summary>
    internal bool AreAllClean(ushort coreComplexes)
    {
        foreach (ref AsidState state in All)
        {
            if ((state.Clean & coreComplexes) != coreComplexes) return false;
        }

        return true;
    }

    private Span<AsidState> All => _states.AsSpan(1);
}
