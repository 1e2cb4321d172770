using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Host;

/// <summary>What the demo boots: a first process of a few KiB, the kernel's modules of SNP, a module that asks the kernel's own RMP
/// functions, and what all of them have to do.</summary>
internal sealed class DemoGuest
{
    /// <summary>The C compiler, unless CC names one.</summary>
    internal const string DefaultCompiler = "cc";

    private const string InitSource = "guest/init.c";
    private const string ProbeSource = "guest/rmp_probe.c";
    private const string ProbeBuild = "guest/build";
    private const string ProbeModule = "rmp_probe.ko";
    private const string FlagsMark = "// flags: ";

    private DemoGuest(IReadOnlyList<string> modules, bool hasProbe)
    {
        Modules = modules;
        HasProbe = hasProbe;
    }

    /// <summary>The files of the kernel's modules; none if they are not there.</summary>
    internal IReadOnlyList<string> Modules { get; }

    /// <summary>Whether the module that asks the kernel's own functions is there.</summary>
    internal bool HasProbe { get; }

    /// <summary>Builds all of it.</summary>
    /// <param name="session">Where it is told what is left out.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="compiler">The C compiler, with arguments behind blanks.</param>
    /// <param name="folder">A folder for what is made.</param>
    /// <param name="initrd">Where the initial RAM disk is written.</param>
    /// <param name="problem">Why it is not built, or null.</param>
    /// <returns>What was built, or null.</returns>
    internal static DemoGuest? Build(
        Session session, KernelFile kernel, string compiler, string folder, string initrd, out string? problem)
    {
        string program = Path.Combine(folder, "init");
        problem = Compile(compiler, folder, program);
        if (problem is not null) return null;
        IReadOnlyList<string> modules = kernel.FindModules("ccp", "irqbypass", "kvm", "kvm-amd");
        if (modules.Count == 0)
        {
            session.Remark(
                $"{kernel.Path}: there are no modules ccp, irqbypass, kvm and kvm-amd of {kernel.Name} beside it, so that no guest is launched");
        }

        string? probe = Probe(session, kernel, folder);
        DemoGuest guest = new(modules, probe is not null);
        using FileStream output = File.Create(initrd);
        CpioArchive archive = new(output);
        foreach (string name in (ReadOnlySpan<string>)["proc", "sys", "dev", "modules"]) archive.AddFolder(name);
        archive.AddProgram("init", File.ReadAllBytes(program));
        archive.AddFile("job", System.Text.Encoding.ASCII.GetBytes(guest.Job()));
        foreach (string module in modules) archive.AddFile($"modules/{Path.GetFileName(module)}", File.ReadAllBytes(module));
        if (probe is not null) archive.AddFile($"modules/{ProbeModule}", File.ReadAllBytes(probe));
        archive.End();
        return guest;
    }

    /// <summary>The lines that the first process carries out.</summary>
    internal string Job()
    {
        List<string> lines = [.. Modules.Select(static module => $"module /modules/{Path.GetFileName(module)}")];
        lines.Add("sleep 1000");
        if (HasProbe)
        {
            lines.AddRange(
            [
                $"module /modules/{ProbeModule}", "say the kernel's own functions give pages to a guest and take them back",
                "tell /proc/rmp_probe region", "show before", "tell /proc/rmp_probe private 5 2", "tell /proc/rmp_probe shared 5 2",
                "tell /proc/rmp_probe region", "tell /proc/rmp_probe private2m", "tell /proc/rmp_probe smash",
                "tell /proc/rmp_probe shared 0 512", "show after",
            ]);
        }

        if (Modules.Count != 0) lines.AddRange(["say KVM launches a guest and takes it down", "launch 16", "sleep 500"]);
        if (HasProbe)
        {
            lines.AddRange(
            [
                "say an error on purpose: a page goes to a guest, the kernel does not know it and writes to the one beside it",
                "tell /proc/rmp_probe region", "tell /proc/rmp_probe plant 3", "tell /proc/rmp_probe store 4",
                "tell /proc/rmp_probe unplant 3",
            ]);
        }

        if (Modules.Count != 0) lines.AddRange(["say SNP is shut down", "remove kvm_amd", "remove ccp"]);
        lines.Add("sleep 200");
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Compiles the first process.</summary>
    /// <returns>What is wrong, or null.</returns>
    private static string? Compile(string compiler, string folder, string program)
    {
        string source = Path.Combine(folder, "init.c");
        Extract(InitSource, source);
        string[] words = compiler.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> flags = File.ReadLines(source).Where(static line => line.StartsWith(FlagsMark, StringComparison.Ordinal))
            .SelectMany(static line => line[FlagsMark.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        try
        {
            int code = ChildProcess.Run(words[0], [.. words[1..], .. flags, "-o", program, source], out _, out string errors);
            return code == 0 ? null : $"--demo: {compiler} did not compile the first process (exit code {code}):\n{errors.TrimEnd()}";
        }
        catch (IOException failure)
        {
            return $"--demo needs a C compiler for the first process: {failure.Message}; CC names another one than {DefaultCompiler}";
        }
    }

    /// <summary>Builds the module for a kernel whose headers are there.</summary>
    /// <returns>Its file, or null.</returns>
    private static string? Probe(Session session, KernelFile kernel, string folder)
    {
        string source = Path.Combine(folder, "rmp_probe.c");
        string output = Path.Combine(folder, ProbeModule);
        string? headers = kernel.FindHeaders();
        string? build = kernel.FindBuild();
        if (headers is null && build is null)
        {
            session.Remark($"{kernel.Path}: there are no headers of {kernel.Name} beside it, so that its own RMP functions are not asked");
            return null;
        }

        Extract(ProbeSource, source);
        string script = Path.Combine(folder, "build");
        Extract(ProbeBuild, script);
        File.WriteAllText(Path.Combine(folder, "Makefile"), "obj-m := rmp_probe.o\n");
        string errors = "";
        try
        {
            string[] make = ["-C", build ?? "", $"M={folder}", "modules"];
            if (build is not null && ChildProcess.Run("make", make, out _, out errors) == 0) return output;
            if (headers is not null && ChildProcess.Run("bash", [script, headers, output], out _, out errors) == 0) return output;
        }
        catch (IOException failure)
        {
            errors = failure.Message;
        }

        session.Remark($"the module that asks the kernel's own functions was not built: {errors.TrimEnd().Split('\n')[^1]}");
        session.Detail(errors);
        return null;
    }

    private static void Extract(string name, string path)
    {
        using Stream source = typeof(DemoGuest).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is missing.");
        using FileStream file = File.Create(path);
        source.CopyTo(file);
    }
}
