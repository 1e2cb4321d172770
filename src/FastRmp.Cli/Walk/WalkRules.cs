using System.CommandLine;
using System.Globalization;
using FastRmp.Cli.Sources;
using FastRmp.Iommu;

namespace FastRmp.Cli.Walk;

/// <summary>Makes a request of a command line, or says why it is none.</summary>
internal static class WalkRules
{
    private const int LowestEncryptionBit = 32;
    private const int HighestEncryptionBit = 51;
    private const int UserCpl = 3;
    private const int NarrowestWidth = 36;
    private const int WidestWidth = 52;
    private const int LastVmpl = 3;
    private const int LargestPasid = (1 << 20) - 1;

    /// <summary>Makes the request.</summary>
    /// <param name="options">The options.</param>
    /// <param name="parse">What the user gave.</param>
    /// <param name="processor">The processor.</param>
    /// <param name="request">The request, if there is no problem.</param>
    /// <returns>The problem; null if there is none.</returns>
    internal static string? Make(WalkOptions options, ParseResult parse, ProcessorModel processor, out WalkRequest? request)
    {
        request = null;
        string? problem = Basics(options, parse) ?? Combination(options, parse);
        if (problem is not null) return problem;
        problem = Rmp(options, parse, processor, out RmpRequest? rmp);
        if (problem is not null) return problem;
        problem = Device(options, parse, rmp is not null || parse.GetValue(options.Snp), out DeviceRequest? device);
        if (problem is not null) return problem;
        problem = Nested(options, parse, processor, out NestedRequest? nested);
        if (problem is not null) return problem;
        AccessKind kind = parse.GetValue(options.Write)
            ? AccessKind.Write
            : parse.GetValue(options.Fetch)
            ? AccessKind.Fetch
            : AccessKind.Read;
        bool isUser = parse.GetValue(options.User) || parse.GetValue(options.Cpl) == UserCpl;
        request = new WalkRequest(
            new ImageFiles([parse.GetValue(options.Image)!, .. parse.GetValue(options.Parts) ?? []], parse.GetValue(options.Ram)),
            parse.GetValue(options.Addresses)!,
            new MemoryAccess(kind, isUser, parse.GetValue(options.Ac), parse.GetValue(options.ShadowStack)),
            parse.GetValue(options.Cpu),
            parse.GetValue(options.Cr3),
            parse.GetValue(options.La57),
            processor,
            parse.GetValue(options.Width),
            parse.GetValue(options.Pkru),
            parse.GetValue(options.Encryption) ?? (nested?.Guest is null ? null : HighestEncryptionBit),
            nested,
            device,
            rmp);
        return null;
    }

    private static string? Basics(WalkOptions options, ParseResult parse)
    {
        string? image = parse.GetValue(options.Image);
        if (image is null) return "an IMAGE or --rows is needed";
        if (parse.GetValue(options.Write) && parse.GetValue(options.Fetch)) return "--write and --fetch exclude each other";
        if (parse.GetValue(options.ShadowStack) && parse.GetValue(options.Fetch)) return "--shadow-stack and --fetch exclude each other";
        if (new ImageFiles([image, .. parse.GetValue(options.Parts) ?? []], parse.GetValue(options.Ram)).Problem is { } wrong) return wrong;
        if (parse.GetValue(options.Addresses) is null or []) return "a virtual address is needed";
        if (parse.GetValue(options.Cpu) is not null && parse.GetValue(options.Cr3) is not null) return "--cpu and --cr3 exclude each other";
        if (Root("--cr3", parse.GetValue(options.Cr3)) is { } noRoot) return noRoot;
        if (parse.GetValue(options.Pkru) is { } pkru && new Pkru(pkru).HasReservedBits) return $"--pkru: 0x{pkru:x} has more than 32 bits";
        if (parse.GetValue(options.Width) is { } width and (< NarrowestWidth or > WidestWidth))
        {
            return string.Create(CultureInfo.InvariantCulture, $"--maxphyaddr: {width} is not {NarrowestWidth} to {WidestWidth}");
        }

        return parse.GetValue(options.Encryption) is { } bit and (< LowestEncryptionBit or > HighestEncryptionBit)
            ? string.Create(CultureInfo.InvariantCulture, $"--c-bit: {bit} is not {LowestEncryptionBit} to {HighestEncryptionBit}")
            : null;
    }

