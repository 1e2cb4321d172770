using System.CommandLine;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Host;

/// <summary><c>fastrmp host</c>: its part of the command line.</summary>
internal static class HostCommand
{
    internal const string Examples = """
        Examples:
          fastrmp host --demo
              a small example: the kernel gives pages to a guest, KVM launches one, and a write is made that hardware refuses
          fastrmp host --kernel vmlinuz --initrd initrd
          fastrmp host --kernel vmlinuz --initrd initrd --check report --trace events.txt
              every store of the kernel that hardware would have refused, and every RMP instruction; with --check fault
              such a store is prevented, and the kernel gets the page fault that hardware gives it
          fastrmp host --kernel vmlinuz --cpus 2 --processor turin --rmp segmented --memory 4G -- -drive file=disk.img,format=raw

        The console is standard input and output; ctrl-a x ends the machine, and on a terminal ctrl-c goes to the kernel. Afterwards it
        is reported how often the kernel executed which RMP instruction with which result, the firmware's commands, whether the RMP is
        consistent, and the stores that hardware would have refused; each is explained, as 'fastrmp explain' does, with the kernel's
        function. SIGINT and SIGTERM end the machine, too, with its report and exit code 130; a second one kills it, without.

        Needs QEMU 11.1 or later and the plugin, fastrmp-qemu.so; docs/qemu.md says where they come from, and what emulation cannot do.
        Exit code 1: there was such a store. 3: QEMU failed, its last lines are told; --verbose shows its command line and all of them.

        """;

    private const ulong Mebibyte = 1UL << 20;
    private const int MostProcessors = 255;
    private const string Contiguous = "contiguous";
    private const string Segmented = "segmented";
    private const string Off = "off";
    private const string Report = "report";
    private const string Fault = "fault";

    internal static Command Create(Session session)
    {
        Option<string?> kernel = new("--kernel") { HelpName = "FILE", Description = "The kernel, a bzImage. Needed without --demo." };
        Option<string?> initrd = new("--initrd") { HelpName = "FILE", Description = "The initial RAM disk." };
        Option<string?> append = new("--append")
        {
            HelpName = "TEXT",
            Description = "More parameters of the kernel.",
        };
        Option<ulong?> memory = new("--memory")
        {
            HelpName = "SIZE",
            Description = "RAM, whole MiB, 256M to 252G. Default: 2G.",
            CustomParser = Numbers.Size,
        };
        Option<int?> cpus = new("--cpus")
        {
            HelpName = "N",
            Description = "Processors. Default: 1.",
            CustomParser = Numbers.Count,
        };
        Option<string?> processor = new("--processor")
        {
            HelpName = "NAME",
            Description = "milan, genoa, turin or venice. Default: milan.",
        };
        Option<string?> rmp = new("--rmp")
        {
            HelpName = "KIND",
            Description = "contiguous, or segmented, in segments of 1 GiB: turin and venice alone. Default: contiguous.",
        };
        Option<string?> check = new("--check")
        {
            HelpName = "HOW",
            Description = "off, report, or fault: every store is held against the RMP. Default: off.",
        };
        Option<string?> inject = new("--inject")
        {
            HelpName = "RULES",
            Description = "Answers given on purpose, such as rmpupdate:100:overlap:3; docs/qemu.md has the rules.",
        };
        Option<bool> demo = new("--demo")
        {
            Description = "Boots a small example, made on the spot. Default of --kernel: the newest one in /boot; of --check: report.",
        };
        Option<string?> symbols = new("--symbols")
        {
            HelpName = "FILE",
            Description = "The kernel's System.map or /proc/kallsyms, for names of functions. Default: the list in its memory.",
        };
        Option<string?> trace = new("--trace")
        {
            HelpName = "FILE",
            Description = "Write every RMP instruction and firmware command there.",
        };
        Option<string?> qemu = new("--qemu") { HelpName = "PATH", Description = "QEMU. Default: qemu-system-x86_64 in PATH." };
        Option<string?> plugin = new("--plugin")
        {
            HelpName = "FILE",
            Description = "The plugin. Default: fastrmp-qemu.so beside the tool.",
        };
        Argument<string[]> more = new("QEMU-ARGS")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "After --: more arguments of QEMU's.",
        };
        Command command = new("host", "Boots an unmodified Linux kernel as an SNP host in QEMU, on this RMP, and reports what it did.")
        {
            demo, kernel, initrd, append, memory, cpus, processor, rmp, check, inject, symbols, trace, qemu, plugin, more,
        };
        command.SetAction(parse =>
        {
            string name = parse.GetValue(processor) ?? ProcessorModel.Milan.Name;
            string kind = parse.GetValue(rmp) ?? Contiguous;
            string how = parse.GetValue(check) ?? Off;
            ulong bytes = parse.GetValue(memory) ?? (2UL << 30);
            int count = parse.GetValue(cpus) ?? 1;
            bool isKnown = ProcessorModel.TryGetPreset(name, out ProcessorModel? model) && model.HasRmp;
            bool isDemo = parse.GetValue(demo);
            string? problem = !isDemo && parse.GetValue(kernel) is null ? "Option '--kernel' is required."
                : isDemo && parse.GetValue(initrd) is not null ? "--demo and --initrd exclude each other: the demo makes its own"
                : !isKnown ? $"--processor: '{name}' is none of milan, genoa, turin, venice"
                : kind is not (Contiguous or Segmented) ? $"--rmp: '{kind}' is neither {Contiguous} nor {Segmented}"
                : how is not (Off or Report or Fault) ? $"--check: '{how}' is none of {Off}, {Report}, {Fault}"
                : kind == Segmented && !model!.HasSegmentedRmp ? $"--rmp: a {name} has no segmented RMP; turin and venice do"
                : bytes is < MachinePlan.LeastMemory or > MachinePlan.MostMemory || bytes % Mebibyte != 0
                    ? "--memory: whole MiB, 256M to 252G"
                : count is < 1 or > MostProcessors ? $"--cpus: 1 to {MostProcessors}"
                : null;
            if (problem is not null) return UsageErrors.Refuse(session, command, problem);
            HostOptions options = new()
            {
                Kernel = parse.GetValue(kernel) ?? "",
                Initrd = parse.GetValue(initrd),
                Append = parse.GetValue(append) ?? "",
                Memory = bytes,
                Processors = count,
                Model = model!,
                IsSegmented = kind == Segmented,
                Check = how == Off ? null : how,
                Inject = parse.GetValue(inject),
                Symbols = parse.GetValue(symbols),
                Trace = parse.GetValue(trace),
                Qemu = parse.GetValue(qemu),
                Plugin = parse.GetValue(plugin),
                More = parse.GetValue(more) ?? [],
            };
            return isDemo ? HostDemo.Run(session, options) : HostRunner.Run(session, options);
        });
        return command;
    }
}
