using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>The firmware commands of a script. A bad line is one whether or not firmware would have listened.</content>
public sealed partial class ReferenceScript
{
    private static readonly ReferenceRange Aseg = new(0xA_0000, 0xB_FFFF);

    private string Firmware(ReferenceScriptLine fields)
    {
        string name = fields.Word();
        if (name.StartsWith("snp_", StringComparison.Ordinal)) name = name["snp_".Length..];
        switch (name)
        {
            case "platform_status": return PlatformLine(fields);
            case "guest_status": return GuestLine(fields);
            case "asid": return AsidLine(fields);
            default: break;
        }

        ReferenceFirmwareStatus status = name switch
        {
            "init" => SnpInit(fields, takesFlag: false),
            "init_ex" => SnpInit(fields, takesFlag: true),
            "shutdown" or "shutdown_ex" => Shutdown(fields, isExtended: name != "shutdown"),
            "df_flush" => DfFlush(fields),
            "sev_init" => Alone(fields, _firmware.SevInit),
            "sev_shutdown" => Alone(fields, _firmware.SevShutdown),
            "gctx_create" => OnPage(fields, _firmware.GctxCreate),
            "decommission" => OnPage(fields, _firmware.Decommission),
            "activate" => Activate(fields, isExtended: false),
            "activate_ex" => Activate(fields, isExtended: true),
            "launch_start" => LaunchStart(fields),
            "launch_update" => LaunchUpdate(fields),
            "launch_finish" => OnPage(fields, context => _firmware.LaunchFinish(context)),
            "swap_out" => SwapOut(fields),
            "swap_in" => SwapIn(fields),
            "page_move" => PageMove(fields),
            "md_init" => MdInit(fields),
            "page_set_state" or "set_state" => PageSetState(fields),
            "page_reclaim" => PageReclaim(fields),
            "page_unsmash" or "unsmash" => OnPage(fields, _firmware.PageUnsmash),
            _ => throw new FormatException("there is no such command"),
        };
        return status == ReferenceFirmwareStatus.Success ? "ok" : Say($"error: {ReferenceFirmwareStatuses.NameOf(status)}");
    }

    private static ReferenceFirmwareStatus Alone(ReferenceScriptLine fields, Func<ReferenceFirmwareStatus> command)
    {
        fields.End();
        return command();
    }

    private static ReferenceFirmwareStatus OnPage(ReferenceScriptLine fields, Func<ulong, ReferenceFirmwareStatus> command)
    {
        ulong spa = fields.Address();
        fields.End();
        return command(spa);
    }

    private ReferenceFirmwareStatus PageReclaim(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        bool large = fields.IsLarge();
        fields.End();
        return _firmware.PageReclaim(spa, large);
    }

    private ReferenceFirmwareStatus SnpInit(ReferenceScriptLine fields, bool takesFlag)
    {
        List<ReferenceRange> dram = [];
        List<ReferenceListEntry> listed = [];
        List<ReferenceRange> iommu = [];
        ReferenceRange? tseg = null;
        ReferenceRange? aseg = null;
        bool? initRmp = null;
        while (!fields.AtEnd)
        {
            (string name, string value) = fields.Option();
            if (name == "init_rmp" && takesFlag && initRmp is null)
            {
                initRmp = ReferenceScriptLine.ParseNumber(value, 1) == 1;
                continue;
            }

            ReferenceRange range = ReferenceScriptLine.Range(value);
            switch (name)
            {
                case "dram": dram.Add(range); break;
                case "fixed": listed.Add(Listed(range)); break;
                case "iommu": iommu.Add(range); break;
                case "tseg" when tseg is null: tseg = range; break;
                case "aseg" when aseg is null: aseg = range; break;
                default: throw new FormatException("there is no such option, or it is given twice");
            }
        }

        // Where the machine has no ASEG of its own, it is one more range of the list.
        if (aseg is ReferenceRange other && other != Aseg) listed.Add(Listed(other));
        bool build = initRmp ?? true;
        if (build || dram.Count + iommu.Count > 0 || tseg is not null || aseg is not null)
        {
            _firmware.Platform = _firmware.Platform with
            {
                Dram = dram,
                IommuBuffers = iommu,
                Tseg = tseg,
                Aseg = aseg == Aseg ? aseg : null,
            };
        }

        ReferenceRangeList? list = listed.Count == 0 ? null : new ReferenceRangeList
        {
            Address = ReferenceFirmware.ImpliedPage,
            Ranges = listed,
        };
        return _firmware.Init(new ReferenceInit { InitRmp = build, List = list });
    }

