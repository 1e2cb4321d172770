using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>struct frmp_paging_registers.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct PagingRegisters
{
    private const uint MostReduction = 63;

    /// <summary>The size of the structure, which is its version.</summary>
    internal uint Size { get; init; }

    /// <summary>Position of the C-bit, 32 to 51; 0 without memory encryption.</summary>
    internal uint EncryptionBit { get; init; }

    /// <summary>By how many bits memory encryption narrows addresses.</summary>
    internal uint AddressReduction { get; init; }

    /// <summary>Zero.</summary>
    internal uint Reserved { get; init; }

    /// <summary>CR0.</summary>
    internal ulong Cr0 { get; init; }

    /// <summary>CR3.</summary>
    internal ulong Cr3 { get; init; }

    /// <summary>CR4.</summary>
    internal ulong Cr4 { get; init; }

    /// <summary>EFER.</summary>
    internal ulong Efer { get; init; }

    /// <summary>PKRU.</summary>
    internal uint Pkru { get; init; }

    /// <summary>PKRS.</summary>
    internal uint Pkrs { get; init; }

    /// <summary>The processor.</summary>
    internal ProcessorChoice Processor { get; init; }

    /// <summary>The open points.</summary>
    internal ChoiceWords Choices { get; init; }

    /// <summary>Makes the state of a walk.</summary>
    /// <param name="state">The state.</param>
    /// <param name="choices">The open points.</param>
    /// <returns>The code.</returns>
    internal unsafe int Decode(out PagingState state, out ModelChoices choices)
    {
        state = default;
        choices = ModelChoices.Default;
        if (Size != sizeof(PagingRegisters)) return Refusals.Size("registers->size", Size, (ulong)sizeof(PagingRegisters));
        if (Reserved != 0 || AddressReduction > MostReduction) return Refusals.Value("registers->address_reduction", AddressReduction);
        if (!Choices.TryDecode(out choices)) return Refusals.Value("registers->choices", Choices.High);
        if (!Processor.TryDecode(choices, out ProcessorModel processor))
        {
            return Refusals.Value("registers->processor", Processor.Preset);
        }

        MemoryEncryption? encryption = EncryptionBit == 0 ? null : new MemoryEncryption((int)EncryptionBit, (int)AddressReduction);
        state = PagingState.FromRegisters(
            new ControlRegisters(Cr0, new Cr3(Cr3), Cr4, Efer), processor, new Pkru(Pkru), new Pkru(Pkrs), encryption, choices);
        return (int)ErrorCode.Ok;
    }
}
