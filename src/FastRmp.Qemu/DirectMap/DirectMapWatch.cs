using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Qemu;

/// <summary>The kernel's direct map, from the moment SNP is on, or its counters are on the console: its splits and joins, found by
/// comparing its directories with what they held before.</summary>
/// <remarks>
/// <para>Linux flushes all translations of all processors after each split and each join (arch/x86/mm/pat/set_memory.c), by MOV to CR4 or
/// INVPCID: nothing can change twice in between. Before an RMPUPDATE the region of its page is looked at as well.</para>
/// <para>The entries of the GiBs stay where they are for as long as the kernel does, whichever process runs: tables from which they are not
/// reached are those of nobody for a moment, or of a kernel that another one started (kexec), whose map is looked for when it uses the RMP.
/// Any threads.</para>
/// </remarks>
internal sealed class DirectMapWatch(GuestRam ram, EventLog events)
{
    private const int RangesOfLine = 64;

    private readonly Lock _gate = new();
    private GigabyteDirectory[]? _directories; // by number of the GiB; published when complete
    private DirectMapLocation _location;
    private ulong _addressMask;
    private DirectMapChanges _changes;

    /// <summary>Whether the map was found.</summary>
    internal bool IsOn => Volatile.Read(ref _directories) is not null;

    /// <summary>The leaves when the map was found.</summary>
    internal DirectMapTotals AtStart { get; private set; }

    /// <summary>How often a map was found: more than once if a kernel started another one.</summary>
    internal int Maps { get; private set; }

    /// <summary>What changed since.</summary>
    internal DirectMapChanges Changes
    {
        get
        {
            lock (_gate) return _changes;
        }
    }

    /// <summary>Finds the map, unless it is the one that is known.</summary>
    /// <param name="processor">The number of the processor.</param>
    /// <param name="state">Its state, with the kernel's tables.</param>
    internal void Begin(int processor, in GuestState state)
    {
        if (!state.IsLongMode || !state.Registers.Paging || IsKnownTo(state)) return;
        lock (_gate)
        {
            if (IsKnownTo(state) || !DirectMapFinder.TryFind(ram.Memory, state.Paging(), null, out DirectMapLocation location)) return;
            _location = location;
            _addressMask = PagingEntry.AddressMask & ~_location.EncryptionMask;
            GigabyteDirectory[] directories = Directories(state.Paging());
            foreach (GigabyteDirectory directory in directories) Load(directory);
            DirectMapTotals totals = Count(_location);
            AtStart = totals;
            _changes = default;
            Maps++;
            Say(processor, totals);
            SaySmall(processor, directories);
            Volatile.Write(ref _directories, directories);
        }
    }

    /// <summary>All translations are being flushed: looks for what was split or joined.</summary>
    /// <param name="processor">The number of the processor that flushes.</param>
    /// <param name="state">Its state; tables without the map say nothing about it.</param>
    internal void Look(int processor, in GuestState state)
    {
        if (Volatile.Read(ref _directories) is not { } directories || !IsKnownTo(state)) return;
        lock (_gate)
        {
            foreach (GigabyteDirectory directory in directories) Look(processor, directory);
        }
    }

    /// <summary>A page is about to be given away or taken back: looks whether its region was split or joined.</summary>
    internal void Look(int processor, ulong page)
    {
        if (Volatile.Read(ref _directories) is not { } directories) return;
        ulong number = page >> PageSize.Size1G.Shift();
        GigabyteDirectory? directory = Array.Find(directories, one => one.Start.Value >> PageSize.Size1G.Shift() == number);
        if (directory is null) return;
        int index = (int)((page & PageSize.Size1G.OffsetMask()) >> PageSize.Size2M.Shift());
        Span<ulong> live = TableOf(directory.Value);
        bool isSame = Read(directory) == directory.Value && (live.IsEmpty || Volatile.Read(ref live[index]) == directory.Entries[index]);
        if (isSame) return;
        lock (_gate) Look(processor, directory);
    }

    /// <summary>Counts the leaves as they are now.</summary>
    /// <param name="state">The state of a processor, with the kernel's tables.</param>
    /// <param name="totals">The leaves.</param>
    /// <returns>Whether the map is known, and where these tables have it.</returns>
    internal bool TryCount(in GuestState state, out DirectMapTotals totals)
    {
        totals = default;
        if (!IsKnownTo(state)) return false;
        totals = Count(_location with { Root = state.Paging().Root });
        return true;
    }

    /// <summary>Whether a processor's tables have the map that is known, where it was found.</summary>
    private bool IsKnownTo(in GuestState state) => Volatile.Read(ref _directories) is [GigabyteDirectory first, ..]
        && state.IsLongMode && state.Registers.Paging
        && TryEntry(state.Paging(), first.Start, out PhysicalAddress entry) && entry == first.Entry;

    /// <summary>Writes the leaves into the trace.</summary>
    internal void Say(int processor, in DirectMapTotals totals) =>
        events.Write(processor, $"directmap 4k={totals.Leaves4K} 2m={totals.Leaves2M} 1g={totals.Leaves1G}");

    private DirectMapTotals Count(in DirectMapLocation location)
    {
        DirectMapCensus<GuestMemory> census = new(ram.Memory, location);
        while (census.MoveNext())
        {
        }

        return census.Totals;
    }

    private GigabyteDirectory[] Directories(in PagingState tables)
    {
        List<GigabyteDirectory> found = [];
        for (ulong start = 0; start < ram.End; start += PageSize.Size1G.Bytes())
        {
            PhysicalAddress address = PhysicalAddress.Create(start);
            if (TryEntry(tables, address, out PhysicalAddress entry)) found.Add(new GigabyteDirectory(address, entry));
        }

        return [.. found];
    }

