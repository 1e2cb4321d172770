using System;
using System.IO;
using System.Threading.Tasks;
using FastRmp.Native.Tests.Support;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>The examples compile without a warning and do what they say.</summary>
public sealed class ExampleTests
{
    private static string Of(string name) => Path.Combine(Places.Examples, name);

    [Fact]
    public async Task The_c_example_runs_with_the_shared_library()
    {
        using TemporaryFolder folder = new();
        string output = await Programs.Succeed(await Programs.CompileFile(Of("store.c"), folder));
        RequireStore(output);
    }

    [Fact]
    public async Task The_c_example_runs_with_the_static_archive_alone()
    {
        Published.Need("cc");
        Published.Need("pkg-config");
        using TemporaryFolder folder = new();
        string flags = await Programs.Succeed("pkg-config", "--cflags", "--libs", "fastrmp-static");
        string program = folder.File("store");
        await Programs.Succeed(
            "cc", [.. Programs.StrictC, Of("store.c"), "-o", program, .. Words(flags)]);
        RequireStore(await Programs.Succeed(program));
        Assert.DoesNotContain("libfastrmp", await Programs.Succeed("ldd", program), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cpp_example_runs_by_pkg_config()
    {
        Published.Need("c++");
        Published.Need("pkg-config");
        using TemporaryFolder folder = new();
        string flags = await Programs.Succeed("pkg-config", "--cflags", "--libs", "fastrmp");
        string program = folder.File("walk");
        await Programs.Succeed(
            "c++",
            [.. Programs.StrictCpp, Of("walk.cpp"), "-o", program, .. Words(flags)]);
        Assert.Equal(
            """
            write: status 1, address 0x5123
            RMPUPDATE: EAX 0
            write: status 4, error code 0x80000003
            read: status 1, address 0x5000
            read: status 0, address 0x4040
            read: status 1, address 0x5fff

            """,
            await Programs.Succeed(program));
    }

    [Fact]
    public async Task The_rust_example_runs()
    {
        string library = Published.Folder;
        Published.Need("rustc");
        using TemporaryFolder folder = new();
        string program = folder.File("store");
        await Programs.Succeed("rustc", "--edition", "2021", "-D", "warnings", "-L", library, Of("store.rs"), "-o", program);
        Assert.Equal("store before: 0x0\nRMPUPDATE: 0x0\nstore after: 0x80000003\n", await Programs.Succeed(program));
    }

    [Fact]
    public async Task The_rust_example_runs_with_the_static_archive()
    {
        string library = Published.Folder;
        Published.Need("rustc");
        using TemporaryFolder folder = new();
        string program = folder.File("store");
        await Programs.Succeed(
            "rustc", "--edition", "2021", "-D", "warnings", "-L", library, "-l", "static=fastrmp", Of("store.rs"), "-o", program);
        Assert.StartsWith("store before: 0x0\n", await Programs.SucceedAlone(program), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bfd")]
    [InlineData("gold")]
    [InlineData("lld")]
    [InlineData("mold")]
    public async Task The_archive_serves_every_linker_that_drops_unused_sections(string linker)
    {
        string library = Published.Folder;
        Published.Need("clang");
        Published.Need("ld." + linker);
        using TemporaryFolder folder = new();
        string program = folder.File("store");
        await Programs.Succeed(
            "clang", "-std=c11", "-O2", $"-fuse-ld={linker}", "-Wl,--gc-sections", $"-I{library}", Of("store.c"),
            Path.Combine(library, "libfastrmp.a"), "-lpthread", "-ldl", "-lm", "-o", program);
        RequireStore(await Programs.SucceedAlone(program));
    }

    [Fact]
    public async Task The_program_of_the_readme_prints_what_it_says()
    {
        _ = Published.Folder;
        string readme = await File.ReadAllTextAsync(Path.Combine(Places.Repository, "README.md"), TestContext.Current.CancellationToken);
        string text = readme.Split("```c\n")[1].Split("```")[0];
        string printed = text.Split("// prints ")[1].Split('\n')[0];
        Assert.Equal(printed + "\n", await Programs.RunText(text));
    }

    [Fact]
    public async Task The_fuzz_target_holds_on_random_bytes()
    {
        using TemporaryFolder folder = new();
        string program = await Programs.CompileFile(Of("fuzz.c"), folder, "-DFUZZ_MAIN");
        for (int seed = 0; seed < 20; seed++)
        {
            byte[] input = new byte[16_000];
            new Random(seed).NextBytes(input);
            (int code, string output) = await Programs.Run(program, input);
            Assert.True(code == 0, $"seed {seed}: {code}\n{output}");
        }
    }

    [Fact]
    public async Task The_fuzz_target_holds_under_libfuzzer()
    {
        string library = Published.Folder;
        Published.Need("clang");
        using TemporaryFolder folder = new();
        string program = folder.File("fuzz");
        (int code, string output) = await Programs.Run(
            "clang", null, "-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=fuzzer", $"-I{library}", Of("fuzz.c"), "-o",
            program, $"-L{library}", "-lfastrmp");
        Assert.SkipWhen(output.Contains("libclang_rt", StringComparison.Ordinal), "There is no runtime of libFuzzer here.");
        Assert.True(code == 0, output);
        output = await Programs.Succeed(program, "-runs=3000", "-max_len=512", "-seed=1", $"-artifact_prefix={folder.File("found-")}");
        Assert.Contains("DONE", output, StringComparison.Ordinal);
    }

    private static string[] Words(string flags) => flags.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static void RequireStore(string output) => Assert.Equal(
        """
        store before: passes
        RMPUPDATE: EAX 0, fault 0
        store after: faults
        store beside it, 4 KiB mapping: passes
        store beside it, 2 MiB mapping: faults
        #PF error code: 0x80000003
        PVALIDATE: EAX 0, CF 0
        PVALIDATE of another guest: fault 3, EXITINFO1 0x480000005
        entry: ASID 5, validated 1, state 12

        """,
        output);
}
