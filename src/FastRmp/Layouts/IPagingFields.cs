namespace FastRmp;

/// <summary>The fields that paging entries of all levels and forms have.</summary>
internal interface IPagingFields
{
    /// <summary>P: the entry is used; if clear all other bits are ignored.</summary>
    [Bits(0)] bool Present { get; init; }

    /// <summary>R/W: writes are allowed.</summary>
    [Bits(1)] bool Writable { get; init; }

    /// <summary>U/S: user-mode accesses are allowed.</summary>
    [Bits(2)] bool User { get; init; }

    /// <summary>PWT: low bit of the PAT index.</summary>
    [Bits(3)] bool WriteThrough { get; init; }

    /// <summary>PCD: middle bit of the PAT index.</summary>
    [Bits(4)] bool CacheDisable { get; init; }

    /// <summary>A: the processor used the entry for a translation.</summary>
    [Bits(5)] bool Accessed { get; init; }

    /// <summary>NX: fetches are forbidden (with EFER.NXE; reserved without).</summary>
    [Bits(63)] bool NoExecute { get; init; }
}
