namespace FastRmp.Images;

/// <summary>The formats of memory images that can be read.</summary>
public enum MemoryImageFormat
{
    /// <summary>An ELF64 core: QEMU and libvirt, <c>/proc/vmcore</c>, makedumpfile <c>-E</c>.</summary>
    ElfCore,

    /// <summary>An ELF64 core with segments that have no physical address: <c>/proc/kcore</c>, the memory of the running
    /// kernel.</summary>
    KernelCore,

    /// <summary>A compressed kdump (kdump-compressed, diskdump): makedumpfile, QEMU with <c>-z</c>, <c>-l</c> or <c>-s</c>.</summary>
    Kdump,

    /// <summary>LiME 1: ranges of memory with a header each; LiME, AVML.</summary>
    Lime,

    /// <summary>AVML 2: ranges of memory, compressed with Snappy.</summary>
    Avml,

    /// <summary>Memory without any header; the caller says where it lies.</summary>
    Raw,

    /// <summary>An ELF64 core of VirtualBox.</summary>
    VirtualBoxCore,

    /// <summary>An ELF64 core of Xen, with sections in place of segments.</summary>
    XenCore,
}
