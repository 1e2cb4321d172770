namespace FastRmp.Images;

/// <summary>Tells by its notes who wrote a core.</summary>
internal static class ElfWriter
{
    /// <summary>The writer, as far as the notes tell; null if they tell none.</summary>
    internal static string? Name(NoteReader notes, bool isKernelCore, bool hasExcluded)
    {
        if (isKernelCore) return "Linux (/proc/kcore)";
        string? machine = notes.Writer switch
        {
            NoteWriter.VirtualBox => notes.WriterVersion is { } version ? $"VirtualBox {version}" : "VirtualBox",
            NoteWriter.Xen => "Xen",
            NoteWriter.Qemu => "QEMU (dump-guest-memory; libvirt's 'virsh dump --memory-only' is the same)",
            _ => notes.VmCoreInfo is null ? null : "Linux (/proc/vmcore)",
        };
        return !hasExcluded ? machine : machine is null ? "makedumpfile" : $"makedumpfile, from a core of {machine}";
    }
}
