using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Linq;
using Xunit;

namespace FastRmp.Tests.Memory;

public sealed class FileMappingTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void What_is_written_to_a_shared_mapping_reaches_the_file_and_every_other_mapping()
    {
        File.WriteAllBytes(_path, new byte[0x1803]);
        using (PinnedMemory memory = PinnedMemory.OpenFile(_path, MemoryMappedFileAccess.ReadWrite))
        {
            using PinnedMemory again = PinnedMemory.OpenFile(_path, MemoryMappedFileAccess.ReadWrite);
            Assert.Equal((0x1803UL, false), (memory.Length, memory.IsReadOnly));
            memory.Span(0, 1)[0] = 1;
            memory.Span(0x1802, 1)[0] = 2;
            Assert.True(memory.View(default).TryCompareExchange(PhysicalAddress.Create(0x1000), 3, 0, out _));
            Assert.Equal((1, 2, 3), (again.ReadOnlySpan(0, 1)[0], again.ReadOnlySpan(0x1802, 1)[0], again.ReadOnlySpan(0x1000, 1)[0]));
        }

        byte[] file = File.ReadAllBytes(_path);
        Assert.Equal((0x1803, 1, 2, 3, 6), (file.Length, file[0], file[0x1802], file[0x1000], file.Sum(static value => value)));
    }

    [Fact]
    public void What_is_written_to_a_copy_on_write_mapping_stays_in_it()
    {
        byte[] content = [.. Enumerable.Range(0, 0x2000).Select(static i => (byte)i)];
        File.WriteAllBytes(_path, content);
        using PinnedMemory memory = PinnedMemory.OpenFile(_path, MemoryMappedFileAccess.CopyOnWrite);
        using PinnedMemory other = PinnedMemory.OpenFile(_path, MemoryMappedFileAccess.CopyOnWrite);
        Assert.Equal((0x2000UL, false), (memory.Length, memory.IsReadOnly));
        Assert.Equal(content, memory.ReadOnlySpan(0, 0x2000));
        memory.Span(0, 0x2000).Fill(0xEE);
        Assert.Equal(content, other.ReadOnlySpan(0, 0x2000));
        memory.Dispose();
        Assert.Equal(content, File.ReadAllBytes(_path));
    }

    [Fact]
    public void A_file_that_may_not_be_written_can_be_changed_in_memory()
    {
        File.WriteAllBytes(_path, new byte[0x1000]);
        File.SetAttributes(_path, FileAttributes.ReadOnly);
        try
        {
            using PinnedMemory memory = PinnedMemory.OpenFile(_path, MemoryMappedFileAccess.CopyOnWrite);
            memory.Span(8, 8).Fill(1);
            Assert.Equal(1, memory.ReadOnlySpan(15, 1)[0]);
            Assert.Equal(0, File.ReadAllBytes(_path)[15]);
            if (!Environment.IsPrivilegedProcess)
            {
                Assert.Throws<UnauthorizedAccessException>(() => PinnedMemory.OpenFile(_path, MemoryMappedFileAccess.ReadWrite));
            }
        }
        finally
        {
            File.SetAttributes(_path, FileAttributes.Normal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(15)]
    public void A_view_of_a_short_file_has_its_whole_quadwords(int length)
    {
        File.WriteAllBytes(_path, new byte[length]);
        using PinnedMemory memory = PinnedMemory.OpenFile(_path, MemoryMappedFileAccess.CopyOnWrite);
        PinnedMemoryView view = memory.View(PhysicalAddress.Create(0x1000));
        Assert.Equal(length >= 8, view.TryRead(PhysicalAddress.Create(0x1000), out _));
        Assert.False(view.TryRead(PhysicalAddress.Create(0x1008), out _));
        Assert.False(view.TryCompareExchange(PhysicalAddress.Create(0x1008), 1, 0, out _));
        Assert.False(view.TryRead(default, out _));
    }

    [Theory]
    [InlineData(MemoryMappedFileAccess.Read)]
    [InlineData(MemoryMappedFileAccess.ReadWrite)]
    [InlineData(MemoryMappedFileAccess.CopyOnWrite)]
    public void An_empty_or_missing_file_is_refused(MemoryMappedFileAccess access)
    {
        Assert.Throws<IOException>(() => PinnedMemory.OpenFile(_path, access));
        Assert.Throws<FileNotFoundException>(() => PinnedMemory.OpenFile(_path + ".absent", access));
    }

    [Fact]
    public void A_mapping_that_is_none_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>("access", () => PinnedMemory.OpenFile(_path, (MemoryMappedFileAccess)9));
}
