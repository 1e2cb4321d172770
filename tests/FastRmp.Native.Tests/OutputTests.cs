using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using FastRmp.Native.Tests.Support;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>What a publish lays out.</summary>
public sealed partial class OutputTests
{
    private const long MostBytes = 1_500_000;

    [Fact]
    public void There_is_one_library_of_the_size_promised()
    {
        string[] names =
        [
            .. Directory.GetFiles(Published.Folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(["fastrmp-static.pc", "fastrmp.h", "fastrmp.pc", "libfastrmp.a", "libfastrmp.so"], names);
        Assert.InRange(new FileInfo(Published.Library).Length, 1, MostBytes);
    }

    [Fact]
    public void The_header_is_that_of_the_repository() => Assert.Equal(
        File.ReadAllText(Path.Combine(Places.Repository, "src/FastRmp.Native/include/fastrmp.h")),
        File.ReadAllText(Path.Combine(Published.Folder, "fastrmp.h")));

    [Theory]
    [InlineData("-D", "libfastrmp.so")]
    [InlineData("-g", "libfastrmp.a")]
    public async Task Library_and_archive_export_what_the_header_declares(string option, string file)
    {
        string path = Path.Combine(Published.Folder, file);
        Published.Need("nm");
        string listing = await Programs.Succeed("nm", option, "--defined-only", path);
        string[] exported =
        [
            .. Symbol().Matches(listing).Select(static match => match.Groups["name"].Value).Where(static name => name != "V1.0")
                .Order(StringComparer.Ordinal),
        ];
        string header = await File.ReadAllTextAsync(
            Path.Combine(Published.Folder, "fastrmp.h"), TestContext.Current.CancellationToken);
        string[] declared =
        [
            .. Declaration().Matches(header).Select(static match => match.Groups["name"].Value).Order(StringComparer.Ordinal),
        ];
        Assert.Equal(declared, exported);
        Assert.InRange(declared.Length, 40, int.MaxValue);
    }

    [Fact]
    public async Task The_library_stays_loaded_and_has_a_name()
    {
        string library = Published.Library;
        Published.Need("readelf");
        string dynamic = await Programs.Succeed("readelf", "-d", library);
        Assert.Contains("NODELETE", dynamic, StringComparison.Ordinal);
        Assert.Contains("soname: [libfastrmp.so]", dynamic, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cc", "c", "c11")]
    [InlineData("clang", "c", "c11")]
    [InlineData("c++", "cc", "c++11")]
    [InlineData("c++", "cc", "c++17")]
    [InlineData("c++", "cc", "c++20")]
    [InlineData("clang++", "cc", "c++17")]
    [InlineData("clang++", "cc", "c++20")]
    public async Task The_header_and_its_macros_are_clean_by_themselves(string compiler, string extension, string standard)
    {
        string library = Published.Folder;
        Published.Need(compiler);
        using TemporaryFolder folder = new();
        string source = folder.File("program." + extension);
        await File.WriteAllTextAsync(source, EveryMacro, TestContext.Current.CancellationToken);
        await Programs.Succeed(
            compiler, $"-std={standard}", "-Wall", "-Wextra", "-Werror", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow",
            "-Wcast-qual", extension == "cc" ? "-Wold-style-cast" : "-Wstrict-prototypes", $"-I{library}", "-fsyntax-only", source);
    }

    // Macros are read where they are used, with the warnings of that place.
    private const string EveryMacro = """
        #include <fastrmp.h>
        frmp_cpu cpu(uint32_t asid, uint32_t vmpl);
        frmp_cpu cpu(uint32_t asid, uint32_t vmpl) { return FRMP_CPU_GUEST(asid, vmpl); }
        uint32_t word(frmp_word value);
        uint32_t word(frmp_word value)
        {
            if (FRMP_IS_CONTENTION(value)) return FRMP_ERROR_OF(value);
            return FRMP_STATUS_OF(value) + FRMP_FAULT_OF(value) + FRMP_CARRY_OF(value);
        }
        int store(const struct frmp_view *view, uint64_t address);
        int store(const struct frmp_view *view, uint64_t address) { return frmp_may_write(view, address, FRMP_PAGE_2M); }

        """;

    [GeneratedRegex(@"^[0-9a-f]+ [A-Z] (?<name>[^@\s]+)", RegexOptions.Multiline)]
    private static partial Regex Symbol();

    [GeneratedRegex(@"^(?:int32_t|uint32_t|uint64_t|size_t|frmp_word) (?<name>frmp_\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
