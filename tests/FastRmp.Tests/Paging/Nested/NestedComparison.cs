using System;
using System.Collections.Generic;
using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>One nested walk of the library's against the same walk of the reference: result, entries read, entries written.</summary>
internal sealed class NestedComparison
{
    private readonly NestedGuestSetup _setup;

    internal NestedComparison(NestedGuestSetup setup)
    {
        _setup = setup;
        IsSnpGuest = setup.IsEncrypted;
    }

    /// <summary>How often each status came up.</summary>
    internal long[] Outcomes { get; } = new long[8];

    internal bool WriteProtect { get; set; } = true;

    internal bool GuestNoExecute { get; set; } = true;

    internal bool HostNoExecute { get; set; } = true;

    internal bool Smep { get; set; }

    internal bool Smap { get; set; }

    internal bool HostSmep { get; set; }

    internal uint? Pkru { get; set; }

    internal ulong? VirtualTom { get; set; }

    internal bool HasRmp { get; set; } = true;

    internal bool IsSnpGuest { get; set; }

    internal byte Vmpl { get; set; }

    internal bool Gmet { get; set; }

    internal bool ShadowStacks { get; set; }

    internal uint HostPkru { get; set; } = uint.MaxValue; // must not matter but by choice

    internal ModelChoices Choices { get; set; } = ModelChoices.Default;

    /// <summary>Walks with and without marks; memory is as before afterwards.</summary>
    internal NestedWalkResult Compare(ulong va, AccessKind kind, bool user, bool ac = false, bool shadowStack = false)
    {
        ReferenceNestedWalker reference = new(Setup(ac), _setup.Memory.Read);
        ReferenceAccess plain = new(va, Plain(kind, shadowStack), user);
        NestedPagingState state = new(
            _setup.GuestState(WriteProtect, GuestNoExecute, Smep, Smap, Pkru is uint keys ? new Pkru(keys) : null, ShadowStacks),
            _setup.HostState(false, HostNoExecute, HostSmep, true, new Pkru(HostPkru)), // all but NXE and SMEP must not matter
            VirtualTom is ulong top ? GuestPhysicalAddress.Create(top) : null,
            IsSnpGuest,
            Gmet,
            Choices);
        GuestRmpCheck<ContiguousGeometry> check = new(HasRmp ? _setup.Pair.Table : null, NestedGuestSetup.Asid, Vmpl, IsSnpGuest);
        WalkView view = new(_setup.Memory);
        MemoryAccess access = new(kind, user, ac, shadowStack);

        ReferenceNestedResult expected = reference.Walk(plain);
        WalkTrace trace = default;
        NestedWalkResult result = NestedWalker.Trace(ref view, state, new VirtualAddress(va), access, ref check, ref trace);
        Require(expected, result);
        RequireSteps(expected.Steps, trace);
        Assert.Equal(result, NestedWalker.Translate(ref view, state, new VirtualAddress(va), access, ref check));

        expected = reference.Walk(plain, setAccessedDirty: true);
        _setup.Memory.Writes.Clear();
        NestedWalkResult marked = NestedWalker.Access(ref view, state, new VirtualAddress(va), access, ref check);
        Require(expected, marked);
        Assert.Equal(expected.Writes, _setup.Memory.Writes);
        Undo(expected.Steps);
        Outcomes[(int)marked.Status]++;
        return result;
    }

    private ReferenceNestedSetup Setup(bool ac) => new()
    {
        Guest = new ReferencePaging
        {
            Cr3 = _setup.GuestRoot + NestedGuestSetup.GuestStart,
            Levels = _setup.GuestLevels,
            WriteProtect = WriteProtect,
            NoExecuteEnabled = GuestNoExecute,
            Smep = Smep,
            Smap = Smap,
            AccessUserAllowed = ac,
            UserKeys = Pkru is not null,
            Pkru = Pkru ?? 0,
            EncryptionBit = _setup.Encryption?.Bit,
            ShadowStacks = ShadowStacks,
        },
        Host = new ReferencePaging
        {
            Cr3 = _setup.HostRoot,
            Levels = _setup.HostLevels,
            NoExecuteEnabled = HostNoExecute,
            Smep = HostSmep,
            UserKeys = true,
            Pkru = HostPkru,
        },
        Rmp = HasRmp ? _setup.Pair.Reference : null,
        IsSnpGuest = IsSnpGuest,
        Asid = NestedGuestSetup.Asid,
        Vmpl = Vmpl,
        VirtualTom = VirtualTom,
        Gmet = Gmet,
        GmetAllowsUserFetches = Choices.GmetAllowsUserFetches,
        GmetAlwaysReportsUser = Choices.GmetAlwaysReportsUser,
        NestedKeys = Choices.NestedKeysApply,
        TableFaultsArePageAligned = Choices.TableFaultsArePageAligned,
        FaultingWalksMarkNothing = Choices.SetAccessedOnlyIfAllowed,
        EncryptionOfOwnWritesIsTold = !Choices.HideEncryptionOfNestedTableWrites,
        EncryptionOfSevGuestsIsTold = Choices.ReportEncryptionOfSevGuests,
    };

