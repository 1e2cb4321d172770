using System;
using System.IO;
using System.Threading.Tasks;
using FastRmp.Native.Tests.Support;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>The library inside a C program: signals, threads, fork, and the C side under the tools that watch memory.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Signals_threads_and_fork()
    {
        using TemporaryFolder folder = new();
        string program = await Programs.Compile("process.c", folder);
        (int code, string output) = await Programs.Run(program, null);
        Assert.Equal((0, "ok\n"), (code, output));
    }

    [Fact]
    public async Task The_library_stays_after_dlclose()
    {
        Published.Need("cc");
        using TemporaryFolder folder = new();
        string program = folder.File("unload");
        string source = Path.Combine(AppContext.BaseDirectory, "Programs", "unload.c");
        await Programs.Succeed("cc", [.. Programs.StrictC, source, "-o", program, "-ldl", "-lpthread"]);
        (int code, string output) = await Programs.Run(program, null, Published.Library);
        Assert.Equal((0, "ok\n"), (code, output));
    }

    [Fact]
    public async Task A_plugin_with_the_archive_stays_after_dlclose()
    {
        _ = Published.Folder;
        Published.Need("cc");
        Published.Need("pkg-config");
        using TemporaryFolder folder = new();
        string source = folder.File("plugin.c");
        await File.WriteAllTextAsync(
            source, "#include <fastrmp.h>\nint32_t plug(void);\nint32_t plug(void) { return frmp_init(FRMP_ABI_VERSION); }\n",
            TestContext.Current.CancellationToken);
        string flags = await Programs.Succeed("pkg-config", "--cflags", "--libs", "fastrmp-static");
        string plugin = folder.File("plugin.so");
        await Programs.Succeed(
            "cc",
            [
                .. Programs.StrictC, "-shared", "-fPIC", source, "-o", plugin,
                .. flags.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
            ]);
        string program = folder.File("unload");
        string host = Path.Combine(AppContext.BaseDirectory, "Programs", "unload.c");
        await Programs.Succeed("cc", [.. Programs.StrictC, host, "-o", program, "-ldl", "-lpthread"]);
        (int code, string output) = await Programs.Run(program, null, plugin);
        Assert.Equal((0, "ok\n"), (code, output));
    }

    [Theory]
    [InlineData("store.c")]
    [InlineData("fuzz.c")]
    public async Task The_c_side_is_clean_under_address_sanitizer(string example)
    {
        using TemporaryFolder folder = new();
        string source = Path.Combine(Places.Examples, example);
        string program = await Programs.CompileFile(
            source, folder, "-DFUZZ_MAIN", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all");
        byte[] input = new byte[4_000];
        new Random(5).NextBytes(input);
        string known = folder.File("known"); // what the runtime allocates once
        await File.WriteAllTextAsync(known, "leak:frmp_init\n", TestContext.Current.CancellationToken);
        (int code, string output) = await Programs.Run("env", input, $"LSAN_OPTIONS=suppressions={known}:print_suppressions=0", program);
        Assert.True(code == 0, output);
        Assert.DoesNotContain("Sanitizer", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_under_valgrind_reports_nothing_of_the_c_side()
    {
        Published.Need("valgrind");
        using TemporaryFolder folder = new();
        string program = await Programs.CompileFile(Path.Combine(Places.Examples, "store.c"), folder, "-g");
        (int code, string output) = await Programs.Run(
            "valgrind", null, "--error-exitcode=99", "--undef-value-errors=no", "--errors-for-leak-kinds=none", program);
        Assert.True(code == 0, output);
        Assert.Contains("PVALIDATE: EAX 0, CF 0", output, StringComparison.Ordinal);
    }
}