    /// <summary>Where the entry of a GiB is.</summary>
    private bool TryEntry(in PagingState tables, PhysicalAddress start, out PhysicalAddress entry)
    {
        GuestMemory memory = ram.Memory;
        NoCheck check = default;
        WalkTrace trace = default;
        _ = PageWalker.Trace(
            ref memory, tables, new VirtualAddress(_location.Base.Value + start.Value), MemoryAccess.KernelRead, ref check, ref trace);
        foreach (ref readonly WalkStep step in trace.Steps)
        {
            if (step.PagingLevel != PagingLevel.PageDirectoryPointer) continue;
            entry = step.Address;
            return true;
        }

        entry = default;
        return false;
    }

    private ulong Read(GigabyteDirectory directory) =>
        ram.Memory.TryRead(directory.Entry, out ulong value) ? value : 0;

    /// <summary>The directory that an entry points to, live; empty if it points to none.</summary>
    private Span<ulong> TableOf(ulong entry) => KindOf(entry, PagingLevel.PageDirectoryPointer) == MappedAs.Table
        ? MemoryMarshal.Cast<byte, ulong>(ram.Bytes(entry & _addressMask, (int)PageSize.Size4K.Bytes()))
        : default;

    private static MappedAs KindOf(ulong entry, PagingLevel level) => (entry & PagingEntry.PresentMask) == 0 ? MappedAs.Nothing
        : LongModeTable.IsLeaf(entry, level) ? MappedAs.Leaf
        : MappedAs.Table;

    private void Load(GigabyteDirectory directory)
    {
        directory.Value = Read(directory);
        TableOf(directory.Value).CopyTo(directory.Entries);
    }

    private void Look(int processor, GigabyteDirectory directory)
    {
        ulong value = Read(directory);
        MappedAs before = KindOf(directory.Value, PagingLevel.PageDirectoryPointer);
        MappedAs now = KindOf(value, PagingLevel.PageDirectoryPointer);
        Span<ulong> live = TableOf(value);
        if (value == directory.Value && live.SequenceEqual(directory.Entries)) return;
        directory.Value = value;
        bool isSplit = (before, now) == (MappedAs.Leaf, MappedAs.Table);
        bool isJoined = (before, now) == (MappedAs.Table, MappedAs.Leaf);
        if (isSplit)
        {
            Split(processor, directory.Start, PageSize.Size1G);
            directory.Entries.AsSpan().Fill(PagingEntry.PresentMask | PagingEntry.LargePageMask); // by what the split begins with
        }

        for (int i = 0; i < directory.Entries.Length; i++)
        {
            ulong entry = live.IsEmpty ? 0 : Volatile.Read(ref live[i]);
            MappedAs old = KindOf(directory.Entries[i], PagingLevel.PageDirectory);
            MappedAs current = isJoined ? MappedAs.Leaf : KindOf(entry, PagingLevel.PageDirectory);
            PhysicalAddress region = directory.Start + ((ulong)i << PageSize.Size2M.Shift());
            if ((old, current) == (MappedAs.Leaf, MappedAs.Table)) Split(processor, region, PageSize.Size2M);
            else if ((old, current) == (MappedAs.Table, MappedAs.Leaf)) Join(processor, region, PageSize.Size2M);
            directory.Entries[i] = entry;
        }

        if (isJoined) Join(processor, directory.Start, PageSize.Size1G);
    }

    private void Split(int processor, PhysicalAddress address, PageSize size)
    {
        bool isLarge = size == PageSize.Size2M;
        events.Write(processor, $"split spa=0x{address.Value:x} size={(isLarge ? "2m" : "1g")}");
        _changes = isLarge ? _changes with { Splits2M = _changes.Splits2M + 1 } : _changes with { Splits1G = _changes.Splits1G + 1 };
    }

    private void Join(int processor, PhysicalAddress address, PageSize size)
    {
        bool isLarge = size == PageSize.Size2M;
        events.Write(processor, $"join spa=0x{address.Value:x} size={(isLarge ? "2m" : "1g")}");
        _changes = isLarge ? _changes with { Joins2M = _changes.Joins2M + 1 } : _changes with { Joins1G = _changes.Joins1G + 1 };
    }

    /// <summary>Writes into the trace what is mapped by 4 KiB leaves.</summary>
    private void SaySmall(int processor, GigabyteDirectory[] directories)
    {
        if (!events.IsOn) return;
        StringBuilder line = new();
        int count = 0;
        ulong size = PageSize.Size2M.Bytes();
        ulong first = 0;
        ulong end = 0; // of the range that is being put together; none if it is its start
        foreach (GigabyteDirectory directory in directories)
        {
            for (int i = 0; i < directory.Entries.Length; i++)
            {
                bool isSmall = KindOf(directory.Value, PagingLevel.PageDirectoryPointer) == MappedAs.Table
                    && KindOf(directory.Entries[i], PagingLevel.PageDirectory) == MappedAs.Table;
                if (!isSmall) continue;
                ulong region = directory.Start.Value + ((ulong)i * size);
                if (region != end)
                {
                    Close();
                    first = region;
                }

                end = region + size;
            }
        }

        Close();
        Flush();

        void Close()
        {
            if (first == end) return;
            line.Append(CultureInfo.InvariantCulture, $" {first:x}-{end - 1:x}");
            if (++count % RangesOfLine == 0) Flush();
        }

        void Flush()
        {
            if (line.Length != 0) events.Write(processor, $"mapped 4k{line}");
            line.Clear();
        }
    }
}
