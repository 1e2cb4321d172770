using System;

namespace FastRmp.Reference;

/// <content>The instructions and accesses of a script.</content>
public sealed partial class ReferenceScript
{
    private string RmpUpdate(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        bool large = fields.IsLarge();
        bool assigned = fields.Flag();
        uint asid = (uint)fields.Number(uint.MaxValue);
        ulong gpa = fields.Address64();
        bool immutable = fields.Flag();
        fields.End();
        ReferenceUpdateInput input = new() { Gpa = gpa, Assigned = assigned, Large = large, Immutable = immutable, Asid = asid };
        return Text(_rmp.Update(Kernel(), spa, input));
    }

    private string PSmash(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        fields.End();
        return Text(_rmp.PSmash(Kernel(), spa));
    }

    private string PValidate(ReferenceScriptLine fields)
    {
        ReferenceExecution guest = GuestKernel(fields);
        ulong gpa = fields.Address();
        ReferenceTranslation page = new(gpa, fields.Address(), fields.MappingSize());
        bool large = fields.IsLarge();
        bool validate = fields.Flag();
        fields.End();
        ReferenceValidateResult result = _rmp.PValidate(guest, page, large, validate);
        string text = Text(result.Result);
        return result.Result.Fault == ReferenceFault.None ? Say($"{text} CF={(result.CarryFlag ? 1 : 0)}") : text;
    }

    private string RmpAdjust(ReferenceScriptLine fields)
    {
        ReferenceExecution guest = GuestKernel(fields);
        ulong gpa = fields.Address();
        ReferenceTranslation page = new(gpa, fields.Address(), fields.MappingSize());
        ReferenceAdjustInput input = new()
        {
            Large = fields.IsLarge(),
            TargetVmpl = (byte)fields.Number(byte.MaxValue),
            Mask = (byte)fields.Number(byte.MaxValue),
            Vmsa = fields.Flag(),
        };
        fields.End();
        return Text(_rmp.Adjust(guest, page, input));
    }

    private string RmpQuery(ReferenceScriptLine fields)
    {
        ReferenceExecution guest = GuestKernel(fields);
        ulong gpa = fields.Address();
        ReferenceTranslation page = new(gpa, fields.Address(), ReferencePageSize.Size4K);
        byte target = (byte)fields.Number(byte.MaxValue);
        fields.End();
        ReferenceQueryResult result = _rmp.Query(guest, page, target);
        string text = Text(result.Result);
        if (!result.Result.Succeeded) return text;
        return Say($"{text} size={(result.Large ? "2m" : "4k")} mask=0x{result.Mask:x2} vmsa={(result.Vmsa ? 1 : 0)}");
    }

    private string RmpRead(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        fields.End();
        ReferenceReadResult result = _rmp.ReadEntry(Kernel(), spa);
        string text = Text(result.Result);
        if (!result.Result.Succeeded) return text;
        string size = result.Large ? "2m" : "4k";
        string first = Say($"{text} gpa=0x{result.Gpa:x} assigned={(result.Assigned ? 1 : 0)} size={size}");
        return Say($"{first} region_status={(result.RegionStatus ? 1 : 0)} immutable={(result.Immutable ? 1 : 0)} asid={result.Asid}");
    }

    private string RmpOpt(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        bool verify = fields.Word() switch
        {
            "verify" => true,
            "report" => false,
            _ => throw new FormatException("rmpopt does verify or report"),
        };
        fields.End();
        ReferenceOptResult result = _rmp.RmpOpt(Kernel(), 0, spa, verify);
        if (result.Fault != ReferenceFault.None) return Text(ReferenceResult.Faulted(result.Fault));
        return result.CarryFlag ? "CF=1" : "CF=0";
    }

    private string Host(ReferenceScriptLine fields)
    {
        ReferenceAccessKind kind = fields.Word() switch
        {
            "read" => ReferenceAccessKind.Read,
            "write" => ReferenceAccessKind.Write,
            "fetch" => ReferenceAccessKind.Fetch,
            _ => throw new FormatException("the host does read, write or fetch"),
        };
        ulong spa = fields.Address();
        ReferencePageSize size = fields.MappingSize();
        bool user = fields.TakeWord("user");
        fields.End();
        uint? fault = _rmp.IsEnabled ? _rmp.HostAccess(kind, spa, size, user) : null;
        return fault is uint code ? Say($"PF 0x{code:x}") : "ok";
    }

    private string Guest(ReferenceScriptLine fields)
    {
        uint asid = (uint)fields.Number(uint.MaxValue);
        if (asid == 0) throw new FormatException("a guest has an ASID");
        int vmpl = (int)fields.Number(3);
        int cpl = (int)fields.Number(3);
        ReferenceAccessKind kind = fields.Word() switch
        {
            "read" => ReferenceAccessKind.Read,
            "write" => ReferenceAccessKind.Write,
            "fetch" => ReferenceAccessKind.Fetch,
            "table" => ReferenceAccessKind.PageTable,
            _ => throw new FormatException("a guest does read, write, fetch or table"),
        };
        ReferenceGuestAccess access = new()
        {
            Kind = kind,
            Asid = asid,
            Vmpl = vmpl,
            Cpl = cpl,
            IsPrivate = fields.Flag(),
            Gpa = fields.Address(),
            Spa = fields.Address(),
            MappingSize = fields.MappingSize(),
        };
        fields.End();
        ReferenceAccessResult result = _rmp.IsEnabled ? _rmp.SnpGuestAccess(access) : default;
        return result.IsAllowed ? "ok" : FaultText(result.Fault, result.ErrorCode);
    }

    private ReferenceExecution Kernel() => new() { SnpEnabled = _rmp.IsEnabled };

    // ASID 0 is the host, which has no guest instructions.
    private ReferenceExecution GuestKernel(ReferenceScriptLine fields)
    {
        uint asid = (uint)fields.Number(uint.MaxValue);
        int vmpl = (int)fields.Number(3);
        return ReferenceExecution.Guest(asid, vmpl) with { SnpEnabled = _rmp.IsEnabled, IsSnpGuest = asid != 0 };
    }

    private static string Text(ReferenceResult result)
    {
        if (result.Fault != ReferenceFault.None) return FaultText(result.Fault, result.ErrorCode);
        string name = result.Code switch
        {
            ReferenceCode.Success => "SUCCESS",
            ReferenceCode.FailInput => "FAIL_INPUT",
            ReferenceCode.FailPermission => "FAIL_PERMISSION",
            ReferenceCode.FailInUse => "FAIL_INUSE",
            ReferenceCode.FailOverlap => "FAIL_OVERLAP",
            ReferenceCode.FailSizeMismatch => "FAIL_SIZEMISMATCH",
            ReferenceCode.FailBadAddress => "FAIL_BADADDR",
            _ => throw new ArgumentOutOfRangeException(nameof(result)),
        };
        return Say($"{(int)result.Code} {name}");
    }

    private static string FaultText(ReferenceFault fault, ulong errorCode) => fault switch
    {
        ReferenceFault.InvalidOpcode => "UD",
        ReferenceFault.GeneralProtection => "GP",
        ReferenceFault.NestedPageFault => Say($"NPF 0x{errorCode:x}"),
        ReferenceFault.VmmCommunication => Say($"VC 0x{errorCode:x}"),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
