using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace FastRmp.Qemu;

/// <summary>The options of the plugin, as QEMU's <c>-plugin FILE,NAME=VALUE,…</c> gives them.</summary>
internal sealed record PluginOptions
{
    private const int MostSlots = 32;
    private const string Names = "ram, rmp, processor, psp, check, inject, symbols, trace and report";

    /// <summary>The file that holds the machine's RAM.</summary>
    internal required string Ram { get; init; }

    /// <summary>Where the RMP is.</summary>
    internal required RmpPlacement Rmp { get; init; }

    /// <summary>The generation that the machine poses as.</summary>
    internal ProcessorModel Processor { get; init; } = ProcessorModel.Milan;

    /// <summary>The PCI slot, 1 to 31, of the device that stands for the secure processor, or null.</summary>
    internal int? SecureProcessorSlot { get; init; }

    /// <summary>Whether stores are held against the RMP.</summary>
    internal bool ChecksStores { get; init; }

    /// <summary>Whether those that it forbids are prevented, and not only reported.</summary>
    internal bool PreventsStores { get; init; }

    /// <summary>The rules of answers that are given without executing anything, or null.</summary>
    internal string? Inject { get; init; }

    /// <summary>The kernel's list of symbols, or null.</summary>
    internal string? Symbols { get; init; }

    /// <summary>Where events are written, or null.</summary>
    internal string? Trace { get; init; }

    /// <summary>Where the report at the end is written; null for standard error.</summary>
    internal string? Report { get; init; }

    /// <summary>Reads the options.</summary>
    /// <param name="arguments">One option each, NAME=VALUE.</param>
    /// <param name="options">The options, or null.</param>
    /// <param name="problem">What is wrong, a sentence for the user, or null.</param>
    /// <returns>Whether they are usable.</returns>
    internal static bool TryParse(
        IReadOnlyList<string> arguments, [NotNullWhen(true)] out PluginOptions? options, [NotNullWhen(false)] out string? problem)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        options = null;
        problem = null;
        foreach (string argument in arguments)
        {
            int split = argument.IndexOf('=', StringComparison.Ordinal);
            string name = split < 0 ? argument : argument[..split];
            string value = split < 0 ? "" : argument[(split + 1)..];
            bool isKnown = name is "ram" or "rmp" or "processor" or "psp" or "check" or "inject" or "symbols" or "trace" or "report";
            if (!isKnown) problem ??= $"no option is called {name}; there are {Names}";
            else if (value.Length == 0) problem ??= $"{name} has no value: write {name}=…";
            else if (!values.TryAdd(name, value)) problem ??= $"{name} is given twice";
        }

        ProcessorModel? processor = ProcessorModel.Milan;
        RmpPlacement placement = default;
        if (problem is null && values.TryGetValue("processor", out string? preset)
            && !(ProcessorModel.TryGetPreset(preset, out processor) && processor.HasRmp))
        {
            problem = $"processor={preset}: there are {string.Join(", ", PresetNames())}";
        }

        string check = values.GetValueOrDefault("check", "off");
        if (problem is null && check is not ("off" or "report" or "fault")) problem = $"check={check}: there are off, report and fault";
        int slot = 0;
        bool hasSlot = values.TryGetValue("psp", out string? place);
        if (hasSlot) slot = TryNumber(place!, out ulong number) ? (int)ulong.Min(number, MostSlots) : 0;
        if (problem is null && hasSlot && slot is 0 or MostSlots)
        {
            problem = $"psp={place}: write the slot of -device pci-testdev,addr=SLOT, 1 to {MostSlots - 1}";
        }

        if (problem is null && check == "fault" && !hasSlot) problem = "check=fault needs psp=SLOT: its tables are in the device";
        if (problem is null && !values.ContainsKey("ram"))
        {
            problem = "ram=FILE is missing: the file of -object memory-backend-file,…,mem-path=FILE,share=on that holds the machine's RAM";
        }

        if (problem is null && !values.ContainsKey("rmp"))
        {
            problem = "rmp=FIRST-LAST or rmp=segmented:FIRST-LAST is missing: the memory that the kernel leaves alone by memmap=SIZE$FIRST";
        }

        problem ??= PlacementProblem(values["rmp"], processor!, out placement);
        if (problem is not null) return false;
        options = new PluginOptions
        {
            Ram = values["ram"],
            Rmp = placement,
            Processor = processor!,
            SecureProcessorSlot = hasSlot ? slot : null,
            ChecksStores = check != "off",
            PreventsStores = check == "fault",
            Inject = values.GetValueOrDefault("inject"),
            Symbols = values.GetValueOrDefault("symbols"),
            Trace = values.GetValueOrDefault("trace"),
            Report = values.GetValueOrDefault("report"),
        };
        return true;
    }

    private static IEnumerable<string> PresetNames()
    {
        foreach (ProcessorModel preset in ProcessorModel.Presets) yield return preset.Name;
    }

    private static string? PlacementProblem(string text, ProcessorModel processor, out RmpPlacement placement)
    {
        placement = default;
        string[] parts = text.Split(':');
        bool isSegmented = parts[0] == "segmented";
        int named = isSegmented || parts[0] == "contiguous" ? 1 : 0;
        int shift = RmpPlacement.DefaultSegmentShift;
        if (parts.Length <= named || parts.Length > named + (isSegmented ? 2 : 1)) return Malformed(text);
        string[] ends = parts[named].Split('-');
        if (ends.Length != 2 || !TryNumber(ends[0], out ulong first) || !TryNumber(ends[1], out ulong last)) return Malformed(text);
        if (parts.Length == named + 2
            && !int.TryParse(parts[named + 1], NumberStyles.None, CultureInfo.InvariantCulture, out shift))
        {
            return Malformed(text);
        }

        if (last <= first) return $"rmp={text}: the last byte is not above the first one";
        if (last > PhysicalAddress.ValidMask) return $"rmp={text}: physical addresses have 52 bits";
        if (isSegmented && !processor.HasSegmentedRmp) return $"rmp={text}: a {processor.Name} has no segmented RMP; turin and venice do";
        placement = new RmpPlacement(isSegmented, first, last, isSegmented ? shift : 0);
        return null;
    }

    private static string Malformed(string text) =>
        $"rmp={text}: write FIRST-LAST, contiguous:FIRST-LAST or segmented:FIRST-LAST[:EXPONENT], such as 0x40000000-0x41ffffff";

    private static bool TryNumber(string text, out ulong value) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
