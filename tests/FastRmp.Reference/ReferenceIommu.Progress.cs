using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>What a request has come to so far.</content>
public sealed partial class ReferenceIommu
{
    private sealed class Progress(int deviceId, ReferenceIommuRequest request, bool setsAccessedDirty)
    {
        public int DeviceId { get; } = deviceId;

        public ReferenceIommuRequest Request { get; } = request;

        public bool SetsAccessedDirty { get; } = setsAccessedDirty;

        public uint WriteFlag => Request.IsWrite ? Write : 0;

        public List<ReferenceTableEntry> Entries { get; } = [];

        public List<ReferenceTableEntry> Writes { get; } = [];

        public ReferenceDeviceEntry? Device { get; set; }
    }

    // How a walk of v1 tables, or the want of them, ended: at a page with rights, or at an entry.
    private sealed record HostEnd(ReferenceIommuOutcome Outcome)
    {
        public int Level { get; init; }

        public ulong EntryAddress { get; init; }

        public ulong Spa { get; init; }

        public ulong Size { get; init; }

        public bool CanRead { get; init; }

        public bool CanWrite { get; init; }

        // RMP violations: of the page, or of an entry that was to be marked.
        public bool IsOfEntry { get; init; }
    }
}