    private static ReferenceAccessKind Plain(AccessKind kind, bool shadowStack) => kind switch
    {
        AccessKind.Read when shadowStack => ReferenceAccessKind.ShadowStackRead,
        AccessKind.Write when shadowStack => ReferenceAccessKind.ShadowStackWrite,
        _ => (ReferenceAccessKind)kind,
    };

    private static void Require(ReferenceNestedResult expected, in NestedWalkResult result)
    {
        NestedWalkStatus status = expected.Outcome switch
        {
            ReferenceNestedOutcome.Mapped => NestedWalkStatus.Mapped,
            ReferenceNestedOutcome.NonCanonical => NestedWalkStatus.NonCanonical,
            ReferenceNestedOutcome.GuestPageFault => NestedWalkStatus.GuestPageFault,
            ReferenceNestedOutcome.NestedPageFault => NestedWalkStatus.NestedPageFault,
            ReferenceNestedOutcome.RmpViolation => NestedWalkStatus.RmpViolation,
            ReferenceNestedOutcome.NotValidated => NestedWalkStatus.NotValidated,
            _ => NestedWalkStatus.OutsideMemory,
        };
        bool same = status == result.Status && expected.ErrorCode == result.ErrorCode && expected.ExitInfo1 == result.ExitInfo1.Value
            && expected.ExitInfo2 == result.ExitInfo2.Value
                && expected.NestedLevel == (int)result.NestedLevel && expected.IsPrivate == result.IsPrivate
            && (status == NestedWalkStatus.NonCanonical
                || (expected.GuestLevel == 0 ? result.IsFinal : expected.GuestLevel == (int)result.GuestLevel && !result.IsFinal));
        if (!same) Assert.Fail($"{expected}\n{result}");
        if (expected.GuestPageSize is { } guestSize)
        {
            Assert.Equal(expected.GuestPhysicalAddress, result.Gpa.Value);
            Assert.Equal((int)guestSize, (int)result.GuestSize);
            Assert.Equal(Rights(expected.GuestRights), result.GuestRights);
        }

        bool rightsOfNested = expected.NestedOutcome == ReferenceWalkOutcome.Rights;
        if (expected.NestedPageSize is { } nestedSize)
        {
            Assert.Equal(expected.PhysicalAddress, result.Address.Value);
            Assert.Equal((int)nestedSize, (int)result.NestedSize);
            Assert.Equal((int)expected.PageSize!, (int)result.Size);
            Assert.Equal(Rights(expected.NestedRights), result.NestedRights);
            Assert.Equal(Rights(expected.GuestRights) & (Rights(expected.NestedRights) | PagingRights.User), result.Rights);
        }
        else if (!rightsOfNested)
        {
            Assert.Equal(expected.EntryAddress, result.Address.Value);
        }
    }

    private static PagingRights Rights(ReferenceRights rights) =>
        (rights.Writable ? PagingRights.Write : 0) | (rights.User ? PagingRights.User : 0) | (rights.NoExecute ? 0 : PagingRights.Execute);

    private static void RequireSteps(IReadOnlyList<ReferenceNestedStep> expected, in WalkTrace trace)
    {
        Assert.Equal(expected.Count, trace.Count);
        ReadOnlySpan<WalkStep> steps = trace.Steps;
        for (int i = 0; i < steps.Length; i++)
        {
            if (expected[i].IsGuest != (steps[i].Stage == WalkStage.Guest) || expected[i].Entry.Address != steps[i].Address.Value
                || expected[i].Entry.Value != steps[i].Entry.Value)
            {
                Assert.Fail($"step {i}: {expected[i]}, {steps[i]}");
            }
        }
    }

    // An entry written twice was read twice: its first value counts.
    private void Undo(IReadOnlyList<ReferenceNestedStep> steps)
    {
        for (int i = steps.Count - 1; i >= 0; i--)
        {
            _setup.Memory[steps[i].Entry.Address] = steps[i].Entry.Value;
        }
    }
}
