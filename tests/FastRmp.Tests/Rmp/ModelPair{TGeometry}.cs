using System;
using System.Diagnostics.CodeAnalysis;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>
/// The table under test and the reference in the same state; every step is made in both and has to have the same outcome.
/// </summary>
/// <typeparam name="TGeometry">Where the entries of the table under test stand.</typeparam>
internal partial class ModelPair<TGeometry> : IDisposable
    where TGeometry : struct, IRmpGeometry
{
    private const uint FrozenAsid = 0x3FF;

    private readonly ReferenceProcessor _plainProcessor;
    private readonly ReferenceChoices _plainChoices;
    private readonly ReferenceGeometry _plainGeometry;

    public ModelPair(TGeometry geometry, ReferenceGeometry plainGeometry, ProcessorModel processor, ModelChoices choices)
    {
        Geometry = geometry;
        Storage = PinnedMemory.Reserve((geometry.StorageBytes + ModelPair.PageBytes - 1) / ModelPair.PageBytes * ModelPair.PageBytes);
        Table = new ReverseMapTable<TGeometry>(geometry, Storage, processor, choices);
        _plainProcessor = ModelPair.Plain(processor);
        _plainChoices = ModelPair.Plain(choices);
        _plainGeometry = plainGeometry;
        Reference = MakeReference();
    }

    public ulong Regions => Geometry.CoveredPages / 512;

    public TGeometry Geometry { get; }

    public ReverseMapTable<TGeometry> Table { get; }

    /// <summary>The bytes of the table under test: 2,048 counters, then the entries of one covered range after the other.</summary>
    public PinnedMemory Storage { get; }

    public ReferenceRmp Reference { get; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>An empty reference with the same settings.</summary>
    public ReferenceRmp MakeReference() => new(_plainProcessor, _plainChoices, _plainGeometry);

    /// <summary>Sets SNP_EN: the RMP's own pages become Firmware.</summary>
    public void Enable()
    {
        Table.ClaimOwnPages();
        Reference.Enable();
    }

    public RmpResult Update(ulong page, RmpUpdateOperand operand) => Update(ExecutionState.Host, page, operand);

    public RmpResult Update(ExecutionState state, ulong page, RmpUpdateOperand operand)
    {
        RmpResult result = Table.RmpUpdate(state, PhysicalAddress.Create(page), operand);
        ReferenceResult expected = Reference.Update(ModelPair.Plain(state), page, ModelPair.Plain(operand));

        // Where an entry is locked, an update that fails in any case may report the contention instead of the later failure.
        if (!expected.Succeeded && result.IsContention && IsMoving(page)) return result;
        RequireSame(expected, result);
        return result;
    }

    public RmpResult Smash(ulong page) => Smash(ExecutionState.Host, page);

    public RmpResult Smash(ExecutionState state, ulong page)
    {
        RmpResult result = Table.PSmash(state, PhysicalAddress.Create(page));
        RequireSame(Reference.PSmash(ModelPair.Plain(state), page), result);
        return result;
    }

    /// <summary>Writes an entry raw, as firmware and the guest's instructions do.</summary>
    public void Poke(ulong page, ulong low, ulong high)
    {
        Assert.True(Table.TryWriteRaw(PhysicalAddress.Create(page), new RmpEntry(low, high)));
        Reference.Poke(page, low, high);
        ulong number = page / ModelPair.PageBytes;
        if (IsInMotion(low)) _moving.Add(number);
        else _moving.Remove(number);
    }

    /// <summary>The raw entry of the table under test.</summary>
    public RmpEntry Raw(ulong page)
    {
        Assert.True(Table.TryReadRaw(PhysicalAddress.Create(page), out RmpEntry entry));
        return entry;
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        Table.Dispose();
        Storage.Dispose();
    }

    /// <summary>
    /// Whether an entry looks as if another processor were changing it: locked, but not immutable as a resting firmware page is; or frozen.
    /// </summary>
    private static bool IsInMotion(ulong low) =>
        (low >> 51 & FrozenAsid) == FrozenAsid || ((low & 0x8000_0000_0000_0004) == 0x8000_0000_0000_0000 && !IsInUseVmsa(low));

    /// <summary>Whether an entry is that of a save area in use, which is stable.</summary>
    private static bool IsInUseVmsa(ulong low) => (low & 0x9FF8_0000_0000_0005) == 0x9FF0_0000_0000_0001;

    private static void RequireSame(ReferenceResult expected, RmpResult result)
    {
        if ((int)result.Fault != (int)expected.Fault || (int)result.Status != (int)expected.Code) Differ(result, expected);
    }

    private static void RequireSame(ReferenceResult expected, GuestResult result)
    {
        bool same = (int)result.Fault == (int)expected.Fault && (int)result.Status == (int)expected.Code;
        if (expected.Fault == ReferenceFault.NestedPageFault) same &= expected.ErrorCode == result.ExitInfo1.Value;
        else same &= result.ExitInfo1.Value == 0;
        if (expected.Fault == ReferenceFault.VmmCommunication) same &= expected.ErrorCode == GuestResult.PageNotValidatedCode;
        if (!same) Differ(result, expected);
    }

    [DoesNotReturn]
    private static void Differ(object actual, object expected)
    {
        Assert.Fail($"{actual}, expected {expected}");
        throw new InvalidOperationException();
    }
}
