using System;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <content>Firmware's commands. A bad line is one whether or not firmware would have listened.</content>
internal sealed partial class ScriptRunner
{
    private const string RangeOptions = "dram=, fixed=, iommu=, or a first tseg= or aseg=, with START-END";

    private static readonly uint DefaultPages = (uint)PageSize.Size2M.Pages();

    private void Firmware(ref FieldReader fields)
    {
        ReadOnlySpan<byte> word = fields.Next("COMMAND");
        FirmwareRequest request = new() { Command = FirmwareCommands.Find(word) };
        switch (request.Command)
        {
            case FirmwareCommand.Unknown:
                fields.NotAWord("a firmware command", word);
                return;
            case FirmwareCommand.Init or FirmwareCommand.InitEx:
                InitArguments(ref fields, ref request);
                break;
            case FirmwareCommand.Shutdown or FirmwareCommand.ShutdownEx:
                ShutdownArguments(ref fields, ref request);
                break;
            case FirmwareCommand.DfFlush:
                request.IsWithoutWbinvd = fields.TryTake("no-wbinvd"u8);
                break;
            case FirmwareCommand.SevInit or FirmwareCommand.SevShutdown or FirmwareCommand.PlatformStatus:
                break;
            case FirmwareCommand.AsidStatus:
                request.Asid = fields.Number("ASID", uint.MaxValue);
                break;
            case FirmwareCommand.Activate or FirmwareCommand.ActivateEx:
                request.Asid = fields.Number("ASID", uint.MaxValue);
                request.HasContext = !fields.IsAtEnd;
                if (request.HasContext) request.Context = fields.Address("GCTX");
                break;
            default:
                PageArguments(ref fields, ref request);
                break;
        }

        if (fields.End()) Firmware(request);
    }

    private void Firmware(in FirmwareRequest request)
    {
        if (request.Command >= FirmwareCommand.PlatformStatus)
        {
            results.Line(Machine.FirmwareText(request));
            return;
        }

        if (Machine.FirmwareRefusal(request) is { } refusal)
        {
            results.Error(refusal);
            return;
        }

        FirmwareStatus status = Machine.Firmware(request);
        if (status == FirmwareStatus.Success) results.Ok();
        else results.Error(status.Name());
    }

    private static void InitArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        InitRanges ranges = new();
        bool? initRmp = null;
        while (fields.TryOption(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isWord))
        {
            if (!isWord && initRmp is null && request.Command == FirmwareCommand.InitEx && FieldReader.Is(name, "init_rmp"u8))
            {
                initRmp = fields.Number(value, "init_rmp=", 1) != 0;
                continue;
            }

            // Of a name that is none the value is not looked at.
            PhysicalRange range = isWord || InitRanges.IsName(name) ? fields.Range(isWord ? name : value) : default;
            if (!isWord && ranges.TryAdd(name, range)) continue;
            fields.NotAWord(
                request.Command == FirmwareCommand.InitEx ? $"a first init_rmp=, or {RangeOptions}" : RangeOptions, fields.Whole);
        }

        request.Init = ranges;
        request.InitRmp = initRmp ?? true;
    }

    private static void ShutdownArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        request.IsExtended = request.Command == FirmwareCommand.ShutdownEx;
        request.Length = PlatformParameters.ShutdownExLength;
        while (fields.TryOption(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isWord))
        {
            request.IsExtended = true;
            if (FieldReader.Is(name, "iommu"u8)) request.IommuShutdown = isWord || fields.Number(value, "iommu=", 1) != 0;
            else if (FieldReader.Is(name, "x86"u8)) request.X86Shutdown = isWord || fields.Number(value, "x86=", 1) != 0;
            else if (!isWord && FieldReader.Is(name, "length"u8)) request.Length = (uint)fields.Number(value, "length=", uint.MaxValue);
            else fields.NotAWord("iommu, x86 or length=", fields.Whole);
        }
    }

    /// <summary>The commands that begin with a page.</summary>
    private static void PageArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        request.Page = fields.Address(request.Command switch
        {
            FirmwareCommand.LaunchStart or FirmwareCommand.LaunchFinish or FirmwareCommand.GuestStatus => "GCTX",
            FirmwareCommand.PageMove => "SRC",
            _ => "SPA",
        });
        switch (request.Command)
        {
            case FirmwareCommand.LaunchStart:
                LaunchStartArguments(ref fields, ref request);
                break;
            case FirmwareCommand.LaunchUpdate:
                LaunchUpdateArguments(ref fields, ref request);
                break;
            case FirmwareCommand.SwapOut:
                request.Size = fields.RmpSize("SIZE");
                SwapOptions(ref fields, ref request, isIn: false);
                break;
            case FirmwareCommand.SwapIn:
                SwapInArguments(ref fields, ref request);
                break;
            case FirmwareCommand.MdInit:
                request.HasContext = true;
                request.Context = fields.Address("GCTX");
                break;
            case FirmwareCommand.PageMove:
                request.Other = fields.Address("DST");
                request.Size = fields.RmpSize("SIZE");
                MoveOptions(ref fields, ref request);
                break;
            case FirmwareCommand.PageSetState:
                ListArguments(ref fields, ref request);
                break;
            case FirmwareCommand.PageReclaim:
                request.Size = fields.RmpSize("SIZE");
                break;
            default:
                break; // nothing but the page
        }
    }

    /// <summary>A range list: the pages of the first range may be left out.</summary>
    private static void ListArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        request.Length = PlatformParameters.PageSetStateLength;
        uint pages = fields.IsAtEnd || fields.IsOptionNext(default) ? DefaultPages : Pages(ref fields);
        request.Ranges = [new PageRangeEntry(request.Page.Value, pages)];
        while (fields.Fault == FieldFault.None && !fields.IsAtEnd)
        {
            if (!fields.IsOptionNext(default))
            {
                ulong start = fields.Address("SPA").Value;
                request.Ranges.Add(new PageRangeEntry(start, Pages(ref fields)));
                continue;
            }

            _ = fields.TryOption(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out _);
            if (FieldReader.Is(name, "list"u8))
            {
                request.HasOther = true;
                request.Other = Address(ref fields, value, "list=");
            }
            else if (FieldReader.Is(name, "length"u8))
            {
                request.Length = (uint)fields.Number(value, "length=", uint.MaxValue);
            }
            else
            {
                fields.NotAWord("list= or length=", fields.Whole);
            }
        }
    }

    // The list has 32 bits for the number.
    private static uint Pages(ref FieldReader fields) =>
        (uint)ulong.Min(fields.Number(fields.Next("PAGES"), "PAGES", ulong.MaxValue), uint.MaxValue);

    private static PhysicalAddress Address(ref FieldReader fields, ReadOnlySpan<byte> text, string name) =>
        PhysicalAddress.Truncate(fields.Hexadecimal(text, name, PhysicalAddress.ValidMask));
}
