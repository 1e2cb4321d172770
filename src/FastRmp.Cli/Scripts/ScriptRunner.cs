using System;

namespace FastRmp.Cli.Scripts;

/// <summary>Reads a line, does what it says, and writes its result: one for each line that is neither blank nor a comment.</summary>
/// <remarks>The instructions are here; set-up, accesses and firmware's commands in files of their own. A handler reads all its fields,
/// asks once whether they were well, then acts.</remarks>
internal sealed partial class ScriptRunner(ResultWriter results) : IDisposable
{
    private readonly CurrentMachine _current = new();

    private ScriptMachine Machine => _current.Machine;

    /// <summary>Executes one line.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="line">Its bytes.</param>
    /// <returns>Whether it was an operation, good or bad.</returns>
    internal bool Execute(long number, ReadOnlySpan<byte> line)
    {
        FieldReader fields = new(line);
        if (!fields.TryNext(out ReadOnlySpan<byte> word)) return false;
        Execute(Operations.Find(word), word, ref fields);
        if (fields.Fault != FieldFault.None) results.Bad(number, fields);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _current.Dispose();

    private void Execute(Operation operation, ReadOnlySpan<byte> word, ref FieldReader fields)
    {
        switch (operation)
        {
            case Operation.RmpUpdate: RmpUpdate(ref fields); break;
            case Operation.PSmash: PSmash(ref fields); break;
            case Operation.PValidate: PValidate(ref fields); break;
            case Operation.RmpAdjust: RmpAdjust(ref fields); break;
            case Operation.RmpQuery: RmpQuery(ref fields); break;
            case Operation.RmpRead: RmpRead(ref fields); break;
            case Operation.RmpOpt: RmpOpt(ref fields); break;
            case Operation.Host: Host(ref fields); break;
            case Operation.Guest: Guest(ref fields); break;
            case Operation.Firmware: Firmware(ref fields); break;
            case Operation.InUse: InUse(ref fields); break;
            case Operation.Entry: Entry(ref fields); break;
            case Operation.State: State(ref fields); break;
            case Operation.Count: Count(ref fields); break;
            case Operation.Model: Model(ref fields); break;
            case Operation.Rmp: Rmp(ref fields); break;
            case Operation.Enable: Enable(ref fields); break;
            default: fields.NotAWord("an operation", word); break;
        }
    }

    private void RmpUpdate(ref FieldReader fields)
    {
        PhysicalAddress page = fields.Address("SPA");
        PageSize size = fields.RmpSize("SIZE");
        bool assigned = fields.Flag("ASSIGNED");
        uint asid = fields.Number("ASID", uint.MaxValue);
        ulong gpa = fields.Hexadecimal("GPA", ulong.MaxValue);
        bool immutable = fields.Flag("IMMUTABLE");
        if (!fields.End()) return;
        RmpUpdateOperand operand = new RmpUpdateOperand
        {
            Gpa = gpa,
            Assigned = assigned,
            PageSize = size,
            Immutable = immutable,
            Asid = asid,
        };
        results.Result(Machine.RmpUpdate(page, operand));
    }

    private void PSmash(ref FieldReader fields)
    {
        PhysicalAddress page = fields.Address("SPA");
        if (fields.End()) results.Result(Machine.PSmash(page));
    }

    private void PValidate(ref FieldReader fields)
    {
        GuestKernel guest = Kernel(ref fields);
        NestedPage page = Page(ref fields, isSizeNext: true);
        PageSize size = fields.RmpSize("SIZE");
        bool validate = fields.Flag("VALIDATE");
        if (fields.End()) results.Validation(Machine.PValidate(guest, page, size, validate));
    }

    private void RmpAdjust(ref FieldReader fields)
    {
        GuestKernel guest = Kernel(ref fields);
        NestedPage page = Page(ref fields, isSizeNext: true);
        PageSize size = fields.RmpSize("SIZE");
        byte target = (byte)fields.Number("TARGETVMPL", byte.MaxValue);
        VmplPermissions mask = (VmplPermissions)fields.Number("MASK", byte.MaxValue);
        bool vmsa = fields.Flag("VMSA");
        if (!fields.End()) return;
        RmpAdjustOperand operand = new RmpAdjustOperand { TargetVmpl = target, Permissions = mask, Vmsa = vmsa };
        results.Result(Machine.RmpAdjust(guest, page, size, operand));
    }

    private void RmpQuery(ref FieldReader fields)
    {
        GuestKernel guest = Kernel(ref fields);
        NestedPage page = Page(ref fields, isSizeNext: false);
        byte target = (byte)fields.Number("TARGETVMPL", byte.MaxValue);
        if (!fields.End()) return;
        GuestResult result = Machine.RmpQuery(guest, page, target, out RmpQueryOutput output);
        results.Query(result, output);
    }

    private void RmpRead(ref FieldReader fields)
    {
        PhysicalAddress page = fields.Address("SPA");
        if (!fields.End()) return;
        RmpResult result = Machine.RmpRead(page, out RmpReadOutput output);
        results.Read(result, output);
    }

    private void RmpOpt(ref FieldReader fields)
    {
        PhysicalAddress address = fields.Address("SPA");
        ReadOnlySpan<byte> word = fields.Next("FUNCTION");
        bool verifies = FieldReader.Is(word, "verify"u8);
        if (!verifies && !FieldReader.Is(word, "report"u8)) fields.NotAWord("verify or report", word);
        if (fields.End()) results.Optimization(Machine.RmpOpt(address, verifies ? RmpOptFunction.VerifyAndReport : RmpOptFunction.Report));
    }

    private static GuestKernel Kernel(ref FieldReader fields)
    {
        uint asid = fields.Number("ASID", uint.MaxValue);
        return new GuestKernel(asid, Vmpl(ref fields));
    }

    private static byte Vmpl(ref FieldReader fields) => (byte)fields.Number("VMPL", 3);

    private static NestedPage Page(ref FieldReader fields, bool isSizeNext)
    {
        GuestPhysicalAddress gpa = fields.GuestAddress("GPA");
        PhysicalAddress spa = fields.Address("SPA");
        return new NestedPage(gpa, spa, isSizeNext ? fields.Size("NPTSIZE") : PageSize.Size4K);
    }
}
