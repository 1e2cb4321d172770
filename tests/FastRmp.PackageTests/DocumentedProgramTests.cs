using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace FastRmp.PackageTests;

/// <summary>What the README and docs/embedding.md show is built and run from the packages alone.</summary>
public sealed class DocumentedProgramTests(PackedFeed feed)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_program_of_the_readme_runs_with_the_library(int number) => await RunReadme(await feed.Library, number);

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_program_of_the_readme_runs_with_the_images_package(int number)
    {
        ConsumerProject project = await feed.Images;
        Copy("linux-4level/core.elf", project, "host.core");
        Copy("page-trace/trace.txt.gz", project, "trace.txt.gz");
        Copy("page-trace/iomem.txt", project, "iomem.txt");
        await RunReadme(project, number);
    }

    [Fact]
    public void The_readme_has_four_programs_and_needs_four_namespaces()
    {
        List<string> programs = DocumentedPrograms.In("README.md");
        Assert.Equal(4, programs.Count);
        HashSet<string> namespaces = [.. programs.SelectMany(static program => program.Split('\n'))
            .Where(static line => line.StartsWith("using FastRmp", StringComparison.Ordinal))];
        Assert.InRange(namespaces.Count, 1, 4);
    }

    [Fact]
    public async Task The_host_of_the_document_on_embedding_runs_with_the_library()
    {
        string program = DocumentedPrograms.In("docs/embedding.md")[0];
        string printed = await (await feed.Library).Run(
            "Host", program + "Console.WriteLine($\"{write.Status} 0x{code.Value:x}, {outcome}, {again.Status}\");\n");
        Assert.Equal("RmpViolation 0x80000003, Split, Mapped", printed);
    }

    [Fact]
    public async Task The_batch_of_the_document_on_embedding_runs_with_the_library()
    {
        string program = DocumentedPrograms.In("docs/embedding.md")[2];
        string printed = await (await feed.Library).Run(
            "Batch", program + "Console.WriteLine($\"{update.Status}, {refused} 0x{faults[70].Value:x}, {states[70]}, {states[71]}\");\n");
        Assert.Equal("Success, 70 0x80000003, GuestInvalid, Hypervisor", printed);
    }

    [Fact]
    public async Task The_image_of_the_document_on_embedding_runs_with_the_images_package()
    {
        ConsumerProject project = await feed.Images;
        Copy("real-kernel/nativeaot-7.3.core.elf.gz", project, "host.core");
        Copy("real-kernel/nativeaot-7.3.rmp-at-40000000.bin.gz", project, "rmp.bin");
        List<string> programs = DocumentedPrograms.In("docs/embedding.md");
        Assert.Equal(4, programs.Count);
        string[] expected =
        [
            "Size4K leaf at 0x3203000; 0 pages where writes would fault",
            "6 of 12 regions without an assigned page could be whole",
        ];
        Assert.Equal(expected, (await project.Run("HostImage", programs[3])).Split(Environment.NewLine));
    }

    [Fact]
    public async Task An_emulators_MMU_is_one_program()
    {
        string[] expected =
        [
            "write: 0x401234",
            "write: 0x401238",
            "RMPUPDATE: EAX=0, ZF=1, CF=0",
            "write: #PF 0x80000003",
            "read: 0x401234",
            "RMPUPDATE: PageFault 0x0 at 0x40000000",
            "RMPUPDATE: EAX=0, ZF=1, CF=0",
            "RMPUPDATE: EAX=0, ZF=1, CF=0",
            "PVALIDATE: EAX=0, ZF=1, CF=0",
            "PVALIDATE: EAX=0, ZF=1, CF=1",
            "PSMASH: EAX=0, ZF=1, CF=0",
            "PSMASH: EAX=1, ZF=0, CF=0",
            "1 hits, 3 misses",
        ];
        Assert.Equal(expected, (await (await feed.Library).Run("Mmu")).Split(Environment.NewLine));
    }

    [Fact]
    public async Task A_hypervisors_unit_test_injects_contention() =>
        Assert.Equal("6 checks passed", await (await feed.Library).Run("InjectedContention"));

    [Fact]
    public async Task A_table_over_a_raw_dump_lists_the_pages_of_a_guest()
    {
        ConsumerProject project = await feed.Library;
        byte[] dump = RawTable();
        string path = Path.Combine(project.Folder, "rmp.raw");
        await File.WriteAllBytesAsync(path, dump);
        string[] expected = ["0x205000 Size4K of guest page 0x12345000", "0x400000 Size2M of guest page 0x40000000"];
        Assert.Equal(expected, (await project.Run("DumpedTable")).Split(Environment.NewLine));
        Assert.Equal(dump, await File.ReadAllBytesAsync(path));
    }

    // 1 MiB: 16 KiB of bookkeeping, then 16 bytes for each page. Written by hand, so that the table has nothing to do with what reads it.
    private static byte[] RawTable()
    {
        byte[] table = new byte[1 << 20];
        Entry(page: 0x200, 2UL << 3); // Subpage_Count: two of the region's pages are assigned
        Entry(page: 0x205, 0x1234_5000UL | 5UL << 51 | 1);
        Entry(page: 0x207, 0x0765_4000UL | 6UL << 51 | 1);
        Entry(page: 0x400, 0x4000_0000UL | 5UL << 51 | 3);
        for (int page = 0x401; page < 0x600; page++) Entry(page, 1);
        return table;

        void Entry(int page, ulong low) => BitConverter.TryWriteBytes(table.AsSpan(0x4000 + (page * 16)), low);
    }

    private static async Task RunReadme(ConsumerProject project, int number)
    {
        string program = DocumentedPrograms.In("README.md")[number - 1];
        Assert.Equal(DocumentedPrograms.PrintedBy(program), await project.Run($"Readme{number}", program));
    }

    private static void Copy(string fixture, ConsumerProject project, string name) =>
        File.Copy(Path.Combine(DotNet.RepositoryRoot, "tests", "Fixtures", fixture), Path.Combine(project.Folder, name), overwrite: true);
}