    private static string? Combination(WalkOptions options, ParseResult parse)
    {
        bool Has(Option option) => WalkOptions.FirstGiven(parse, [option]) is not null;
        if (Has(options.Device))
        {
            Option[] foreign = [options.Nested, .. options.OfGuest, .. options.OfProcessor];
            if (WalkOptions.FirstGiven(parse, foreign) is { } other) return $"--device and {other.Name} exclude each other";
            return Has(options.DeviceTable) ? null : "--device needs --device-table";
        }

        if (WalkOptions.FirstGiven(parse, [options.DeviceTable, .. options.OfDevice]) is { } ofDevice)
        {
            return $"{ofDevice.Name} needs --device";
        }

        if (!Has(options.Nested))
        {
            return WalkOptions.FirstGiven(parse, options.OfGuest) is { } guest ? $"{guest.Name} needs --nested" : null;
        }

        if (!Has(options.Cr3)) return "--nested needs --cr3, the guest's root";
        if (Has(options.Asid) && WalkOptions.FirstGiven(parse, options.Rmp.All) is null) return "--asid needs --rmp";
        if (Has(options.Vmpl) && !Has(options.Asid)) return "--vmpl needs --asid";
        if (Has(options.VirtualTom) && !Has(options.Asid) && !Has(options.Encryption)) return "--vtom needs --asid or --c-bit";
        return parse.GetValue(options.User) && parse.GetValue(options.Cpl) is not null and not UserCpl ? "--user is --cpl 3" : null;
    }

    private static string? Nested(WalkOptions options, ParseResult parse, ProcessorModel processor, out NestedRequest? request)
    {
        request = null;
        if (parse.GetValue(options.Nested) is not { } root) return null;
        int vmpl = parse.GetValue(options.Vmpl) ?? 0;
        if (Root("--nested", root) is { } noRoot) return noRoot;
        if (parse.GetValue(options.Cpl) is { } cpl and > UserCpl)
        {
            return string.Create(CultureInfo.InvariantCulture, $"--cpl: {cpl} is not 0 to {UserCpl}");
        }

        if (vmpl > LastVmpl) return string.Create(CultureInfo.InvariantCulture, $"--vmpl: {vmpl} is not 0 to {LastVmpl}");
        GuestIdentity? guest = null;
        if (parse.GetValue(options.Asid) is { } asid)
        {
            if (asid == 0 || asid > processor.MaxAsid)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"--asid: {asid} is not 1 to {processor.MaxAsid}, the ASIDs of {processor.Name}");
            }

            guest = new GuestIdentity((uint)asid, (byte)vmpl);
        }

        GuestPhysicalAddress? tom = null;
        if (parse.GetValue(options.VirtualTom) is { } limit)
        {
            if (!GuestPhysicalAddress.TryCreate(limit, out GuestPhysicalAddress address))
            {
                return $"--vtom: 0x{limit:x} is not a guest physical address, which ends at 0x{GuestPhysicalAddress.ValidMask:x}";
            }

            tom = address;
        }

        request = new NestedRequest(root, parse.GetValue(options.NestedLa57), parse.GetValue(options.ExecuteTrap), guest, tom);
        return null;
    }

    private static string? Device(WalkOptions options, ParseResult parse, bool isSnpEnabled, out DeviceRequest? request)
    {
        request = null;
        if (parse.GetValue(options.Device) is not { } device || parse.GetValue(options.DeviceTable) is not { } table) return null;
        if (!PhysicalAddress.TryCreate(table, out PhysicalAddress address) || !address.IsAligned(PageSize.Size4K))
        {
            return $"--device-table: 0x{table:x} is not a physical address of a 4K page, which ends at 0x{PhysicalAddress.ValidMask:x}";
        }

        int? pasid = parse.GetValue(options.Pasid);
        if (pasid > LargestPasid) return string.Create(CultureInfo.InvariantCulture, $"--pasid: {pasid} has more than 20 bits");
        IommuState iommu = options.Registers.State(parse, address, isSnpEnabled) with
        {
            EncryptionBit = parse.GetValue(options.Encryption),
        };
        request = new DeviceRequest(device, iommu, (uint?)pasid, parse.GetValue(options.Exec), parse.GetValue(options.Privileged));
        return null;
    }

    private static string? Rmp(WalkOptions options, ParseResult parse, ProcessorModel processor, out RmpRequest? request)
    {
        if (options.Rmp.Get(parse, out request) is { } problem) return problem;
        if (request is null || processor.HasRmp) return null;
        return $"{WalkOptions.FirstGiven(parse, options.Rmp.All)!.Name}: the processor {processor.Name} has no RMP";
    }

    private static string? Root(string name, ulong? root) =>
        root is { } value && new Cr3(value).HasReservedBits
            ? $"{name}: 0x{value:x} is not a physical address, which ends at 0x{PhysicalAddress.ValidMask:x}"
            : null;
}
