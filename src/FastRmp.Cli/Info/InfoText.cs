using System.Globalization;
using System.Text;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Info;

/// <summary>An image in words.</summary>
internal static class InfoText
{
    private const int NameWidth = 13;
    private const int CompatibleShift = 10;

    internal static string Text(InfoReport report)
    {
        StringBuilder text = new();
        ImageDescription image = report.Image.Description;
        Row(text, "format", Format(image));
        foreach (string file in image.Files)
        {
            Row(text, "file", file);
        }

        Row(text, "written by", image.Writer ?? "not known");
        Row(text, "kernel", Kernel(report) ?? "not known");
        if (image.NodeName is { Length: > 0 } node) Row(text, "machine", node);
        if (image.Time is { } time) Row(text, "time", time.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        Memory(text, report);
        Processors(text, report.Image);
        Tables(text, report);
        Row(text, "RMP", report.Rmp is { } rmp
            ? $"{RmpPlaces.Text(rmp.Geometry)}, {RmpPlaces.FoundBy(rmp.Source)}{(RmpPlaces.HasEntries(report.Image, rmp.Geometry) ? string.Empty : "; its entries are not in the image")}"
            : "not known: where it is stands in the kernel's log ('RMP table physical range')");
        foreach (string missing in report.Missing)
        {
            Row(text, "missing", missing);
        }

        return text.ToString();
    }

    private static string Format(ImageDescription image)
    {
        StringBuilder text = new(image.Format.Name());
        if (image.Format == MemoryImageFormat.Kdump) text.Append(Pages(image));
        if (image.DumpLevel is { } level) text.Append(CultureInfo.InvariantCulture, $", dump level {level}");
        if (image.IsFlattened) text.Append(", flattened");
        if (image.Packing is { } packing) text.Append(", packed with ").Append(packing);
        if (image.IsIncomplete) text.Append(", incomplete");
        return text.ToString();
    }

    private static string Pages(ImageDescription image)
    {
        if (image.Compression is not { } name) return ", pages not compressed";
        if (image.DeclaredCompression == name)
        {
            return image.ArePagesPlain ? $", pages in {name} by the header's flags, all stored plain" : $", pages in {name}";
        }

        return $", pages in {name} (the header's flags name {image.DeclaredCompression ?? "no compression"})";
    }

    private static string? Kernel(InfoReport report) => report.Release is not { } release ? null
        : report.Image.Description.KernelVersion is { } version ? $"{release} {version}" : release;

    private static void Memory(StringBuilder text, InfoReport report)
    {
        ImageByteCounts counts = report.Counts;
        Row(text, "memory", string.Create(
            CultureInfo.InvariantCulture,
            $"{counts.Held >> CompatibleShift} kB in the image, {counts.Excluded >> CompatibleShift} kB excluded, {counts.Lost >> CompatibleShift} kB lost{(counts.Damaged == 0 ? string.Empty : $", {counts.Damaged >> CompatibleShift} kB damaged")}"));
        foreach (PhysicalRange range in report.Ranges)
        {
            Row(text, string.Empty, string.Create(
                CultureInfo.InvariantCulture, $"0x{range.Start.Value:x16}-0x{range.End - 1:x16}  {range.Length >> CompatibleShift,12} kB"));
        }

        if (report.RangeCount > report.Ranges.Count)
        {
            long more = report.RangeCount - report.Ranges.Count;
            Row(text, string.Empty, string.Create(CultureInfo.InvariantCulture, $"and {more} more ranges"));
        }
    }

    private static void Processors(StringBuilder text, MemoryImage image)
    {
        Row(text, "processors", image.Description.Processors == 0
            ? "not known" : image.Description.Processors.ToString(CultureInfo.InvariantCulture));
        for (int number = 0; number < image.Cpus.Length; number++)
        {
            CpuState cpu = image.Cpus[number];
            Row(text, string.Empty, string.Create(
                CultureInfo.InvariantCulture,
                $"{number}: CR0 0x{cpu.Control.Cr0:x} CR2 0x{cpu.Cr2:x} CR3 0x{cpu.Control.Cr3.Value:x} CR4 0x{cpu.Control.Cr4:x} RIP 0x{cpu.InstructionPointer:x} RSP 0x{cpu.StackPointer:x} RFLAGS 0x{cpu.Flags:x}, {(cpu.Control.La57 ? "five" : "four")} levels"));
        }

        if (!image.Cpus.IsEmpty) return;
        for (int number = 0; number < image.Description.Threads.Count; number++)
        {
            ThreadRegisters thread = image.Description.Threads[number];
            Row(text, string.Empty, string.Create(
                CultureInfo.InvariantCulture,
                $"{number}: RIP 0x{thread.InstructionPointer:x} RSP 0x{thread.StackPointer:x}, process {thread.Process}"));
        }
    }

    private static void Tables(StringBuilder text, InfoReport report)
    {
        Row(text, "tables", report.Root is { } root
            ? $"the kernel's are at 0x{root.Value:x}, {(report.Mode.IsFiveLevel() ? "five" : "four")} levels, by VMCOREINFO"
            : "the kernel's are not known");
        if (report.KernelOffset is { } offset) Row(text, "KASLR", $"kernel image moved by 0x{offset:x} (KERNELOFFSET)");
        if (report.PhysicalBase is { } place) Row(text, string.Empty, $"phys_base 0x{place:x}");
        if (report.DirectMap is { } map) Row(text, string.Empty, $"direct map at 0x{map.Base.Value:x}");
        if (report.EncryptionMask != 0) Row(text, "C-bit", $"0x{report.EncryptionMask:x} (sme_mask)");
    }

    private static void Row(StringBuilder text, string name, string value)
    {
        string head = name.Length == 0 ? string.Empty : name + ":";
        text.Append(head.PadRight(NameWidth)).Append(value.ReplaceLineEndings(" ")).Append('\n');
    }
}
