using System;
using System.CommandLine;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Sources;

/// <summary>The part of a command line that says where the RMP of an image is, the same for all commands.</summary>
internal sealed class RmpOptions
{
    private const string Automatic = "auto";

    internal Option<string?> Range { get; } = new("--rmp")
    {
        HelpName = "BASE:END|auto",
        Description = "The contiguous RMP in the image: RMP_BASE and RMP_END, addresses of its first and last byte. Or auto: where the kernel's log in the image says.",
    };

    internal Option<ulong?> SegmentTable { get; } = new("--rst")
    {
        HelpName = "SPA",
        Description = "The segmented RMP in the image whose segment table is at this address, 16 KiB above RMP_BASE.",
        CustomParser = Numbers.Address,
    };

    internal Option<ulong?> Configuration { get; } = new("--rmp-cfg")
    {
        HelpName = "HEX",
        Description = "RMP_CFG, for --rst: bits 13:8 are the exponent of a segment's size, bit 0 is set. Default: as the kernel's log in the image says.",
        CustomParser = Numbers.Address,
    };

    internal Option<string?> Symbols { get; } = new("--symbols")
    {
        HelpName = "FILE",
        Description = "System.map or /proc/kallsyms of the image's kernel: the RMP is where its variables say. Plain, gzip or zstd.",
    };

    /// <summary>All of them.</summary>
    internal Option[] All => [Range, SegmentTable, Configuration, Symbols];

    /// <summary>What the user says.</summary>
    /// <param name="parse">What the user gave.</param>
    /// <param name="request">The request; null if none of the options is given.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    internal string? Get(ParseResult parse, out RmpRequest? request)
    {
        request = null;
        string? range = parse.GetValue(Range);
        ulong? table = parse.GetValue(SegmentTable);
        ulong? configuration = parse.GetValue(Configuration);
        string? symbols = parse.GetValue(Symbols);
        if (symbols is { Length: 0 }) return "--symbols: a file name is empty";
        if (symbols is ImageSource.StandardInput) return "--symbols: - is the image's or the log's: give a file";
        if (configuration is not null && table is null) return "--rmp-cfg needs --rst";
        if (configuration is not null && symbols is not null) return "--rmp-cfg and --symbols exclude each other";
        if (range is not null && table is not null) return "--rmp and --rst exclude each other";
        ContiguousGeometry? given = null;
        if (range is not null and not Automatic)
        {
            if (symbols is not null) return "--rmp BASE:END and --symbols exclude each other";
            if (Parse(range, out ContiguousGeometry geometry) is { } problem) return problem;
            given = geometry;
        }

        if (Table(table, configuration, out PhysicalAddress? address) is { } wrong) return wrong;
        if (range is not null || table is not null || symbols is not null)
        {
            request = new RmpRequest(given, address, configuration, symbols);
        }

        return null;
    }

    private static string? Parse(string text, out ContiguousGeometry geometry)
    {
        geometry = default;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !Numbers.TryHexadecimal(text.AsSpan(0, colon), out ulong first)
            || !Numbers.TryHexadecimal(text.AsSpan(colon + 1), out ulong last))
        {
            return $"--rmp: '{text}' is neither auto nor BASE:END, two physical addresses in hexadecimal";
        }

        return Contiguous("--rmp: RMP_BASE", first, "--rmp: RMP_END", last, out geometry) is { } problem
            ? problem.StartsWith("--rmp", StringComparison.Ordinal) ? problem : $"--rmp: {problem}" : null;
    }

    /// <summary>Makes a contiguous RMP of its two ends.</summary>
    /// <param name="firstName">What the user calls RMP_BASE.</param>
    /// <param name="first">RMP_BASE.</param>
    /// <param name="lastName">What the user calls RMP_END.</param>
    /// <param name="last">RMP_END.</param>
    /// <param name="geometry">The RMP.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    internal static string? Contiguous(
        string firstName, ulong first, string lastName, ulong last, out ContiguousGeometry geometry)
    {
        geometry = default;
        foreach ((string name, ulong value) in ((string, ulong)[])[(firstName, first), (lastName, last)])
        {
            if (PhysicalAddress.TryCreate(value, out _)) continue;
            return $"{name}: 0x{value:x} is not a physical address, which ends at 0x{PhysicalAddress.ValidMask:x}";
        }

        if (last < first) return $"{lastName}: 0x{last:x} lies below RMP_BASE, 0x{first:x}: it is the address of the table's last byte";
        return ContiguousGeometry.TryCreate(
            PhysicalAddress.Create(first), PhysicalAddress.Create(last), out geometry, out string? refusal) ? null : refusal;
    }

    private static string? Table(ulong? table, ulong? configuration, out PhysicalAddress? address)
    {
        address = null;
        if (table is not { } value) return null;
        if (!PhysicalAddress.TryCreate(value, out PhysicalAddress made))
        {
            return $"--rst: 0x{value:x} is not a physical address, which ends at 0x{PhysicalAddress.ValidMask:x}";
        }

        if (value < ContiguousGeometry.BookkeepingBytes)
        {
            return $"--rst: 0x{value:x} is too low: the segment table lies 16 KiB above RMP_BASE";
        }

        address = made;
        RmpRegisters registers = new(value - ContiguousGeometry.BookkeepingBytes, 0, configuration ?? 0);
        if (configuration is null) return null;
        return registers.TryGetSegmented([], ProcessorModel.Turin, out _, out string? refusal) ? null : $"--rst: {refusal}";
    }
}
