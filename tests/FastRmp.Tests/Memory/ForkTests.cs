using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Linq;
using Xunit;

namespace FastRmp.Tests.Memory;

/// <summary>What a fork leaves of each kind of block, as Linux reports it: the flags of its mapping in /proc/self/smaps.</summary>
public sealed unsafe class ForkTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("Allocate", false)]
    [InlineData("Reserve", false)]
    [InlineData("Portable", true)]
    [InlineData("Read", true)]
    [InlineData("ReadWrite", true)]
    [InlineData("CopyOnWrite", false)]
    public void A_block_outlives_a_fork_shared_or_as_a_copy(string kind, bool isShared)
    {
        if (!OperatingSystem.IsLinux()) return;
        File.WriteAllBytes(_path, new byte[0x20_0000]);
        using PinnedMemory memory = kind switch
        {
            "Allocate" => PinnedMemory.Allocate(0x20_0000),
            "Reserve" => PinnedMemory.Reserve(0x20_0000),
            "Portable" => PinnedMemory.Reserved(0x20_0000, LargePages.Automatic, isPortable: true),
            _ => PinnedMemory.OpenFile(_path, Enum.Parse<MemoryMappedFileAccess>(kind)),
        };
        string[] flags = FlagsOf((ulong)memory.Pointer);
        Assert.DoesNotContain("dc", flags); // MADV_DONTFORK: the child would have nothing there
        Assert.DoesNotContain("wf", flags); // MADV_WIPEONFORK
        Assert.Equal(isShared, IsShared((ulong)memory.Pointer));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reservation_leaves_no_file_open_that_a_program_started_later_would_inherit(bool isPortable)
    {
        if (!OperatingSystem.IsLinux()) return;
        string[] before = Open();
        using PinnedMemory memory = PinnedMemory.Reserved(0x7654_3000, LargePages.Automatic, isPortable);
        Assert.Equal(0, memory.ReadOnlySpan(0, 1)[0]);
        Assert.DoesNotContain(Open().Except(before), static file => file.Contains("memfd", StringComparison.Ordinal) && Inherits(file));
    }

    private static string[] Open() =>
    [
        .. Directory.GetFiles("/proc/self/fd").Select(static link => $"{link} {new FileInfo(link).LinkTarget}"),
    ];

    private static bool Inherits(string file)
    {
        string info = "/proc/self/fdinfo/" + Path.GetFileName(file.Split(' ')[0]);
        string? flags = File.Exists(info)
            ? File.ReadLines(info).First(static line => line.StartsWith("flags:", StringComparison.Ordinal))
            : null;
        return flags is not null && (Convert.ToInt64(flags.Split(':')[1].Trim(), 8) & 0x8_0000) == 0; // O_CLOEXEC
    }

    private static string[] FlagsOf(ulong address) =>
        File.ReadLines("/proc/self/smaps")
            .SkipWhile(line => !Holds(line, address))
            .First(static line => line.StartsWith("VmFlags:", StringComparison.Ordinal))
            .Split(' ');

    private static bool IsShared(ulong address) =>
        File.ReadLines("/proc/self/smaps").First(line => Holds(line, address)).Split(' ')[1][3] == 's';

    private static bool Holds(string line, ulong address)
    {
        string[] ends = line.Split(' ')[0].Split('-');
        return ends.Length == 2 && Convert.ToUInt64(ends[0], 16) <= address && address < Convert.ToUInt64(ends[1], 16);
    }
}
