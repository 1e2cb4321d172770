using System.CommandLine;

namespace FastRmp.Cli.Sources;

/// <summary>The part of a command line that names an image, the same for all commands.</summary>
internal sealed class ImageArguments
{
    private const string Formats =
        "Memory image: ELF core (QEMU, libvirt, /proc/vmcore, /proc/kcore, makedumpfile, VirtualBox, Xen), compressed kdump, flattened, LiME, AVML, or raw with --ram; plain, gzip or zstd; - reads standard input.";

    /// <summary>The files; several for a split dump.</summary>
    internal Argument<string[]> Files { get; } = new("IMAGE")
    {
        Arity = ArgumentArity.OneOrMore,
        Description = $"{Formats} Of a split kdump: all files, or one, and the others are found beside it.",
    };

    /// <summary>Where raw memory belongs.</summary>
    internal Option<string?> Ram { get; } = MakeRam();

    internal static string OneFile => Formats;

    internal static Option<string?> MakeRam() => new("--ram")
    {
        HelpName = "FILE|RANGES",
        Description = "The image is raw memory, and this says where it belongs: the machine's /proc/iomem, a file of lines START END OFFSET (END exclusive), or START-LAST[@OFFSET],… in hexadecimal.",
    };

    /// <summary>What the user named.</summary>
    internal ImageFiles Get(ParseResult parse) => new(parse.GetValue(Files)!, parse.GetValue(Ram));
}
