using System;
using System.IO;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Host;

/// <summary><c>fastrmp host --demo</c>: makes what there is to boot beside a kernel, boots it, and says what is seen.</summary>
internal static class HostDemo
{
    private const string Kernels = "/boot";

    internal static int Run(Session session, HostOptions options) => Run(
        session, options, Environment.GetEnvironmentVariable("CC") is { Length: > 0 } named ? named : DemoGuest.DefaultCompiler);

    /// <summary>Runs it.</summary>
    /// <param name="session">The outputs.</param>
    /// <param name="options">The machine; the kernel may be empty.</param>
    /// <param name="compiler">The C compiler.</param>
    internal static int Run(Session session, HostOptions options, string compiler)
    {
        if (options.Kernel.Length == 0)
        {
            if (KernelFile.Newest(Kernels) is not { } newest)
            {
                return HostRunner.Refuse(
                    session,
                    $"--demo: there is no kernel in {Kernels} that this user may read; --kernel names one, docs/qemu.md says how to fetch some");
            }

            options = options with { Kernel = newest };
        }

        if (!HostRunner.TryPrepare(session, options, out string qemu, out string plugin)) return ExitCode.BadInput;
        string folder = Directory.CreateTempSubdirectory("fastrmp-demo-").FullName;
        try
        {
            KernelFile kernel = KernelFile.Open(options.Kernel, out string? problem)!;
            string initrd = Path.Combine(folder, "initrd");
            string trace = options.Trace ?? Path.Combine(Path.GetTempPath(), $"{Path.GetFileName(folder)}.trace");
            DemoGuest? guest = DemoGuest.Build(session, kernel, compiler, folder, initrd, out problem);
            if (guest is null) return HostRunner.Refuse(session, problem!);
            Guide(session.Output, options, kernel, guest);
            session.Output.Flush();
            int code = HostRunner.Run(
                session,
                options with { Initrd = initrd, Trace = trace, Check = options.Check ?? "report", Append = $"panic=-1 {options.Append}" },
                qemu, plugin);
            if (File.Exists(trace)) session.Output.WriteLine($"The events are in {trace}, which 'fastrmp replay' reads.");
            return code;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Guide(Output output, HostOptions options, KernelFile kernel, DemoGuest guest)
    {
        output.WriteLine($"An SNP host without SNP hardware: {kernel.Path}, as on a {options.Model.Name}.");
        output.WriteLine("On its console will be seen, between the kernel's other messages:");
        output.WriteLine("  SEV-SNP: RMP table …        the kernel finds the RMP, in this machine's memory");
        if (guest.Modules.Count != 0)
        {
            output.WriteLine("  kvm_amd: SEV-SNP enabled    ccp has initialised the firmware (SNP_INIT_EX), and KVM takes it");
        }

        if (guest.HasProbe)
        {
            output.WriteLine("  rmp_probe: …                a module asks the kernel's own rmp_make_private, psmash and rmp_make_shared");
        }

        if (guest.Modules.Count != 0)
        {
            output.WriteLine("  === KVM_…                   KVM creates an SNP guest, launches its pages and takes it down");
        }

        if (guest.HasProbe)
        {
            output.WriteLine("  rmp_probe: plant, store     an error on purpose, which the report at the end explains");
        }

        output.WriteLine("  fastrmp: …                  the report: what the kernel asked of the RMP and of the firmware, and the answers");
        output.WriteLine(string.Empty);
    }
}
