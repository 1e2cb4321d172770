using System.Runtime.InteropServices;
using FastRmp.Iommu;

namespace FastRmp.Native;

/// <summary>struct frmp_iommu_config: an IOMMU's registers, as far as they are known.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct IommuConfig
{
    private const uint SnpFlag = 1;
    private const uint ControlFlag = 2;
    private const uint FeaturesFlag = 4;
    private const uint Features2Flag = 8;
    private const uint LowestEncryptionBit = 32;
    private const uint HighestEncryptionBit = 51;

    /// <summary>The size of the structure, which is its version.</summary>
    internal uint Size { get; init; }

    /// <summary>Whether SNP is enabled, and which registers are known.</summary>
    internal uint Flags { get; init; }

    /// <summary>Device Table Base.</summary>
    internal ulong DeviceTable { get; init; }

    /// <summary>Control.</summary>
    internal ulong Control { get; init; }

    /// <summary>Extended Feature.</summary>
    internal ulong Features { get; init; }

    /// <summary>Extended Feature 2.</summary>
    internal ulong Features2 { get; init; }

    /// <summary>Position of the C-bit, 32 to 51; 0 without memory encryption.</summary>
    internal uint EncryptionBit { get; init; }

    /// <summary>Zero.</summary>
    internal uint Reserved { get; init; }

    /// <summary>The open points.</summary>
    internal ChoiceWords Choices { get; init; }

    /// <summary>Makes the state.</summary>
    /// <param name="state">The state.</param>
    /// <returns>The code.</returns>
    internal unsafe int Decode(out IommuState state)
    {
        state = default;
        if (Size != sizeof(IommuConfig)) return Refusals.Size("config->size", Size, (ulong)sizeof(IommuConfig));
        if ((Flags & ~(SnpFlag | ControlFlag | FeaturesFlag | Features2Flag)) != 0) return Refusals.Value("config->flags", Flags);
        if (Reserved != 0 || EncryptionBit is not (0 or >= LowestEncryptionBit and <= HighestEncryptionBit))
        {
            return Refusals.Value("config->encryption_bit", EncryptionBit);
        }

        if (!Choices.TryDecode(out ModelChoices choices)) return Refusals.Value("config->choices", Choices.High);
        state = new IommuState(DeviceTable, (Flags & SnpFlag) != 0)
        {
            Control = (Flags & ControlFlag) != 0 ? new IommuControl(Control) : null,
            Features = (Flags & FeaturesFlag) != 0 ? new IommuExtendedFeatures(Features) : null,
            Features2 = (Flags & Features2Flag) != 0 ? Features2 : null,
            EncryptionBit = EncryptionBit == 0 ? null : (int)EncryptionBit,
            Choices = choices,
        };
        return (int)ErrorCode.Ok;
    }
}
