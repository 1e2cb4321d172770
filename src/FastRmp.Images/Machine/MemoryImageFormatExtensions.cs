namespace FastRmp.Images;

/// <summary>Names of formats.</summary>
public static class MemoryImageFormatExtensions
{
    /// <summary>The format in words.</summary>
    /// <param name="format">The format.</param>
    /// <returns>For instance <c>compressed kdump</c>.</returns>
    public static string Name(this MemoryImageFormat format) => format switch
    {
        MemoryImageFormat.ElfCore => "ELF core",
        MemoryImageFormat.KernelCore => "ELF core of the running kernel (/proc/kcore)",
        MemoryImageFormat.Kdump => "compressed kdump",
        MemoryImageFormat.Lime => "LiME",
        MemoryImageFormat.Avml => "AVML, compressed",
        MemoryImageFormat.Raw => "raw memory",
        MemoryImageFormat.VirtualBoxCore => "ELF core of VirtualBox",
        MemoryImageFormat.XenCore => "ELF core of Xen",
        _ => "unknown",
    };

    /// <summary>The format in one word, for programs.</summary>
    /// <param name="format">The format.</param>
    /// <returns>For instance <c>kdump</c>.</returns>
    public static string Keyword(this MemoryImageFormat format) => format switch
    {
        MemoryImageFormat.ElfCore => "elf",
        MemoryImageFormat.KernelCore => "kcore",
        MemoryImageFormat.Kdump => "kdump",
        MemoryImageFormat.Lime => "lime",
        MemoryImageFormat.Avml => "avml",
        MemoryImageFormat.Raw => "raw",
        MemoryImageFormat.VirtualBoxCore => "virtualbox",
        MemoryImageFormat.XenCore => "xen",
        _ => "unknown",
    };
}
