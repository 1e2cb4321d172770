using System.Runtime.CompilerServices;

namespace FastRmp;

/// <content>The guest's instructions and accesses. Each has two steps, since the operand is a guest virtual address: the tests before the
/// translation, and the instruction on the page.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>PVALIDATE: a guest validates a page, or rescinds the validation.</summary>
    /// <param name="processor">The executing processor: CPL 0, VMPL 0 of an SNP guest.</param>
    /// <param name="page">The translation of the guest virtual address. For a 2 MiB operand bits [20:12] of its guest physical address must
    /// be zero.</param>
    /// <param name="size">ECX: 4 KiB or 2 MiB; any other value is FAIL_INPUT.</param>
    /// <param name="validate">EDX: true to validate, false to rescind.</param>
    /// <returns>SUCCESS with CF (the page had that state already), FAIL_INPUT, FAIL_SIZEMISMATCH, #UD, #GP(0) or a nested page fault. Only
    /// SUCCESS with CF = 0 changed anything.</returns>
    /// <remarks>
    /// <para>Source: AMD64 APM vol. 3, PVALIDATE; vol. 2, 15.36. CF = 1 on validation means that the page was validated before, which a
    /// guest must treat as an attack. Rescinding keeps the VMPL masks.</para>
    /// <para>Any threads; atomic: one compare-and-swap of the low quadword, which holds all tested fields. The instruction reports
    /// contention if another processor holds the entry.</para>
    /// </remarks>
    public GuestResult PValidate(in ExecutionState processor, in NestedPage page, PageSize size, bool validate)
    {
        bool isAligned = GuestRules.IsAlignedTo(page.Gpa, size);
        return PValidateInstruction.May(processor, size, isAligned)
            ? Validate(processor.Asid, page, size, validate)
            : PValidateInstruction.Refusal(_protocol, processor);
    }

    /// <summary>PVALIDATE on a page that the address led to; nothing that <see cref="PValidateInstruction.May"/> tests is tested
    /// again.</summary>
    internal GuestResult Validate(uint asid, in NestedPage page, PageSize size, bool validate)
    {
        if (!_geometry.TryGetIndex(page.Spa, out nuint index)) return Uncovered();
        return _protocol.Changes.IsWatched
            ? ValidateWatched(index, asid, page, size, validate)
            : PValidateInstruction.Execute(_protocol, index, asid, page, size, validate);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private GuestResult ValidateWatched(nuint index, uint asid, in NestedPage page, PageSize size, bool validate)
    {
        uint stamp = EntryChanges.StampOf(index);
        ulong[]? begun = _protocol.Changes.Begin(stamp);
        GuestResult result = PValidateInstruction.Execute(_protocol, index, asid, page, size, validate);
        EntryChanges.End(begun, stamp);
        return result;
    }

    /// <summary>The usual PVALIDATE of a 4 KiB page, as <see cref="PValidateInstruction.TrySmall"/>; inlined, for a caller to which one
    /// more call is much.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryValidateSmall(uint asid, GuestPhysicalAddress gpa, PhysicalAddress spa, bool validate, out bool carry)
    {
        carry = false;
        return !_protocol.Changes.IsWatched && _geometry.TryGetIndex(spa, out nuint index)
            && PValidateInstruction.TrySmall(_protocol, index, asid, gpa, validate, out carry);
    }

    /// <summary>RMPADJUST: sets the permissions of a less privileged VMPL on a page, within those of the caller, and whether the page is a
    /// VM save area.</summary>
    /// <param name="processor">The executing processor: CPL 0 of an SNP guest in 64-bit mode.</param>
    /// <param name="page">Where the guest virtual address leads.</param>
    /// <param name="size">RCX: 4 KiB or 2 MiB; any other value is FAIL_INPUT.</param>
    /// <param name="operand">RDX.</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, FAIL_SIZEMISMATCH, #UD, #GP(0), a nested page fault or #VC. Anything but SUCCESS
    /// changed nothing.</returns>
    /// <remarks>
    /// <para>Source: AMD64 APM vol. 3, RMPADJUST. The target VMPL is tested before the entry of the page. The VMSA bit counts at VMPL 0
    /// only.</para>
    /// <para>Any threads; atomic: the entry is locked while its high quadword changes.</para>
    /// </remarks>
    public GuestResult RmpAdjust(in ExecutionState processor, in NestedPage page, PageSize size, RmpAdjustOperand operand)
    {
        bool isAligned = GuestRules.IsAlignedTo(page.Gpa, size);
        return RmpAdjustInstruction.May(_protocol, processor, size, isAligned, operand)
            ? Adjust(processor, page, size, operand)
            : RmpAdjustInstruction.Refusal(_protocol, processor, size, isAligned, operand);
    }

    /// <summary>RMPADJUST on a page that the address led to; nothing that <see cref="RmpAdjustInstruction.May"/> tests is tested
    /// again.</summary>
    internal GuestResult Adjust(in ExecutionState processor, in NestedPage page, PageSize size, RmpAdjustOperand operand)
    {
        if (!_geometry.TryGetIndex(page.Spa, out nuint index)) return Uncovered();
        return _protocol.Changes.IsWatched
            ? AdjustWatched(index, processor, page, size, operand)
            : RmpAdjustInstruction.Execute(_protocol, index, processor, page, size, operand);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private GuestResult AdjustWatched(
        nuint index, in ExecutionState processor, in NestedPage page, PageSize size, RmpAdjustOperand operand)
    {
        uint stamp = EntryChanges.StampOf(index);
        ulong[]? begun = _protocol.Changes.Begin(stamp);
        GuestResult result = RmpAdjustInstruction.Execute(_protocol, index, processor, page, size, operand);
        EntryChanges.End(begun, stamp);
        return result;
    }

    /// <summary>RMPQUERY: reports the permissions of a VMPL on a page to the guest.</summary>
    /// <param name="processor">The executing processor: CPL 0 of an SNP guest in 64-bit mode.</param>
    /// <param name="page">Where the guest virtual address leads.</param>
    /// <param name="targetVmpl">RDX[7:0]: the VMPL, not more privileged than the caller's.</param>
    /// <param name="output">The answer; default unless SUCCESS.</param>
    /// <returns>SUCCESS, FAIL_PERMISSION, #UD, #GP(0), a nested page fault or #VC. Changes nothing.</returns>
    /// <remarks>Source: AMD64 APM vol. 3, RMPQUERY. There is no Page-Size check; for a large page the base entry is used. Any
    /// threads.</remarks>
    public GuestResult RmpQuery(in ExecutionState processor, in NestedPage page, byte targetVmpl, out RmpQueryOutput output)
    {
        output = default;
        return RmpQueryInstruction.May(_protocol, processor, targetVmpl)
            ? Query(processor.Asid, page, targetVmpl, out output)
            : RmpQueryInstruction.Refusal(_protocol, processor);
    }

    /// <summary>RMPQUERY on a page that the address led to; nothing that <see cref="RmpQueryInstruction.May"/> tests is tested
    /// again.</summary>
    internal GuestResult Query(uint asid, in NestedPage page, byte targetVmpl, out RmpQueryOutput output)
    {
        output = default;
        if (!_geometry.TryGetIndex(page.Spa, out nuint index))
        {
            return Uncovered();
        }

        return RmpQueryInstruction.Execute(_protocol, index, asid, page, targetVmpl, out output);
    }

    /// <summary>The result for a page without an entry.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private GuestResult Uncovered() => IsUncovered() ? GuestResult.NestedFault(GuestRules.InstructionFault) : default;

    /// <summary>The checks of a private access: RMP-Covered to VMPL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PrivateCheck CheckPrivate(uint asid, byte vmpl, VmplPermissions needed, in NestedPage page)
    {
        if (!_geometry.TryGetIndex(page.Spa, out nuint index) && IsUncovered()) return PrivateCheck.Refused;
        return PrivateAccess.Check(_protocol, index, asid, vmpl, needed, page);
    }
}
