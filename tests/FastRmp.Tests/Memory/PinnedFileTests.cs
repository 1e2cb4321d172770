using System;
using System.IO;
using Xunit;

namespace FastRmp.Tests.Memory;

public sealed class PinnedFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(1)]
    [InlineData(0x1000)]
    [InlineData(0x2345)]
    public void A_mapped_file_has_the_length_and_bytes_of_the_file(int length)
    {
        byte[] content = Bytes(length);
        File.WriteAllBytes(_path, content);
        using PinnedMemory memory = PinnedMemory.OpenFile(_path);
        Assert.Equal((ulong)length, memory.Length);
        Assert.True(memory.IsReadOnly);
        Assert.Equal(content, memory.ReadOnlySpan(0, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = memory.ReadOnlySpan((ulong)length, 1); });
    }

    [Fact]
    public void A_mapped_file_refuses_to_be_changed()
    {
        File.WriteAllBytes(_path, Bytes(0x1000));
        using PinnedMemory memory = PinnedMemory.OpenFile(_path);
        Assert.Throws<InvalidOperationException>(() => { _ = memory.Span(0, 1); });
        Assert.Throws<InvalidOperationException>(() => { _ = memory.View(default); });
    }

    [Fact]
    public void A_mapped_file_serves_as_the_block_of_sparse_memory()
    {
        File.WriteAllBytes(_path, Bytes(0x1003));
        using PinnedMemory memory = PinnedMemory.OpenFile(_path);
        SparsePhysicalMemory sparse = new(memory, [new MemorySegment(PhysicalAddress.Create(0x8000), 3, 0x1000)]);
        SparseMemoryView view = sparse.View();
        Assert.True(view.TryRead(PhysicalAddress.Create(0x8FF8), out ulong value));
        Assert.Equal(BitConverter.ToUInt64(Bytes(0x1003), 0xFFB), value);
    }

    [Fact]
    public void An_empty_file_is_refused_with_its_name()
    {
        IOException refusal = Assert.Throws<IOException>(() => PinnedMemory.OpenFile(_path));
        Assert.Contains(_path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("empty", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_refused() => Assert.Throws<FileNotFoundException>(() => PinnedMemory.OpenFile(_path + ".absent"));

    [Fact]
    public void No_path_is_no_file()
    {
        Assert.Throws<ArgumentException>(() => PinnedMemory.OpenFile(string.Empty));
        Assert.Throws<ArgumentNullException>(() => PinnedMemory.OpenFile(null!));
    }

    [Fact]
    public void A_disposed_file_can_be_written_and_hands_out_nothing()
    {
        File.WriteAllBytes(_path, Bytes(0x1000));
        PinnedMemory memory = PinnedMemory.OpenFile(_path);
        memory.Dispose();
        File.WriteAllBytes(_path, Bytes(1));
        Assert.Throws<ObjectDisposedException>(() => { _ = memory.ReadOnlySpan(0, 1); });
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(17).NextBytes(bytes);
        return bytes;
    }
}
