using System;

namespace FastRmp.Reference;

/// <content>The commands of a script that are about a guest and its pages.</content>
public sealed partial class ReferenceScript
{
    private const ulong UsualPolicy = 0x3_0000;

    private ReferenceFirmwareStatus Activate(ReferenceScriptLine fields, bool isExtended)
    {
        uint asid = (uint)fields.Number(uint.MaxValue);
        ulong? context = fields.AtEnd ? null : fields.Address();
        fields.End();
        if (context is not ulong page) return _firmware.ActivateNobody(asid, isExtended);
        return isExtended ? _firmware.ActivateOn(page, asid, _firmware.AllComplexes) : _firmware.Activate(page, asid);
    }

    private ReferenceFirmwareStatus LaunchStart(ReferenceScriptLine fields)
    {
        ulong context = fields.Address();
        ulong policy = UsualPolicy;
        ulong? agent = null;
        bool image = false;
        while (!fields.AtEnd)
        {
            if (fields.TakeWord("imi"))
            {
                image = true;
                continue;
            }

            (string name, string value) = fields.Option();
            switch (name)
            {
                case "policy": policy = ReferenceScriptLine.ParseHexadecimal(value); break;
                case "ma": agent = ReferenceScriptLine.ParseAddress(value); break;
                default: throw new FormatException("there is no such option");
            }
        }

        return _firmware.LaunchStart(context, policy, agent is not null, agent ?? 0, image);
    }

    private ReferenceFirmwareStatus LaunchUpdate(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        bool large = fields.IsLarge();
        int type = (int)(fields.TakeWord("vmsa") ? ReferencePageType.Vmsa : ReferencePageType.Normal);
        byte[] masks = new byte[3];
        if (!fields.AtEnd && !fields.IsOption && !fields.IsNext("imi"))
        {
            for (int i = 0; i < masks.Length; i++) masks[i] = Mask(fields);
        }

        ulong? context = null;
        bool image = false;
        while (!fields.AtEnd)
        {
            if (fields.TakeWord("imi"))
            {
                image = true;
                continue;
            }

            (string name, string value) = fields.Option();
            switch (name)
            {
                case "gctx": context = ReferenceScriptLine.ParseAddress(value); break;
                case "type": type = PageType(value); break;
                default: throw new FormatException("there is no such option");
            }
        }

        return _firmware.LaunchUpdate(context ?? _firmware.ContextFor(spa, ReferenceGuestState.Launch), new ReferenceLaunchUpdate
        {
            Page = spa,
            Large = large,
            Type = type,
            IsMigrationImage = image,
            Mask1 = masks[0],
            Mask2 = masks[1],
            Mask3 = masks[2],
        });
    }

    private ReferenceFirmwareStatus SwapOut(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        bool large = fields.IsLarge();
        SwapOptions options = Options(fields, isIn: false);
        ulong context = options.Context ?? _firmware.ContextFor(spa, ReferenceGuestState.Running);
        int byState = _firmware.StateOf(spa) == ReferencePageState.Metadata ? ReferenceSwap.Metadata : ReferenceSwap.Data;
        return _firmware.SwapOut(context, new ReferenceSwap
        {
            Source = spa,
            Destination = options.Other ?? ReferenceFirmware.ImpliedPage,
            Entry = options.Entry ?? 0,
            IsRoot = options.Entry is null,
            Large = large,
            Type = options.Type ?? byState,
        });
    }

    private ReferenceFirmwareStatus SwapIn(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        if (fields.TakeWord("metadata")) return SwapInMetadata(fields, spa);
        bool large = fields.IsLarge();
        if (fields.AtEnd || fields.IsOption || fields.IsNext("inplace")) return SwapInEntry(fields, spa, large);

        ulong gpa = fields.Address();
        bool validated = fields.Flag();
        bool vmsa = fields.Flag();
        ulong high = Mask(fields) | (ulong)Mask(fields) << 8 | (ulong)Mask(fields) << 16 | (ulong)Mask(fields) << 24;
        SwapOptions options = Options(fields, isIn: true, contextOnly: true);
        ReferenceMetadata entry = new()
        {
            IsValid = true,
            Validated = validated,
            Vmsa = vmsa,
            Large = large,
            GpaPage = gpa / 4096,
            High = high,
        };
        ulong context = options.Context ?? _firmware.ContextFor(spa, ReferenceGuestState.Running);
        int type = vmsa ? ReferenceSwap.Vmsa : ReferenceSwap.Data;
        return _firmware.SwapIn(
            context, new ReferenceSwap { Source = ReferenceFirmware.ImpliedPage, Destination = spa, Large = large, Type = type }, entry);
    }

