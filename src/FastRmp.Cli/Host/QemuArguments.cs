using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Cli.Host;

/// <summary>The command line of QEMU; docs/qemu.md says why each part is there.</summary>
internal static class QemuArguments
{
    private const string SecureProcessorSlot = "0x10";

    /// <summary>The arguments.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="plugin">The plugin's file.</param>
    /// <param name="ram">The file of its RAM.</param>
    /// <param name="report">Where the plugin writes its report.</param>
    internal static IReadOnlyList<string> Of(HostOptions options, string plugin, string ram, string report)
    {
        MachinePlan plan = MachinePlan.Of(options.Memory, options.IsSegmented);
        string bytes = options.Memory.ToString(CultureInfo.InvariantCulture);
        string place = $"{(options.IsSegmented ? "segmented:" : "")}0x{plan.First:x}-0x{plan.Last:x}";
        string settings = $"{Quoted(plugin)},ram={Quoted(ram)},rmp={place},processor={options.Model.Name},psp={SecureProcessorSlot}"
            + $",report={Quoted(report)}"
            + (options.Check is null ? "" : $",check={options.Check}")
            + (options.Inject is null ? "" : $",inject={Quoted(options.Inject)}")
            + (options.Symbols is null ? "" : $",symbols={Quoted(options.Symbols)}")
            + (options.Trace is null ? "" : $",trace={Quoted(options.Trace)}");
        string kernel = $"console=ttyS0 no_timer_check intremap=off memmap=0x{plan.Bytes:x}$0x{plan.First:x} {options.Append}";
        List<string> arguments =
        [
            "-accel", "tcg,thread=multi",
            "-machine", "q35,memory-backend=m",
            "-m", $"{bytes}B",
            "-smp", options.Processors.ToString(CultureInfo.InvariantCulture),
            "-cpu", $"{Cpu(options.Model)},-hypervisor,+svm,xlevel=0x80000025",
            "-device", "amd-iommu",
            "-device", $"pci-testdev,addr={SecureProcessorSlot},membar=2M,membar-backed=on",
            "-object", $"memory-backend-file,id=m,size={bytes}B,mem-path={Quoted(ram)},share=on",
            "-plugin", settings,
            "-nographic", "-no-reboot",
            "-kernel", options.Kernel,
            "-append", kernel.TrimEnd(),
        ];
        if (options.Initrd is not null) arguments.AddRange(["-initrd", options.Initrd]);
        arguments.AddRange(options.More);
        return arguments;
    }

    /// <summary>QEMU's own name for a generation.</summary>
    private static string Cpu(ProcessorModel model) => model.Name switch
    {
        "milan" => "EPYC-Milan",
        "genoa" => "EPYC-Genoa",
        _ => "EPYC-Turin",
    };

    /// <summary>A value in a list of QEMU's: commas are doubled.</summary>
    private static string Quoted(string value) => value.Replace(",", ",,", System.StringComparison.Ordinal);
}
