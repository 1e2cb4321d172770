using System;

namespace FastRmp.Images;

/// <summary>Why a 2 MiB region is mapped by 4 KiB leaves, or a 1 GiB range by smaller ones, as far as the entries show.</summary>
/// <remarks>Linux may join leaves only if all 512 are present, consecutive and equal in every flag, Accessed and Dirty included, and none
/// has KERNEL_4K set (arch/x86/mm/pat/set_memory.c, commit 41d88484c71c): every other finding here is a reason against it.</remarks>
[Flags]
public enum SplitReasons
{
    /// <summary>Nothing is known.</summary>
    None = 0,

    /// <summary>Some of the 512 places are empty: RAM that does not fill the region, or a hole in it (arch/x86/mm/init.c maps the partial
    /// ends of RAM by small pages).</summary>
    Holes = 1 << 0,

    /// <summary>Some pages are not present but their entries still name the frame, plain or inverted: taken out of the map
    /// (set_direct_map_invalid_noflush, page-alloc debugging, private guest memory of the host-init series).</summary>
    Unmapped = 1 << 1,

    /// <summary>Some leaves are read-only and some are not: kernel text, read-only data, modules, BPF programs (set_memory_ro).</summary>
    Write = 1 << 2,

    /// <summary>Some leaves may be executed and some not (NX): text, trampolines, firmware code (set_memory_x).</summary>
    Execute = 1 << 3,

    /// <summary>U/S differs; Linux never does that in this map.</summary>
    User = 1 << 4,

    /// <summary>The memory type differs, PAT, PCD or PWT: buffers of devices (set_memory_uc, set_memory_wc). PAT is bit 7 in a 4 KiB leaf
    /// and bit 12 in larger ones.</summary>
    Cache = 1 << 5,

    /// <summary>The C-bit differs: pages shared with the host or a device (set_memory_decrypted).</summary>
    Encryption = 1 << 6,

    /// <summary>G differs: leaves that were not present for a while, or were mapped another way.</summary>
    Global = 1 << 7,

    /// <summary>Software bits other than KERNEL_4K differ.</summary>
    Software = 1 << 8,

    /// <summary>Some leaf has software bit 11, KERNEL_4K, "never join this": set_memory_4k, which RMPUPDATE's own split and IOMMU logs
    /// under SNP go through. Only the page that was asked for has it.</summary>
    Kernel4K = 1 << 9,

    /// <summary>Accessed or Dirty differ; joining would be safe with both set.</summary>
    AccessedDirty = 1 << 10,

    /// <summary>Some leaf maps another frame than the direct map's: tables that were changed, or are damaged.</summary>
    Frames = 1 << 11,

    /// <summary>For a 1 GiB range: some 2 MiB region of it is mapped by 4 KiB leaves.</summary>
    Smaller = 1 << 12,

    /// <summary>The image does not hold all of the tables.</summary>
    Absent = 1 << 13,

    /// <summary>The entry that points to the table has U/S set (0x067): made while the kernel built the map at boot; no leaf was split here
    /// (inferred).</summary>
    Boot = 1 << 14,

    /// <summary>The entry that points to the table has U/S clear (0x063): a larger leaf was split after boot
    /// (arch/x86/mm/pat/set_memory.c).</summary>
    AfterBoot = 1 << 15,
}
