using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace FastRmp.Qemu.Tests.Published;

/// <summary>The published plugin in a program that is as much of QEMU as it calls: <c>Programs/host.c</c>.</summary>
public sealed class PublishedPluginTests : IDisposable
{
    private const string Variable = "FASTRMP_QEMU_PLUGIN";
    private readonly string _folder = Directory.CreateTempSubdirectory("fastrmp-plugin-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_is_installed_and_executes_what_the_emulator_does_not_know()
    {
        (int code, string output) = await Host("rmp=0x2000000-0x20fffff", $"trace={In("trace")}");
        Assert.True(code == 0, output);
        string report = await File.ReadAllTextAsync(In("report"), TestContext.Current.CancellationToken);
        Assert.StartsWith(
            """
            fastrmp: milan, RMP at 0x2000000 to 0x20fffff, SNP on 2 of 2 processors
            fastrmp: at the end 0 of 64512 pages are assigned, and the RMP is consistent
            fastrmp: direct map at the start: 0 leaves of 4 KiB, 32 of 2 MiB, 0 of 1 GiB
            fastrmp: direct map at the end: 512 leaves of 4 KiB, 31 of 2 MiB, 0 of 1 GiB
            fastrmp: direct map split 1 times at 2 MiB and 0 at 1 GiB, joined 0 and 0
            fastrmp: direct map by the kernel's own counters on the console: direct_map_level2_splits +1
            fastrmp: direct map by its tables in the same time: the same
            fastrmp: violations 0

            """,
            report,
            StringComparison.Ordinal);
        string trace = await File.ReadAllTextAsync(In("trace"), TestContext.Current.CancellationToken);
        Assert.Contains(" cpu1 split spa=0xa00000 size=2m\n", trace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fastrmp: rmp=0x2000000: write FIRST-LAST", "rmp=0x2000000")]
    [InlineData("fastrmp: no option is called speed", "rmp=0x2000000-0x20fffff", "speed=1")]
    [InlineData("fastrmp: inject=no: ", "rmp=0x2000000-0x20fffff", "inject=no")]
    public async Task It_refuses_options_that_are_none(string message, params string[] options)
    {
        (int code, string output) = await Host(options);
        Assert.Equal(2, code);
        Assert.StartsWith(message, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_stops_where_the_file_is_not_what_the_kernel_runs_in()
    {
        (int code, string output) = await Host("rmp=0x2000000-0x20fffff", "other-ram");
        Assert.Equal(3, code);
        Assert.Contains($"ram={In("ram")} is not the RAM that the kernel runs in", output, StringComparison.Ordinal);
    }

    private string In(string name) => Path.Combine(_folder, name);

    private async Task<(int Code, string Output)> Host(params string[] options)
    {
        string plugin = Environment.GetEnvironmentVariable(Variable) ?? "";
        Assert.SkipWhen(
            plugin.Length == 0,
            $"{Variable} names no fastrmp-qemu.so: dotnet publish src/FastRmp.Qemu -c Release -r linux-x64 -o FOLDER makes one.");
        Assert.SkipUnless(File.Exists("/usr/bin/cc"), "There is no C compiler here.");
        (int code, string output) = await Run(
            "/usr/bin/cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-rdynamic", "-o", In("host"),
            Path.Combine(AppContext.BaseDirectory, "Programs", "host.c"), "-ldl");
        Assert.True(code == 0, output);
        return await Run(In("host"), [plugin, In("ram"), In("report"), .. options]);
    }

    private static async Task<(int Code, string Output)> Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
