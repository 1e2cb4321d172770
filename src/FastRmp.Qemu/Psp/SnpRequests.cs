using System;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>The buffers of SNP commands, as the library's firmware takes them.</summary>
/// <remarks>Linux include/linux/psp-sev.h; of commands that it does not send, AMD SEV firmware, sev_mcmd.h.</remarks>
internal static class SnpRequests
{
    private const int ListHeaderBytes = 8;
    private const int RangeBytes = 16;

    /// <summary>How many ranges fit on a page behind the header.</summary>
    internal const int MostRanges = 255;

    /// <summary>SNP_LAUNCH_START.</summary>
    internal static LaunchParameters Start(CommandBuffer buffer)
    {
        LaunchStartFlags flags = new(buffer.Word(24));
        return new LaunchParameters
        {
            GuestContext = buffer.Quadword(0),
            Policy = new GuestPolicy(buffer.Quadword(8)),
            MigrationAgent = buffer.Quadword(16),
            HasMigrationAgent = flags.HasMigrationAgent,
            IsMigrationImage = flags.IsMigrationImage,
            HasReservedBits = flags.HasReservedBits,
        };
    }

    /// <summary>SNP_LAUNCH_UPDATE.</summary>
    internal static LaunchParameters Update(CommandBuffer buffer)
    {
        LaunchUpdateFlags flags = new(buffer.Quadword(8));
        LaunchUpdatePermissions permissions = new(buffer.Quadword(24));
        return new LaunchParameters
        {
            GuestContext = buffer.Quadword(0),
            Page = buffer.Quadword(16),
            Size = flags.Size,
            Type = (LaunchPageType)flags.Type,
            IsMigrationImage = flags.IsMigrationImage,
            Vmpl1Permissions = permissions.Vmpl1,
            Vmpl2Permissions = permissions.Vmpl2,
            Vmpl3Permissions = permissions.Vmpl3,
            HasReservedBits = flags.HasReservedBits || permissions.HasReservedBits,
        };
    }

    /// <summary>SNP_LAUNCH_FINISH.</summary>
    internal static LaunchParameters Finish(CommandBuffer buffer)
    {
        LaunchFinishFlags flags = new(buffer.Quadword(24));
        return new LaunchParameters
        {
            GuestContext = buffer.Quadword(0),
            DisablesVcek = flags.DisablesVcek,
            HasReservedBits = flags.HasReservedBits,
        };
    }

    /// <summary>SNP_PAGE_MOVE.</summary>
    internal static PageTransferParameters Move(CommandBuffer buffer) => new()
    {
        GuestContext = buffer.Quadword(0),
        Size = SizeOf(buffer.Word(8)),
        HasReservedBits = buffer.Word(8) > 1 || buffer.Word(12) != 0,
        Source = buffer.Quadword(16),
        Destination = buffer.Quadword(24),
    };

    /// <summary>SNP_PAGE_SWAP_OUT, SNP_PAGE_SWAP_IN.</summary>
    internal static PageTransferParameters Swap(CommandBuffer buffer, bool isIn)
    {
        const ulong InPlace = 8;
        const ulong Root = 16;
        const ulong Known = 0x17; // size, type, root
        ulong flags = buffer.Quadword(40);
        return new PageTransferParameters
        {
            GuestContext = buffer.Quadword(0),
            Source = buffer.Quadword(8),
            Destination = buffer.Quadword(16),
            Metadata = buffer.Quadword(24),
            SoftwareData = isIn ? 0 : buffer.Quadword(32),
            Size = SizeOf((uint)flags),
            Type = (SwapPageType)((flags >> 1) & 3),
            IsRoot = (flags & Root) != 0,
            IsInPlace = isIn && (flags & InPlace) != 0,
            HasReservedBits = (flags & ~(isIn ? Known | InPlace : Known)) != 0 || (isIn && buffer.Quadword(32) != 0),
        };
    }

    /// <summary>The ranges of a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="ranges">Room for <see cref="MostRanges"/>.</param>
    /// <returns>How many there are in it.</returns>
    internal static int Ranges(CommandBuffer list, Span<PageRangeEntry> ranges)
    {
        int count = (int)uint.Min(list.Word(0), MostRanges);
        for (int i = 0; i < count; i++)
        {
            int at = ListHeaderBytes + (i * RangeBytes);
            ranges[i] = new PageRangeEntry(list.Quadword(at), list.Word(at + 8), list.Word(at + 12));
        }

        return count;
    }

    private static PageSize SizeOf(uint flags) => (flags & 1) != 0 ? PageSize.Size2M : PageSize.Size4K;
}
