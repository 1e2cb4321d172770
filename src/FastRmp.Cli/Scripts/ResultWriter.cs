using System;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Scripts;

/// <summary>Writes one line for each operation: codes, faults, values, errors.</summary>
internal sealed class ResultWriter(RowWriter rows)
{
    private const int ShownBytes = 40;

    /// <summary>Lines that were bad.</summary>
    internal long BadLines { get; private set; }

    /// <summary>The first of them.</summary>
    internal long FirstBadLine { get; private set; }

    internal void Ok() => rows.Text("ok\n");

    internal void Line(ReadOnlySpan<char> text)
    {
        rows.Text(text);
        rows.Char('\n');
    }

    internal void Result(RmpResult result)
    {
        Code(result.Fault, result.Status);
        rows.Char('\n');
    }

    internal void Result(GuestResult result)
    {
        Code(result);
        rows.Char('\n');
    }

    /// <summary>An access: <c>ok</c> or the fault.</summary>
    internal void Access(GuestResult result)
    {
        if (result.IsSuccess) Ok();
        else Result(result);
    }

    /// <summary>An access: <c>ok</c> or the fault.</summary>
    internal void Access(PageFaultErrorCode code)
    {
        if (code.Value == 0)
        {
            Ok();
            return;
        }

        rows.Text("PF ");
        rows.Hex(code.Value);
        rows.Char('\n');
    }

    /// <summary>PVALIDATE's code and CF, or the fault.</summary>
    internal void Validation(GuestResult result)
    {
        Code(result);
        if (result.Fault == RmpFault.None) Bit(" CF=", result.CarryFlag);
        rows.Char('\n');
    }

    internal void Optimization(RmpOptResult result)
    {
        if (result.Fault == RmpFault.None) Bit("CF=", result.CarryFlag);
        else Code(result.Fault, default);
        rows.Char('\n');
    }

    internal void Query(GuestResult result, in RmpQueryOutput output)
    {
        Code(result);
        if (result.IsSuccess)
        {
            Size(output.Size);
            rows.Text(" mask=0x");
            rows.Hex2((byte)output.Permissions);
            Bit(" vmsa=", output.IsVmsa);
        }

        rows.Char('\n');
    }

    internal void Read(RmpResult result, RmpReadOutput output)
    {
        Code(result.Fault, result.Status);
        if (result.IsSuccess)
        {
            rows.Text(" gpa=");
            rows.Hex(output.Gpa);
            Bit(" assigned=", output.Assigned);
            Size(output.PageSize);
            Bit(" region_status=", output.RegionStatus);
            Bit(" immutable=", output.Immutable);
            rows.Text(" asid=");
            rows.Decimal(output.Asid);
        }

        rows.Char('\n');
    }

    internal void Entry(RmpEntry entry)
    {
        rows.Hex16(entry.Low);
        rows.Char(' ');
        rows.Hex16(entry.High);
        rows.Char('\n');
    }

    internal void Count(ulong count)
    {
        rows.Decimal(count);
        rows.Char('\n');
    }

    /// <summary>A result that is a refusal.</summary>
    internal void Error(string reason)
    {
        rows.Text("error: ");
        rows.LongText(reason);
        rows.Char('\n');
    }

    /// <summary>A line that is not an operation.</summary>
    internal void Bad(long number, in FieldReader fields)
    {
        BeginBad(number);
        switch (fields.Fault)
        {
            case FieldFault.Missing:
                rows.Text(fields.Name);
                rows.Text(" is missing");
                break;
            case FieldFault.TooManyFields:
                Quoted(fields.Text);
                rows.Text(" is too many");
                break;
            case FieldFault.NoAddress:
                rows.Text(fields.Name);
                rows.Text(": ");
                Quoted(fields.Text);
                rows.Text(" is not a hexadecimal number of at most ");
                rows.Decimal(fields.Limit);
                rows.Text(" bits");
                break;
            case FieldFault.NoNumber:
                rows.Text(fields.Name);
                rows.Text(": ");
                Quoted(fields.Text);
                rows.Text(" is not a number from 0 to ");
                rows.Decimal(fields.Limit);
                rows.Text(", decimal or hexadecimal with 0x");
                break;
            case FieldFault.NoSuchWord:
                Quoted(fields.Text);
                rows.Text(" is not ");
                rows.Text(fields.Name);
                break;
            default:
                rows.Text(fields.Name);
                break;
        }

        rows.Char('\n');
    }

    /// <summary>A line of which the end was not seen.</summary>
    /// <returns>True: it counts as an operation.</returns>
    internal bool TooLong(long number)
    {
        BeginBad(number);
        rows.Text("is longer than ");
        rows.Decimal(LineReader.MaxLineBytes);
        rows.Text(" bytes\n");
        return true;
    }

    private void BeginBad(long number)
    {
        if (BadLines++ == 0) FirstBadLine = number;
        rows.Text("error: line ");
        rows.Decimal((ulong)number);
        rows.Text(": ");
    }

    // A line may hold anything: bytes that are not printable ASCII are shown as '?', and a long text is truncated.
    private void Quoted(ReadOnlySpan<byte> text)
    {
        rows.Char('\'');
        foreach (byte character in text[..Math.Min(text.Length, ShownBytes)])
        {
            rows.Char(character is >= 0x20 and < 0x7F ? (char)character : '?');
        }

        rows.Text(text.Length > ShownBytes ? "...'" : "'");
    }

    private void Code(GuestResult result)
    {
        switch (result.Fault)
        {
            case RmpFault.NestedPageFault:
                rows.Text("NPF ");
                rows.Hex(result.ExitInfo1.Value);
                break;
            case RmpFault.PageNotValidated:
                rows.Text("VC ");
                rows.Hex(GuestResult.PageNotValidatedCode);
                break;
            default:
                Code(result.Fault, result.Status);
                break;
        }
    }

    private void Code(RmpFault fault, RmpStatus status) => rows.Text(fault switch
    {
        RmpFault.InvalidOpcode => "UD",
        RmpFault.GeneralProtection => "GP",
        _ => RmpResult.Fail(status).ToString(),
    });

    private void Size(PageSize size) => rows.Text(size == PageSize.Size4K ? " size=4k" : " size=2m");

    private void Bit(string name, bool value)
    {
        rows.Text(name);
        rows.Char(value ? '1' : '0');
    }
}
