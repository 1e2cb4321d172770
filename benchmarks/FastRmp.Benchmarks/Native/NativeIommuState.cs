using System.Runtime.CompilerServices;
using FastRmp.Iommu;

namespace FastRmp.Benchmarks.Native;

/// <summary>struct io_state of fastrmp_bench.h.</summary>
internal struct NativeIommuState
{
    private const byte ReservedLevels = 3;

    internal ulong TableBase;
    internal ulong Entries;
    internal ReservedWords Reserved;
    internal ulong Encryption;
    internal uint PasidBits;
    internal byte LargestMode;
    internal byte LargestLevels;
    internal byte LargestPagingMode;
    internal byte Gcr3IsGuestPhysical;
    internal byte HasNoExecute;
    internal byte SnpEnabled;
    internal byte ChecksReads;

    internal static NativeIommuState From(in IommuState state)
    {
        NativeIommuState native = new()
        {
            TableBase = state.TableAddress.Value,
            Entries = (ulong)state.Entries,
            Encryption = state.EncryptionMask,
            PasidBits = (uint)state.PasidBits,
            LargestMode = (byte)state.LargestMode,
            LargestLevels = state.Features?.GuestLevels ?? ReservedLevels,
            LargestPagingMode = state.Features?.GuestAddressSize is 0 ? (byte)0 : (byte)1,
            Gcr3IsGuestPhysical = state.Gcr3IsGuestPhysical ? (byte)1 : (byte)0,
            HasNoExecute = state.HasNoExecute ? (byte)1 : (byte)0,
            SnpEnabled = state.IsSnpEnabled ? (byte)1 : (byte)0,
            ChecksReads = state.Choices.DmaReadsAreChecked ? (byte)1 : (byte)0,
        };
        DeviceTableEntry reserved = state.ReservedBits;
        native.Reserved[0] = reserved.Word0;
        native.Reserved[1] = reserved.Word1;
        native.Reserved[2] = reserved.Word2;
        native.Reserved[3] = reserved.Word3;
        return native;
    }

    /// <summary>Four quadwords.</summary>
    [InlineArray(4)]
    internal struct ReservedWords
    {
        private ulong _first;
    }
}
