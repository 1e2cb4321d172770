using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>A reference walk's result in the library's words.</summary>
internal static class WalkComparison
{
    /// <summary>
    /// Every kind of access to one address but those to shadow stacks: read, write and fetch by a user, by the kernel, and by the processor
    /// for itself.
    /// </summary>
    internal static ReferenceAccess[] AllAccesses(ulong va)
    {
        ReferenceAccess[] accesses = new ReferenceAccess[9];
        for (int i = 0; i < accesses.Length; i++)
        {
            accesses[i] = new ReferenceAccess(va, (ReferenceAccessKind)(i % 3), User: i is >= 3 and < 6, Implicit: i >= 6);
        }

        return accesses;
    }

    /// <summary>Reads and writes of shadow stacks by a user and by the kernel, and the kernel's plain ones.</summary>
    internal static ReferenceAccess[] ShadowStackAccesses(ulong va) =>
    [
        new(va, ReferenceAccessKind.ShadowStackRead, User: true),
        new(va, ReferenceAccessKind.ShadowStackWrite, User: true),
        new(va, ReferenceAccessKind.ShadowStackRead, User: false),
        new(va, ReferenceAccessKind.ShadowStackWrite, User: false),
        new(va, ReferenceAccessKind.Read, User: false),
        new(va, ReferenceAccessKind.Write, User: true),
    ];

    internal static WalkResult Expected(ReferenceWalkResult expected)
    {
        (WalkStatus status, ulong address) = expected.Outcome switch
        {
            ReferenceWalkOutcome.Mapped => (WalkStatus.Mapped, expected.PhysicalAddress),
            ReferenceWalkOutcome.NotPresent => (WalkStatus.NotPresent, expected.EntryAddress),
            ReferenceWalkOutcome.Malformed => (WalkStatus.MalformedEntry, expected.EntryAddress),
            ReferenceWalkOutcome.Rights => (WalkStatus.RightsViolation, expected.PhysicalAddress),
            ReferenceWalkOutcome.NonCanonical => (WalkStatus.NonCanonical, 0UL),
            ReferenceWalkOutcome.OutsideMemory => (WalkStatus.OutsideMemory, expected.EntryAddress),
            _ => (WalkStatus.RmpViolation, expected.EntryAddress),
        };
        bool found = status is WalkStatus.Mapped or WalkStatus.RightsViolation;
        PagingRights rights = (expected.Writable ? PagingRights.Write : 0) | (expected.User ? PagingRights.User : 0)
            | (expected.NoExecute ? 0 : PagingRights.Execute);
        return new WalkResult(
            PhysicalAddress.Create(address), expected.ErrorCode, status, (PagingLevel)expected.Level,
            found ? (PageSize)(int)expected.PageSize! : default, found ? rights : default);
    }

    /// <summary>One access with and without marks against the reference; entries are as before afterwards.</summary>
    internal static WalkResult Judge(
        WalkMemory memory, PagingSetup setup, in PagingState state, ReferenceWalker reference, ReferenceAccess access)
    {
        ReferenceWalkResult walk = reference.Walk(access, setAccessedDirty: true);
        WalkResult expected = Expected(walk);
        WalkView view = new(memory);
        NoCheck check = default;
        MemoryAccess asked = setup.Access(access);
        WalkResult plain = PageWalker.Translate(ref view, state, new VirtualAddress(access.Address), asked);
        if (plain != expected) Assert.Fail($"{setup} {access}: {plain} instead of {expected}");
        memory.Writes.Clear();
        WalkResult marked = PageWalker.Access(ref view, state, new VirtualAddress(access.Address), asked, ref check);
        if (marked != expected) Assert.Fail($"{setup} {access}: with marks {marked} instead of {expected}");
        if (memory.Writes.Count != walk.Writes.Count)
        {
            Assert.Fail($"{setup} {access}: {memory.Writes.Count} marks instead of {walk.Writes.Count}");
        }

        for (int i = 0; i < memory.Writes.Count; i++)
        {
            if (memory.Writes[i] != walk.Writes[i]) Assert.Fail($"{setup} {access}: mark {memory.Writes[i]} instead of {walk.Writes[i]}");
        }

        // An entry written twice was read twice: its first value counts.
        for (int i = walk.Entries.Count - 1; i >= 0 && walk.Writes.Count != 0; i--)
        {
            memory[walk.Entries[i].Address] = walk.Entries[i].Value;
        }

        return expected;
    }
}
