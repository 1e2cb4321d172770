using System.Globalization;

namespace FastRmp.Images;

/// <summary>What is known of the processor that an entry is decoded for; whatever is not known leaves a condition in the answer.</summary>
/// <param name="Processor">The processor, or null: then the rules of AMD and of Intel are both shown.</param>
/// <param name="Width">The physical-address width that counts, after the reduction by memory encryption, 32 to 52; null to take the
/// processor's.</param>
/// <param name="EncryptionBit">The C-bit, 32 to 51, or null without memory encryption.</param>
internal readonly record struct EntryRules(ProcessorModel? Processor, int? Width, int? EncryptionBit)
{
    /// <summary>The C-bit in its place, or zero.</summary>
    internal ulong EncryptionMask => EncryptionBit is { } bit ? 1UL << bit : 0;

    /// <summary>The physical-address width that applies; null if it is not known.</summary>
    internal int? UsableWidth =>
        Width ?? (Processor is null ? null : EncryptionBit is null ? Processor.PhysicalAddressWidth : EncryptedWidth);

    /// <summary>The processor's width with memory encryption on.</summary>
    internal int EncryptedWidth => Processor is null ? 0 : Processor.PhysicalAddressWidth - Processor.EncryptionAddressReduction;

    /// <summary>Whether the answer depends on memory encryption, of which the command line says nothing.</summary>
    internal bool MayBeEncrypted => Width is null && EncryptionBit is null && Processor is { EncryptionAddressReduction: > 0 };

    /// <summary>Where the width comes from, as in <c>MAXPHYADDR is 39</c>.</summary>
    internal string WidthText => Width is { } width
        ? string.Create(CultureInfo.InvariantCulture, $"MAXPHYADDR is {width}")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"MAXPHYADDR is {UsableWidth}, {Processor?.Name}'s{(EncryptionBit is null ? string.Empty : " with memory encryption")}");

    /// <summary>The bits of an entry that belong to the address field and are not the C-bit.</summary>
    internal ulong AddressBits(PagingEntry entry) => entry.Value & PagingEntry.AddressMask & ~EncryptionMask;
}