    private static ReferenceListEntry Listed(ReferenceRange range) => new(range.First, (range.Last - range.First + 1) / 4096);

    private ReferenceFirmwareStatus Shutdown(ReferenceScriptLine fields, bool isExtended)
    {
        bool iommu = false;
        bool x86 = false;
        uint length = 8;
        while (!fields.AtEnd)
        {
            isExtended = true;
            string word = fields.IsOption ? string.Empty : fields.Word();
            (string name, string value) = word.Length == 0 ? fields.Option() : (word, "1");
            switch (name)
            {
                case "iommu": iommu = ReferenceScriptLine.ParseNumber(value, 1) == 1; break;
                case "x86": x86 = ReferenceScriptLine.ParseNumber(value, 1) == 1; break;
                case "length" when word.Length == 0: length = (uint)ReferenceScriptLine.ParseNumber(value, uint.MaxValue); break;
                default: throw new FormatException("there is no such option");
            }
        }

        return isExtended ? _firmware.Shutdown(iommu, x86, length) : _firmware.Shutdown();
    }

    private ReferenceFirmwareStatus DfFlush(ReferenceScriptLine fields)
    {
        bool flushes = !fields.TakeWord("no-wbinvd");
        fields.End();
        if (flushes) _firmware.Wbinvd();
        return _firmware.DfFlush();
    }

    private ReferenceFirmwareStatus PageSetState(ReferenceScriptLine fields)
    {
        ulong address = ReferenceFirmware.ImpliedPage;
        uint length = 16;
        List<ReferenceListEntry> ranges = [];
        ulong first = fields.Address();
        ranges.Add(new ReferenceListEntry(first, fields.AtEnd || fields.IsOption ? 512 : Pages(fields)));
        while (!fields.AtEnd)
        {
            if (!fields.IsOption)
            {
                ranges.Add(new ReferenceListEntry(fields.Address(), Pages(fields)));
                continue;
            }

            (string name, string value) = fields.Option();
            switch (name)
            {
                case "list": address = ReferenceScriptLine.ParseAddress(value); break;
                case "length": length = (uint)ReferenceScriptLine.ParseNumber(value, uint.MaxValue); break;
                default: throw new FormatException("there is no such option");
            }
        }

        return _firmware.PageSetState(new ReferenceRangeList { Address = address, Ranges = ranges }, length);
    }

    // A list has 32 bits for it.
    private static ulong Pages(ReferenceScriptLine fields) => Math.Min(fields.Number(ulong.MaxValue), uint.MaxValue);

    private string PlatformLine(ReferenceScriptLine fields)
    {
        fields.End();
        string snp = _firmware.IsInitialized ? "INIT" : "UNINIT";
        string legacy = _firmware.Legacy == ReferenceLegacyState.Uninit ? "UNINIT" : "INIT";
        string flags = Say($"rmp={(_firmware.IsRmpInitialized ? 1 : 0)} iommu={(_firmware.IsIommuEnforced ? 1 : 0)}");
        return Say($"snp={snp} sev={legacy} {flags} guests={_firmware.GuestCount} snp_en={(_rmp.IsEnabled ? 1 : 0)}");
    }

    private string AsidLine(ReferenceScriptLine fields)
    {
        ulong asid = fields.Number(uint.MaxValue);
        fields.End();
        if (asid == 0 || asid > _firmware.Platform.HighestAsid) return "error: INVALID_ASID";
        ReferenceAsid state = _firmware.AsidState((uint)asid);
        List<string> names = [];
        if (state.Clean != 0) names.Add("clean");
        if (state.Allocated != 0) names.Add("allocated");
        if (state.Used != 0) names.Add("used");
        if (state.Dirty != 0) names.Add("dirty");
        return names.Count == 0 ? "none" : string.Join('+', names);
    }
}
