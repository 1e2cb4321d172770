using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>SNP_INIT_EX, which builds the table or keeps it (rmp 1.6, 12.2).</content>
public sealed partial class ReferenceFirmware
{
    private const ulong Mib = 1024 * 1024;

    private static readonly ReferenceRange HyperTransportHole = new(0xFD_0000_0000UL, 0xFD_FFFF_FFFFUL);

    private static readonly ReferenceRange EverythingCovered = new(0, (1UL << 52) - 1);

    /// <summary>SNP_INIT_EX; with the defaults SNP_INIT.</summary>
    /// <param name="command">The fields.</param>
    /// <returns>The status. A refusal by the IOMMUs' tests leaves the new table.</returns>
    public ReferenceFirmwareStatus Init(ReferenceInit command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.HasReserved) return ReferenceFirmwareStatus.InvalidParam;
        if (IsInitialized || Legacy != ReferenceLegacyState.Uninit) return ReferenceFirmwareStatus.InvalidPlatformState;

        MakeContext();
        ReferenceFirmwareStatus status = Initialize(command);
        if (status != Success) Context = ReferenceContextState.Cleared;
        return status;
    }

    // From here every ASID wants a DF_FLUSH, also if what follows is refused.
    private void MakeContext()
    {
        if (Context == ReferenceContextState.Made) return;
        bool isLost = Context == ReferenceContextState.Lost;
        if (isLost) GuestCount = 0;
        for (int asid = 1; asid < _asids.Length; asid++)
        {
            ReferenceAsid old = isLost ? default : _asids[asid];
            _asids[asid] = old with { Dirty = AllComplexes };
        }

        Context = ReferenceContextState.Made;
    }

    private ReferenceFirmwareStatus Initialize(ReferenceInit command)
    {
        bool keepable = IsRmpInitialized && !Platform.WantsNewTable;
        if (!command.InitRmp && !keepable) return ReferenceFirmwareStatus.RmpInitRequired;
        if (!command.InitRmp && command.List is not null) return ReferenceFirmwareStatus.InvalidParam;
        ReferenceFirmwareStatus status = ConfigurationTest();
        if (status != Success) return status;
        if (command.InitRmp && !Platform.SaveAreaIsClear) return ReferenceFirmwareStatus.InvalidConfig;
        if (command.InitRmp)
        {
            List<(ReferenceRange Range, ReferencePageState State)> layout = Layout(command.List);
            if (!IsSound(layout)) return ReferenceFirmwareStatus.RmpInitializationFailed;
            foreach (ReferenceRange own in Rmp.Geometry.OwnRanges) layout.Add((own, ReferencePageState.Firmware));
            Rmp.Rebuild(layout);
        }

        IsIommuEnforced = true;
        status = IommuTest(command.InitRmp);
        if (status != Success) return status;
        for (int asid = 1; asid < _asids.Length; asid++) _asids[asid] = new ReferenceAsid(AllComplexes, 0, 0, 0);
        Flushed = 0;
        IsInitialized = true;
        IsRmpInitialized = true;
        GuestCount = 0;
        return Success;
    }

    // Test 5.
    private ReferenceFirmwareStatus ConfigurationTest()
    {
        if (!Platform.CoresAreConfigured || !Rmp.IsEnabled || !Platform.BoundsAreEqual) return ReferenceFirmwareStatus.InvalidConfig;
        ulong first = Platform.RawBase ?? Rmp.Geometry.Base;
        ulong last = Platform.RawEnd ?? Rmp.Geometry.End;
        bool encrypted = Plain(first) != first || (!Rmp.Geometry.IsSegmented && Plain(last) != last);
        if (encrypted) return ReferenceFirmwareStatus.InvalidAddress;
        bool aligned = first % Mib == 0 && (Rmp.Geometry.IsSegmented || (last + 1) % Mib == 0);
        if (!aligned) return ReferenceFirmwareStatus.InvalidConfig;
        if (IsForbidden(first, Math.Max(first, last))) return ReferenceFirmwareStatus.InvalidAddress;

        // The bounds pass the address check of rmp 13.2, but for the RMP itself.
        foreach (ReferenceRange own in Rmp.Geometry.OwnRanges)
        {
            if (IsForbidden(own.First, own.Last)) return ReferenceFirmwareStatus.InvalidAddress;
            if (!IsInOneMemory(own.First, own.Last)) return ReferenceFirmwareStatus.InvalidConfig;
        }

        return Success;
    }

    // rmp 1.6 steps 1 to 4; later ranges override earlier ones.
    private List<(ReferenceRange Range, ReferencePageState State)> Layout(ReferenceRangeList? list)
    {
        List<(ReferenceRange Range, ReferencePageState State)> layout = [(EverythingCovered, ReferencePageState.HvFixed)];
        IReadOnlyList<ReferenceRange> dram = Platform.Dram.Count == 0 ? Rmp.Geometry.CoveredRanges : Platform.Dram;
        foreach (ReferenceRange range in dram) layout.Add((range, ReferencePageState.Hypervisor));

        // A list that cannot be read is not a list, and no reason to refuse (taught by AMD's firmware).
        if (list is not null && AddressCheck(Plain(list.Address), PageBytes) == Success)
        {
            _ = ReadList(list, PageBytes, out List<ReferenceRange> listed);
            foreach (ReferenceRange range in listed) layout.Add((range, ReferencePageState.HvFixed));
        }

        if (Platform.Tseg is ReferenceRange tseg) layout.Add((tseg, ReferencePageState.HvFixed));
        if (Platform.Aseg is ReferenceRange aseg) layout.Add((aseg, ReferencePageState.HvFixed));
        layout.Add((HyperTransportHole, ReferencePageState.HvFixed));
        return layout;
    }

    // Step 5: the table covers itself, and nothing but Hypervisor pages is where it stands.
    private bool IsSound(List<(ReferenceRange Range, ReferencePageState State)> layout)
    {
        foreach (ReferenceRange own in Rmp.Geometry.OwnRanges)
        {
            for (ulong page = own.First; page <= own.Last; page += PageBytes)
            {
                if (!Rmp.Geometry.IsCovered(page) || StateBy(layout, page) != ReferencePageState.Hypervisor) return false;
            }
        }

        return true;
    }

    private static ReferencePageState StateBy(List<(ReferenceRange Range, ReferencePageState State)> layout, ulong page)
    {
        for (int i = layout.Count - 1; i >= 0; i--)
        {
            if (page >= layout[i].Range.First && page <= layout[i].Range.Last) return layout[i].State;
        }

        return ReferencePageState.Invalid;
    }

    // Test 8, which begins when the table has been written.
    private ReferenceFirmwareStatus IommuTest(bool writes)
    {
        if (!Platform.IommuIsReady) return ReferenceFirmwareStatus.HwerrorPlatform;
        if (!writes) return Success;
        _recorded.Clear();
        foreach (ReferenceRange buffer in Platform.IommuBuffers)
        {
            // A buffer without a page is no better than one in the RMP (taught by AMD's firmware).
            if (buffer.Last < buffer.First) return ReferenceFirmwareStatus.InvalidConfig;
            if (Rmp.Geometry.OwnsAnyOf(buffer.First, buffer.Last)) return ReferenceFirmwareStatus.InvalidConfig;
            for (ulong page = buffer.First; page <= buffer.Last; page += PageBytes)
            {
                if (!Rmp.Geometry.IsCovered(page)) return ReferenceFirmwareStatus.InvalidConfig;
            }

            for (ulong page = buffer.First; page <= buffer.Last; page += PageBytes) Rmp.MakeFirmwareIommu(page);
            _recorded.Add(buffer);
        }

        return Success;
    }

    // A list of ranges; it ends at the first mistake, and what was read before stands (rmp 1.6, 13.5).
    private ReferenceFirmwareStatus ReadList(ReferenceRangeList list, ulong alignment, out List<ReferenceRange> ranges)
    {
        const int MostRanges = 255;
        ranges = [];
        ulong count = list.Count ?? (uint)list.Ranges.Count;
        if (count > MostRanges || list.HasReserved) return ReferenceFirmwareStatus.InvalidParam;

        // Header and ranges, of 16 bytes each, stand on one page.
        const ulong Step = 16;
        if ((list.Address % PageBytes) + (Step * (1 + count)) > PageBytes) return ReferenceFirmwareStatus.InvalidParam;
        for (int i = 0; i < (int)count; i++)
        {
            ReferenceListEntry entry = i < list.Ranges.Count ? list.Ranges[i] : default;
            if (entry.Reserved != 0) return ReferenceFirmwareStatus.InvalidParam;
            ulong start = Plain(entry.Base);
            if (start % alignment != 0) return ReferenceFirmwareStatus.InvalidParam;
            Add(ranges, start, entry.Pages);
        }

        return Success;
    }

    private void Add(List<ReferenceRange> ranges, ulong start, ulong pages)
    {
        if (pages == 0) return;
        List<ReferenceRange> rest = [new ReferenceRange(start, start + (pages * PageBytes) - 1)];
        foreach (ReferenceRange own in Rmp.Geometry.OwnRanges)
        {
            List<ReferenceRange> next = [];
            foreach (ReferenceRange piece in rest)
            {
                bool apart = own.Last < piece.First || own.First > piece.Last;
                if (apart) next.Add(piece);
                if (!apart && piece.First < own.First) next.Add(new ReferenceRange(piece.First, own.First - 1));
                if (!apart && piece.Last > own.Last) next.Add(new ReferenceRange(own.Last + 1, piece.Last));
            }

            rest = next;
        }

        ranges.AddRange(rest);
    }
}
