using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Info;

/// <summary>An image as one JSON object.</summary>
internal static class InfoJson
{
    internal static string Text(InfoReport report)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            Write(json, report);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter json, InfoReport report)
    {
        ImageDescription image = report.Image.Description;
        json.WriteStartObject();
        json.WriteString("image", report.Image.Name);
        json.WriteString("format", image.Format.Keyword());
        json.WriteString("writer", image.Writer);
        json.WriteString("packing", image.Packing);
        json.WriteBoolean("flattened", image.IsFlattened);
        json.WriteString("compression", image.Compression);
        json.WriteString("declared_compression", image.DeclaredCompression);
        Number(json, "dump_level", image.DumpLevel);
        json.WriteBoolean("incomplete", image.IsIncomplete);
        json.WriteStartArray("files");
        foreach (string file in image.Files)
        {
            json.WriteStringValue(file);
        }

        json.WriteEndArray();
        json.WriteString("kernel_release", report.Release);
        json.WriteString("kernel_version", image.KernelVersion);
        json.WriteString("node_name", image.NodeName);
        json.WriteString("time", image.Time?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        Memory(json, report);
        Processors(json, report.Image);
        Kernel(json, report);
        json.WriteStartArray("missing");
        foreach (string missing in report.Missing)
        {
            json.WriteStringValue(missing);
        }

        json.WriteEndArray();
        json.WriteNumber("problems", report.Image.Problems.Count);
        json.WriteEndObject();
    }

    private static void Memory(Utf8JsonWriter json, InfoReport report)
    {
        json.WriteStartObject("memory");
        json.WriteNumber("held", report.Counts.Held);
        json.WriteNumber("excluded", report.Counts.Excluded);
        json.WriteNumber("lost", report.Counts.Lost);
        json.WriteNumber("damaged", report.Counts.Damaged);
        json.WriteNumber("range_count", report.RangeCount);
        json.WriteStartArray("ranges");
        foreach (PhysicalRange range in report.Ranges)
        {
            json.WriteStartObject();
            Hex(json, "start", range.Start.Value);
            Hex(json, "end", range.End);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Processors(Utf8JsonWriter json, MemoryImage image)
    {
        json.WriteNumber("processor_count", image.Description.Processors);
        json.WriteStartArray("processors");
        foreach (CpuState cpu in image.Cpus)
        {
            json.WriteStartObject();
            Hex(json, "cr0", cpu.Control.Cr0);
            Hex(json, "cr2", cpu.Cr2);
            Hex(json, "cr3", cpu.Control.Cr3.Value);
            Hex(json, "cr4", cpu.Control.Cr4);
            Hex(json, "rip", cpu.InstructionPointer);
            Hex(json, "rsp", cpu.StackPointer);
            Hex(json, "rflags", cpu.Flags);
            Hex(json, "cs", cpu.CodeSelector);
            json.WriteNumber("levels", cpu.Control.La57 ? 5 : 4);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("threads");
        foreach (ThreadRegisters thread in image.Description.Threads)
        {
            json.WriteStartObject();
            Hex(json, "rip", thread.InstructionPointer);
            Hex(json, "rsp", thread.StackPointer);
            json.WriteNumber("process", thread.Process);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Kernel(Utf8JsonWriter json, InfoReport report)
    {
        Hex(json, "root", report.Root?.Value);
        Number(json, "levels", report.Root is null ? null : report.Mode.IsFiveLevel() ? 5 : 4);
        Hex(json, "kernel_offset", report.KernelOffset);
        Hex(json, "phys_base", report.PhysicalBase);
        Hex(json, "direct_map_base", report.DirectMap?.Base.Value);
        Hex(json, "encryption_mask", report.EncryptionMask);
        ContiguousGeometry range = default;
        bool isOne = report.Rmp?.Geometry.TryGetContiguous(out range) ?? false;
        Hex(json, "rmp_base", report.Rmp?.Geometry.OwnRange(0).Start.Value);
        Hex(json, "rmp_end", isOne ? range.End.Value : null);
        json.WritePropertyName("rmp");
        if (report.Rmp is { } rmp) RmpJson.Write(json, rmp);
        else json.WriteNullValue();
    }

    private static void Hex(Utf8JsonWriter json, string name, ulong? value)
    {
        if (value is { } number) json.WriteString(name, string.Create(CultureInfo.InvariantCulture, $"0x{number:x}"));
        else json.WriteNull(name);
    }

    private static void Number(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }
}
