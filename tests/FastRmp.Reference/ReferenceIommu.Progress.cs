using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>What a request has come to so far.</content>
public sealed partial class ReferenceIommu
{
    private sealed class Progress(int deviceId, ulong iova, bool isWrite, bool setsAccessedDirty)
    {
        public int DeviceId { get; } = deviceId;

        public ulong Iova { get; } = iova;

        public bool IsWrite { get; } = isWrite;

        public bool SetsAccessedDirty { get; } = setsAccessedDirty;

        public uint WriteFlag => IsWrite ? Write : 0;

        public List<ReferenceTableEntry> Entries { get; } = [];

        public List<ReferenceTableEntry> Writes { get; } = [];

        public ReferenceDeviceEntry? Device { get; set; }

        public ReferenceIommuEvent? Event { get; set; }

        public int Level { get; set; }

        public ulong EntryAddress { get; set; }

        public bool CanRead { get; set; } = true;

        public bool CanWrite { get; set; } = true;

        public ulong PhysicalAddress { get; set; }

        public ulong PageSize { get; set; }

        public ReferenceIommuResult End(ReferenceIommuOutcome outcome) => new()
        {
            Outcome = outcome,
            Event = Event,
            Device = Device,
            PhysicalAddress = PhysicalAddress,
            PageSize = PageSize,
            CanRead = CanRead,
            CanWrite = CanWrite,
            Level = Level,
            EntryAddress = EntryAddress,
            Entries = Entries,
            Writes = Writes,
        };
    }
}
