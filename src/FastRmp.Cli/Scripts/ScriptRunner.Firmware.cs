using System;
using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;

namespace FastRmp.Cli.Scripts;

/// <content>Firmware's commands. A bad line is one whether or not firmware would have listened.</content>
internal sealed partial class ScriptRunner
{
    private static readonly ulong DefaultPages = PageSize.Size2M.Pages();

    private void Firmware(ref FieldReader fields)
    {
        ReadOnlySpan<byte> word = fields.Next("COMMAND");
        FirmwareRequest request = new() { Command = FirmwareCommands.Find(word) };
        switch (request.Command)
        {
            case FirmwareCommand.Unknown:
                fields.NotAWord("a firmware command", word);
                return;
            case FirmwareCommand.Init:
                request.Init = Ranges(ref fields);
                break;
            case FirmwareCommand.Shutdown:
                request.ReleasesIommuPages = fields.TryTake("iommu"u8);
                break;
            case FirmwareCommand.Activate:
                request.Asid = fields.Number("ASID", uint.MaxValue);
                request.HasOther = !fields.IsAtEnd;
                if (request.HasOther) request.Other = fields.Address("GCTX");
                break;
            default:
                PageArguments(ref fields, ref request);
                break;
        }

        if (fields.End()) Firmware(request);
    }

    private void Firmware(in FirmwareRequest request)
    {
        if (Machine.FirmwareRefusal(request) is { } refusal)
        {
            results.Error(refusal);
            return;
        }

        FirmwareStatus status = Machine.Firmware(request);
        if (status == FirmwareStatus.Success) results.Ok();
        else results.Error(status.Name());
    }

    /// <summary>The commands that begin with a page.</summary>
    private static void PageArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        request.Page = fields.Address("SPA");
        switch (request.Command)
        {
            case FirmwareCommand.SwapIn:
                SwapInArguments(ref fields, ref request);
                break;
            case FirmwareCommand.MdInit:
                request.Other = fields.Address("GCTX");
                break;
            case FirmwareCommand.PageMove:
                request.Other = fields.Address("DST");
                request.Size = fields.RmpSize("SIZE");
                break;
            case FirmwareCommand.PageSetState:
                request.Pages = fields.IsAtEnd ? DefaultPages : fields.Number(fields.Next("PAGES"), "PAGES", ulong.MaxValue);
                break;
            case FirmwareCommand.LaunchUpdate:
                request.Size = fields.RmpSize("SIZE");
                bool isVmsa = fields.TryTake("vmsa"u8);
                request.Launch = new LaunchUpdateParameters { Type = isVmsa ? LaunchPageType.Vmsa : LaunchPageType.Normal };
                if (!fields.IsAtEnd)
                {
                    request.Launch = request.Launch with
                    {
                        Vmpl1Permissions = Mask(ref fields, "MASK1"),
                        Vmpl2Permissions = Mask(ref fields, "MASK2"),
                        Vmpl3Permissions = Mask(ref fields, "MASK3"),
                    };
                }

                break;
            case FirmwareCommand.SwapOut:
            case FirmwareCommand.PageReclaim:
                request.Size = fields.RmpSize("SIZE");
                break;
            default:
                break; // nothing but the page
        }
    }

    private static void SwapInArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        if (fields.TryTake("metadata"u8))
        {
            request.Command = FirmwareCommand.SwapInMetadata;
            request.Other = fields.Address("GCTX");
            return;
        }

        request.Size = fields.RmpSize("SIZE");
        ulong guestPage = fields.GuestAddress("GPA").PageNumber;
        bool isValidated = fields.Flag("VALIDATED");
        bool isVmsa = fields.Flag("VMSA");
        ulong permissions = 0;
        for (int vmpl = 0; vmpl < 4; vmpl++)
        {
            permissions |= (ulong)Mask(ref fields, $"MASK{vmpl}") << (8 * vmpl);
        }

        request.Sealed = new MetadataEntry { IsValid = true, IsValidated = isValidated, IsVmsa = isVmsa, Size = request.Size, GuestPage = guestPage, Permissions = permissions };
    }

    private static VmplPermissions Mask(ref FieldReader fields, string name) => (VmplPermissions)fields.Number(name, byte.MaxValue);

    private static InitRanges Ranges(ref FieldReader fields)
    {
        InitRanges ranges = new();
        while (fields.Fault == FieldFault.None && fields.TryNext(out ReadOnlySpan<byte> field))
        {
            int equals = field.IndexOf((byte)'=');
            PhysicalRange range = fields.Range(field[(equals + 1)..]);
            if (equals < 0 || !ranges.TryAdd(field[..equals], range)) fields.NotAWord("dram=, fixed=, iommu=, or a first tseg= or aseg=, with START-END", field);
        }

        return ranges;
    }
}
