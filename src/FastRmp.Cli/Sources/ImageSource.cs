using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Sources;

/// <summary>A memory image as a command's user names it, and the processor whose tables are meant.</summary>
internal static class ImageSource
{
    internal const string StandardInput = "-";

    /// <summary>Opens an image by its names; <c>-</c> reads standard input.</summary>
    internal static MemoryImage Open(Session session, ImageFiles files)
    {
        MemoryImageOptions options = files.Options();
        if (files.Names[0] != StandardInput) return MemoryImage.Open(files.Names, options);
        using Stream input = session.OpenInput();
        return MemoryImage.Read(input, StandardInput, options);
    }

    /// <summary>The processor whose tables a walk follows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="cpu">The processor; null for the first one, or for the kernel's reference tables, which an image without registers has
    /// by VMCOREINFO.</param>
    /// <param name="options">What the image does not say, and a root of the user's own: the other registers are then those of processor 0,
    /// or of a kernel in long mode if the image has none.</param>
    /// <exception cref="MalformedInputException">There is no such processor, or it has no long-mode paging.</exception>
    internal static ImageProcessor Processor(MemoryImage image, int? cpu, PagingOptions options)
    {
        int count = image.Cpus.Length;
        if (cpu is { } number && number >= count)
        {
            throw Refusal(
                image,
                count == 0
                    ? "holds no processor's registers; give --cr3"
                    : $"holds {count} processors, numbered from 0: there is no processor {number}");
        }

        try
        {
            return image.Processor(cpu ?? 0, options);
        }
        catch (MalformedInputException refusal) when (count == 0)
        {
            throw Refusal(image, $"{refusal.Problem!.Reason}; give --cr3");
        }
    }

    /// <summary>A root of the user's own; null if there is none.</summary>
    internal static Cr3? Root(ulong? cr3) => cr3 is { } root ? new Cr3(root) : null;

    /// <summary>The C-bit that the user gives; null if there is none.</summary>
    internal static MemoryEncryption? Encryption(int? bit) => bit is { } position ? new MemoryEncryption(position) : null;

    private static MalformedInputException Refusal(MemoryImage image, string reason) => new(InputProblem.InFile(image.Name, reason));
}
