using System.Collections.Generic;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <content>The guest's instructions, RMPREAD and RMPOPT.</content>
internal partial class ModelPair<TGeometry>
{
    // Entries poked in motion. Hardware never leaves one, so nothing says what instructions that only read find in it.
    private readonly HashSet<ulong> _moving = [];
    private readonly List<RmpOptCore> _cores = [];

    /// <summary>How many cores have been added.</summary>
    public int Cores => _cores.Count;

    /// <summary>One of the cores.</summary>
    public RmpOptCore Core(int number) => _cores[number];

    public GuestResult Validate(ExecutionState state, NestedPage page, PageSize size, bool validate)
    {
        GuestResult result = Table.PValidate(state, page, size, validate);
        ReferenceValidateResult expected = Reference.PValidate(
            ModelPair.Plain(state), ModelPair.Plain(page), size != PageSize.Size4K, validate);
        RequireSame(expected.Result, result);
        if (expected.CarryFlag != result.CarryFlag) Assert.Fail($"CF {result.CarryFlag}, expected {expected.CarryFlag}");
        return result;
    }

    public GuestResult Adjust(ExecutionState state, NestedPage page, PageSize size, RmpAdjustOperand operand)
    {
        GuestResult result = Table.RmpAdjust(state, page, size, operand);
        RequireSame(Reference.Adjust(ModelPair.Plain(state), ModelPair.Plain(page), ModelPair.Plain(operand, size)), result);
        return result;
    }

    public GuestResult Query(ExecutionState state, NestedPage page, byte target, out RmpQueryOutput output)
    {
        GuestResult result = Table.RmpQuery(state, page, target, out output);
        ReferenceQueryResult expected = Reference.Query(ModelPair.Plain(state), ModelPair.Plain(page), target);
        RequireSame(expected.Result, result);
        bool same = expected.Large == (output.Size == PageSize.Size2M) && expected.Mask == (byte)output.Permissions
            && expected.Vmsa == output.IsVmsa;
        if (!same) Differ(output, expected);
        return result;
    }

    public RmpResult Read(ExecutionState state, ulong page, out RmpReadOutput output)
    {
        RmpResult result = Table.RmpRead(state, PhysicalAddress.Create(page), out output);
        ReferenceReadResult expected = Reference.ReadEntry(ModelPair.Plain(state), page);
        if (expected.Result.Succeeded && _moving.Contains(page / ModelPair.PageBytes))
        {
            Assert.True(result.IsContention);
            Assert.Equal(default, output);
            return result;
        }

        RequireSame(expected.Result, result);
        bool same = output.Gpa == expected.Gpa && output.Assigned == expected.Assigned
            && output.PageSize == (expected.Large ? PageSize.Size2M : PageSize.Size4K)
                && output.RegionStatus == expected.RegionStatus && output.Immutable == expected.Immutable && output.Asid == expected.Asid
                && !output.HasReservedBits;
        if (!same) Differ(output, expected);
        return result;
    }

    /// <summary>Adds a core with its RMPOPT_BASE.</summary>
    public void AddCore(ulong start, bool enabled)
    {
        Reference.SetRmpOptBase(_cores.Count, start, enabled);
        _cores.Add(enabled ? RmpOptCore.EnabledAt(PhysicalAddress.Create(start)) : new RmpOptCore(start));
    }

    public RmpOptResult Opt(ExecutionState state, int core, ulong address, bool verify)
    {
        if (verify && HasMoving(address)) return default;
        RmpOptFunction function = verify ? RmpOptFunction.VerifyAndReport : RmpOptFunction.Report;
        RmpOptResult result = Table.RmpOpt(state, _cores[core], PhysicalAddress.Create(address), function);
        ReferenceOptResult expected = Reference.RmpOpt(ModelPair.Plain(state), core, address, verify);
        if ((int)result.Fault != (int)expected.Fault || result.CarryFlag != expected.CarryFlag) Differ(result, expected);
        return result;
    }

    private bool HasMoving(ulong address)
    {
        foreach (ulong page in _moving)
        {
            if (page >> 18 == address >> 30) return true;
        }

        return false;
    }
}