    private ReferenceFirmwareStatus SwapInMetadata(ReferenceScriptLine fields, ulong spa)
    {
        ulong context = fields.Address();
        fields.End();
        ReferenceMetadata entry = new() { IsValid = true, IsMetadata = true };
        ReferenceSwap command = new() { Source = ReferenceFirmware.ImpliedPage, Destination = spa, Type = ReferenceSwap.Metadata };
        return _firmware.SwapIn(context, command, entry);
    }

    private ReferenceFirmwareStatus SwapInEntry(ReferenceScriptLine fields, ulong spa, bool large)
    {
        SwapOptions options = Options(fields, isIn: true);
        if (options.Context is not ulong context) throw new FormatException("whose metadata entry is meant");
        return _firmware.SwapIn(context, new ReferenceSwap
        {
            Source = options.IsInPlace ? spa : options.Other ?? ReferenceFirmware.ImpliedPage,
            Destination = spa,
            Entry = options.Entry ?? 0,
            IsRoot = options.Entry is null,
            Large = large,
            Type = options.Type ?? ReferenceSwap.Data,
            IsInPlace = options.IsInPlace,
        });
    }

    private static SwapOptions Options(ReferenceScriptLine fields, bool isIn, bool contextOnly = false)
    {
        SwapOptions options = default;
        while (!fields.AtEnd)
        {
            if (isIn && !contextOnly && fields.TakeWord("inplace"))
            {
                options = options with { IsInPlace = true };
                continue;
            }

            (string name, string value) = fields.Option();
            bool isOther = name == (isIn ? "src" : "dst");
            options = name switch
            {
                "gctx" => options with { Context = ReferenceScriptLine.ParseAddress(value) },
                "entry" when !contextOnly =>
                    options with { Entry = ReferenceScriptLine.Lower(value) == "root" ? null : ReferenceScriptLine.ParseAddress(value) },
                "type" when !contextOnly => options with { Type = SwapType(value) },
                _ when isOther && !contextOnly => options with { Other = ReferenceScriptLine.ParseAddress(value) },
                _ => throw new FormatException("there is no such option"),
            };
        }

        return options;
    }

    private ReferenceFirmwareStatus PageMove(ReferenceScriptLine fields)
    {
        ulong source = fields.Address();
        ulong destination = fields.Address();
        bool large = fields.IsLarge();
        ulong? context = null;
        while (!fields.AtEnd)
        {
            (string name, string value) = fields.Option();
            context = name == "gctx" ? ReferenceScriptLine.ParseAddress(value) : throw new FormatException("there is no such option");
        }

        return _firmware.PageMove(context ?? _firmware.ContextFor(source, ReferenceGuestState.Running), source, destination, large);
    }

    private ReferenceFirmwareStatus MdInit(ReferenceScriptLine fields)
    {
        ulong spa = fields.Address();
        ulong context = fields.Address();
        fields.End();
        return _firmware.MdInit(context, spa);
    }

    private string GuestLine(ReferenceScriptLine fields)
    {
        ulong context = fields.Address();
        fields.End();
        if (context % 4096 != 0 || _firmware.StateOf(context) != ReferencePageState.Context) return "error: INVALID_GUEST";
        ReferenceGuest guest = _firmware.GuestAt(context);
        string state = guest.State switch
        {
            ReferenceGuestState.Init => "INIT",
            ReferenceGuestState.Launch => "LAUNCH",
            _ => "RUNNING",
        };
        string flags = Say($"active={(guest.IsActive ? 1 : 0)} pending={(guest.IsPending ? 1 : 0)} es={(guest.IsEs ? 1 : 0)}");
        return Say($"{state} asid={guest.Asid} {flags} policy=0x{guest.Policy:x} iv={guest.Vectors}");
    }

    private static int PageType(string text) => ReferenceScriptLine.Lower(text) switch
    {
        "normal" => 1,
        "vmsa" => 2,
        "zero" => 3,
        "unmeasured" => 4,
        "secrets" => 5,
        "cpuid" => 6,
        _ => (int)ReferenceScriptLine.ParseNumber(text, 7),
    };

    private static int SwapType(string text) => ReferenceScriptLine.Lower(text) switch
    {
        "data" => ReferenceSwap.Data,
        "metadata" => ReferenceSwap.Metadata,
        "vmsa" => ReferenceSwap.Vmsa,
        _ => (int)ReferenceScriptLine.ParseNumber(text, 3),
    };

    private static byte Mask(ReferenceScriptLine fields) => (byte)fields.Number(byte.MaxValue);

    private readonly record struct SwapOptions(ulong? Context, ulong? Other, ulong? Entry, int? Type, bool IsInPlace);
}
