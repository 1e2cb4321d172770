using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>What a walk has come to so far.</content>
public sealed partial class ReferenceWalker
{
    private sealed class Progress(bool setAccessedDirty, Func<ulong, bool>? mayWriteTable)
    {
        // What the leaf and the rights above it make of the access; the error code, or null.
        public required Func<ReferenceRights, ulong, uint?> Fault { get; init; }

        public List<ReferenceTableEntry> Entries { get; } = [];

        public List<ReferenceTableEntry> Writes { get; } = [];

        public int Level { get; set; }

        public ulong EntryAddress { get; set; }

        public ReferenceRights Rights { get; set; } = ReferenceRights.All;

        public ReferencePageSize? PageSize { get; set; }

        public ulong PhysicalAddress { get; set; }

        public ulong? Changed(ulong address)
        {
            ulong? found = null;
            foreach (ReferenceTableEntry write in Writes)
            {
                if (write.Address == address) found = write.Value;
            }

            return found;
        }

        public bool TryWrite(ulong before, ulong after)
        {
            if (!setAccessedDirty || before == after) return true;
            if (mayWriteTable is not null && !mayWriteTable(EntryAddress)) return false;
            Writes.Add(new ReferenceTableEntry(EntryAddress, after));
            return true;
        }

        public ReferenceWalkResult End(ReferenceWalkOutcome outcome, uint errorCode) => new()
        {
            Outcome = outcome,
            Level = Level,
            PageSize = PageSize,
            PhysicalAddress = PhysicalAddress,
            Writable = Rights.Writable,
            User = Rights.User,
            NoExecute = Rights.NoExecute,
            ErrorCode = errorCode,
            EntryAddress = EntryAddress,
            Entries = Entries,
            Writes = Writes,
        };
    }
}
