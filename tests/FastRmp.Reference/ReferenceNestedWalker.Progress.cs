using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>What a nested walk has come to so far.</content>
public sealed partial class ReferenceNestedWalker
{
    private sealed class Progress(ReferenceAccess access, bool setsAccessedDirty)
    {
        public ReferenceAccess Access { get; } = access;

        public bool SetsAccessedDirty { get; } = setsAccessedDirty;

        public List<ReferenceNestedStep> Steps { get; } = [];

        public List<ReferenceTableEntry> Writes { get; } = [];

        public ReferenceWalkOutcome GuestOutcome { get; set; }

        public ReferenceWalkOutcome NestedOutcome { get; set; }

        public int GuestLevel { get; set; }

        public int NestedLevel { get; set; }

        public uint ErrorCode { get; set; }

        public ulong ExitInfo1 { get; set; }

        public ulong ExitInfo2 { get; set; }

        public ulong Gpa { get; set; }

        public ulong Spa { get; set; }

        public ReferencePageSize? GuestPageSize { get; set; }

        public ReferencePageSize? NestedPageSize { get; set; }

        public ReferenceRights GuestRights { get; set; } = ReferenceRights.All;

        public ReferenceRights NestedRights { get; set; }

        public bool IsPrivate { get; set; }

        public ulong EntryAddress { get; set; }

        // Entries that this walk has changed read as changed, whichever tables they belong to.
        public ulong? Changed(ulong address)
        {
            ulong? found = null;
            foreach (ReferenceTableEntry write in Writes)
            {
                if (write.Address == address) found = write.Value;
            }

            return found;
        }

        public void Write(ulong address, ulong before, ulong after)
        {
            if (SetsAccessedDirty && before != after) Writes.Add(new ReferenceTableEntry(address, after));
        }

        public ReferenceNestedResult End(ReferenceNestedOutcome outcome) => new()
        {
            Outcome = outcome,
            GuestOutcome = GuestOutcome,
            NestedOutcome = NestedOutcome,
            GuestLevel = GuestLevel,
            NestedLevel = NestedLevel,
            ErrorCode = ErrorCode,
            ExitInfo1 = ExitInfo1,
            ExitInfo2 = ExitInfo2,
            GuestPhysicalAddress = Gpa,
            PhysicalAddress = Spa,
            GuestPageSize = GuestPageSize,
            NestedPageSize = NestedPageSize,
            GuestRights = GuestRights,
            NestedRights = NestedRights,
            IsPrivate = IsPrivate,
            EntryAddress = EntryAddress,
            Steps = Steps,
            Writes = Writes,
        };
    }
}
