using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <content>The firmware commands of a script. A bad line is one whether or not firmware would have listened.</content>
public sealed partial class ReferenceScript
{
    private string Firmware(ReferenceScriptLine fields)
    {
        string name = fields.Word();
        if (name.StartsWith("snp_", StringComparison.Ordinal)) name = name["snp_".Length..];
        ReferenceFirmwareStatus status = name switch
        {
            "init" or "init_ex" => SnpInit(fields),
            "gctx_create" => OnPage(fields, _rmp.GctxCreate),
            "decommission" => OnPage(fields, _rmp.Decommission),
            "activate" or "activate_ex" => Activate(fields),
            "launch_update" => LaunchUpdate(fields),
            "swap_out" => OnSizedPage(fields, _rmp.SwapOut),
            "swap_in" => SwapIn(fields),
            "page_move" => PageMove(fields),
            "md_init" => MdInit(fields),
            "page_set_state" or "set_state" => PageSetState(fields),
            "page_reclaim" => OnSizedPage(fields, _rmp.PageReclaim),
            "page_unsmash" or "unsmash" => OnPage(fields, _rmp.PageUnsmash),
            "shutdown" or "shutdown_ex" => Shutdown(fields),
            _ => throw new FormatException("there is no such command"),
        };
        return status == ReferenceFirmwareStatus.Success ? "ok" : Say($"error: {ReferenceFirmwareStatuses.NameOf(status)}");
    }

    private static ReferenceFirmwareStatus OnPage(ReferenceScriptLine fields, Func<ulong, ReferenceFirmwareStatus> command)
    {
        ulong spa = fields.Address();
        fields.End();
        return command(spa);
    }

    private static ReferenceFirmwareStatus OnSizedPage(ReferenceScriptLine fields, Func<ulong, bool, ReferenceFirmwareStatus> command)
    {
        ulong spa = fields.Address();
        bool large = fields.IsLarge();
        fields.End();
        return command(spa, large);
    }

    private ReferenceFirmwareStatus SnpInit(ReferenceScriptLine fields)
    {
        List<ReferenceRange> dram = [];
        List<ReferenceRange> fixedRanges = [];
        List<ReferenceRange> iommu = [];
        ReferenceRange? tseg = null;
        ReferenceRange? aseg = null;
        while (!fields.AtEnd)
        {
            string[] parts = fields.Field().Split('=');
            if (parts.Length != 2) throw new FormatException("an option is NAME=START-END");
            ReferenceRange range = ReferenceScriptLine.Range(parts[1]);
            switch (ReferenceScriptLine.Lower(parts[0]))
            {
                case "dram": dram.Add(range); break;
                case "fixed": fixedRanges.Add(range); break;
                case "iommu": iommu.Add(range); break;
                case "tseg" when tseg is null: tseg = range; break;
                case "aseg" when aseg is null: aseg = range; break;
                default: throw new FormatException("there is no such option, or it is given twice");
            }
        }

        return _rmp.SnpInit(new ReferenceInitList { Dram = dram, Fixed = fixedRanges, Iommu = iommu, Tseg = tseg, Aseg = aseg });
    }

    private ReferenceFirmwareStatus Activate(ReferenceScriptLine fields)
    {
        uint asid = (uint)fields.Number(uint.MaxValue);
        ulong? context = fields.AtEnd ? null : fields.Address();
        fields.End();
        return _rmp.Activate(asid, context);
    }

    private ReferenceFirmwareStatus LaunchUpdate(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        bool large = fields.IsLarge();
        bool vmsa = fields.TakeWord("vmsa");
        byte[] masks = new byte[3];
        if (!fields.AtEnd)
        {
            for (int i = 0; i < masks.Length; i++) masks[i] = Mask(fields);
        }

        fields.End();
        return _rmp.LaunchUpdate(spa, large, vmsa, masks[0], masks[1], masks[2]);
    }

    private ReferenceFirmwareStatus SwapIn(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        if (fields.TakeWord("metadata"))
        {
            ulong context = fields.Address();
            fields.End();
            return _rmp.SwapInMetadata(spa, context);
        }

        bool large = fields.IsLarge();
        ReferenceSwapIn page = new()
        {
            Gpa = fields.Address(),
            Validated = fields.Flag(),
            Vmsa = fields.Flag(),
            Mask0 = Mask(fields),
            Mask1 = Mask(fields),
            Mask2 = Mask(fields),
            Mask3 = Mask(fields),
        };
        fields.End();
        return _rmp.SwapIn(spa, large, page);
    }

    private ReferenceFirmwareStatus PageMove(ReferenceScriptLine fields)
    {
        ulong source = fields.Address();
        ulong destination = fields.Address();
        bool large = fields.IsLarge();
        fields.End();
        return _rmp.PageMove(source, destination, large);
    }

    private ReferenceFirmwareStatus MdInit(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        ulong context = fields.Address();
        fields.End();
        return _rmp.MdInit(spa, context);
    }

    private ReferenceFirmwareStatus PageSetState(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        ulong pages = fields.AtEnd ? 512 : fields.Number(ulong.MaxValue);
        fields.End();
        return _rmp.PageSetState(spa, pages);
    }

    private ReferenceFirmwareStatus Shutdown(ReferenceScriptLine fields)
    {
        bool iommu = fields.TakeWord("iommu");
        fields.End();
        return _rmp.Shutdown(iommu);
    }

    private static byte Mask(ReferenceScriptLine fields) => (byte)fields.Number(byte.MaxValue);
}
