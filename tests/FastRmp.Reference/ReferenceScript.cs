using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Reference;

/// <summary>Runs scripts of RMP operations: one operation a line, one result a line.</summary>
/// <remarks>
/// Every bad line yields "error: line N: " and a message. The host's operations are executed by a 64-bit kernel, the guest's
/// instructions by the kernel of an SNP guest; there is one core with RMPOPT_BASE 0. Not thread-safe.
/// </remarks>
public sealed partial class ReferenceScript
{
    private ReferenceProcessor _processor = ReferenceProcessor.Genoa;

    // Null while there is no table; the one in use then covers nothing and cannot be enabled.
    private ReferenceGeometry? _geometry;
    private ReferenceRmp _rmp;
    private ReferenceFirmware _firmware;
    private int _line;

    /// <summary>A machine of the default model without a table.</summary>
    public ReferenceScript()
    {
        _rmp = MakeRmp();
        _firmware = MakeFirmware();
    }

    /// <summary>Whether there was a bad line; then the exit code is 3.</summary>
    public bool HasBadLine { get; private set; }

    /// <summary>The table as it is now.</summary>
    public ReferenceRmp Rmp => _rmp;

    /// <summary>Runs lines, continuing with the state that earlier ones left.</summary>
    /// <param name="lines">The lines.</param>
    /// <returns>The results in their order.</returns>
    public IEnumerable<string> Run(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        foreach (string line in lines)
        {
            string? result = Execute(line);
            if (result is not null) yield return result;
        }
    }

    /// <summary>Runs one line.</summary>
    /// <param name="line">The line.</param>
    /// <returns>Its result, or null of a line without an operation.</returns>
    public string? Execute(string line)
    {
        _line++;
        ReferenceScriptLine fields = new(line);
        if (fields.AtEnd) return null;
        try
        {
            return Operation(fields);
        }
        catch (FormatException problem)
        {
            HasBadLine = true;
            return Say($"error: line {_line}: {problem.Message}");
        }
    }

    private string Operation(ReferenceScriptLine fields) => fields.Word() switch
    {
        "model" => Model(fields),
        "rmp" => Table(fields),
        "enable" => Enable(fields),
        "rmpupdate" => RmpUpdate(fields),
        "psmash" => PSmash(fields),
        "pvalidate" => PValidate(fields),
        "rmpadjust" => RmpAdjust(fields),
        "rmpquery" => RmpQuery(fields),
        "rmpread" => RmpRead(fields),
        "rmpopt" => RmpOpt(fields),
        "host" => Host(fields),
        "guest" => Guest(fields),
        "fw" => Firmware(fields),
        "inuse" => InUse(fields),
        "entry" => Entry(fields),
        "state" => State(fields),
        "count" => Count(fields),
        _ => throw new FormatException("there is no such operation"),
    };

    private string Model(ReferenceScriptLine fields)
    {
        ReferenceProcessor processor = fields.Word() switch
        {
            "milan" => ReferenceProcessor.Milan,
            "genoa" => ReferenceProcessor.Genoa,
            "turin" => ReferenceProcessor.Turin,
            "venice" => ReferenceProcessor.Venice,
            _ => throw new FormatException("there is no such model"),
        };
        fields.End();
        _processor = processor;
        if (_geometry is not null && !_geometry.FitsInto(processor)) _geometry = null;
        _rmp = MakeRmp();
        _firmware = MakeFirmware();
        return "ok";
    }

    private string Table(ReferenceScriptLine fields)
    {
        string kind = fields.Word();
        ReferenceGeometry? geometry;
        string? refusal;
        switch (kind)
        {
            case "contiguous":
                ulong start = fields.Address();
                ulong end = fields.Address();
                fields.End();
                geometry = ReferenceGeometry.TryContiguous(start, end, out refusal);
                break;
            case "segmented":
                ulong bookkeeping = fields.Address();
                ulong shift = fields.Number(ulong.MaxValue);
                List<ReferenceSegment> segments = [fields.Segment()];
                while (!fields.AtEnd) segments.Add(fields.Segment());
                geometry = ReferenceGeometry.TrySegmented(_processor, bookkeeping, shift, segments, out refusal);
                break;
            default:
                throw new FormatException("a table is contiguous or segmented");
        }

        if (geometry is null) return Say($"error: {refusal}");
        _geometry = geometry;
        _rmp = MakeRmp();
        _firmware = MakeFirmware();
        return "ok";
    }

    private string Enable(ReferenceScriptLine fields)
    {
        fields.End();
        if (_geometry is null) throw new FormatException("there is no table");
        _rmp.Enable();
        return "ok";
    }

    private string InUse(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        string sign = fields.Field();
        fields.End();
        switch (sign)
        {
            case "+":
                _rmp.TakeInUse(spa);
                return "ok";
            case "-" when _rmp.InUseCount(spa) > 0:
                _rmp.DropInUse(spa);
                return "ok";
            case "-":
                throw new FormatException("the page is not in use");
            default:
                throw new FormatException("a use begins with + and ends with -");
        }
    }

    private string Entry(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        fields.End();
        if (!_rmp.Geometry.IsCovered(spa)) return "error: not covered";
        ReferenceEntry entry = _rmp.Read(spa);
        return Say($"{entry.ToLow():x16} {entry.ToHigh():x16}");
    }

    private string State(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        fields.End();
        return ReferencePageStates.NameOf(_rmp.StateOf(spa));
    }

    private string Count(ReferenceScriptLine fields)
    {
        ulong asid = fields.Number(2047);
        fields.End();
        return Say($"{_rmp.Counter((uint)asid)}");
    }

    // Without a table the registers of a BIOS that reserved nothing stand in for one (rmp 1.1).
    private ReferenceRmp MakeRmp()
    {
        ReferenceRmp rmp = new(_processor, new ReferenceChoices(), _geometry ?? new ReferenceGeometry(0, 0x1FFF));
        rmp.SetRmpOptBase(core: 0, start: 0, enabled: true);
        return rmp;
    }

    // One core complex, and memory wherever nothing else is said.
    private ReferenceFirmware MakeFirmware() =>
        new(_rmp, new ReferencePlatform { Forbidden = [Aseg], HighestAsid = _processor.MaxAsid });

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
