using System;
using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests;

public class InputStreamTests
{
    private static readonly byte[] Plain = MakePlain(300_000);
    private static readonly byte[] Packed = Fixture.Gzipped(Plain);

    [Fact]
    public void Plain_bytes_come_out_as_they_are()
    {
        Assert.Equal(Plain, ReadAll(Plain, out bool compressed, out _));
        Assert.False(compressed);
    }

    [Fact]
    public void Gzip_is_noticed_by_content_and_decompressed()
    {
        Assert.Equal(Plain, ReadAll(Packed, out bool compressed, out MalformedInputException? problem));
        Assert.True(compressed);
        Assert.Null(problem);
    }

    [Fact]
    public void A_file_that_is_only_named_gz_is_plain()
    {
        using TemporaryFile file = new(Plain);
        string path = file.Path + ".gz";
        File.Move(file.Path, path);
        using (InputStream stream = InputStream.Open(path))
        {
            Assert.False(stream.IsCompressed);
        }

        File.Delete(path);
    }

    [Fact]
    public void Members_follow_each_other_and_zero_padding_ends_them()
    {
        byte[] joined = [.. Packed, .. Fixture.Gzipped([]), .. Packed, .. new byte[5000]];
        byte[] expected = [.. Plain, .. Plain];
        Assert.Equal(expected, ReadAll(joined, out _, out MalformedInputException? problem));
        Assert.Null(problem);
    }

    [Fact]
    public void Every_optional_field_of_a_member_header_is_skipped()
    {
        byte[] header = [0x1F, 0x8B, 8, 0b1_1110, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, (byte)'n', 0, (byte)'c', (byte)'c', 0, 9, 9];
        byte[] file = [.. header, .. Packed[10..]];
        Assert.Equal(Plain, ReadAll(file, out _, out MalformedInputException? problem));
        Assert.Null(problem);
        for (int length = 2; length < header.Length; length++)
        {
            Assert.Empty(ReadAll(file[..length], out _, out problem));
            Assert.Contains("cut short", problem?.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_cut_at_any_byte_is_noticed_and_what_came_before_is_kept()
    {
        byte[] small = Fixture.Gzipped(Plain.AsSpan(0, 3000));
        for (int length = 2; length < small.Length; length++)
        {
            byte[] read = ReadAll(small[..length], out _, out MalformedInputException? problem);
            Assert.NotNull(problem);
            Assert.Equal("in", problem.File);
            Assert.Equal((ulong)read.Length, problem.Offset);
            Assert.Contains($"{read.Length} bytes were decompressed", problem.Message, StringComparison.Ordinal);
            Assert.Equal(Plain[..read.Length], read);
        }
    }

    [Fact]
    public void A_cut_in_the_second_member_keeps_the_first()
    {
        byte[] joined = [.. Packed, .. Packed];
        for (int cut = 1; cut < 100; cut++)
        {
            byte[] read = ReadAll(joined[..^cut], out _, out MalformedInputException? problem);
            Assert.NotNull(problem);
            Assert.True(read.Length > Plain.Length);
        }

        for (int kept = 1; kept < 30; kept++)
        {
            byte[] read = ReadAll(joined[..(Packed.Length + kept)], out _, out MalformedInputException? problem);
            Assert.NotNull(problem);
            Assert.True(read.Length >= Plain.Length);
        }
    }

    [Fact]
    public void Garbage_after_the_last_member_is_reported_after_all_data()
    {
        byte[] joined = [.. Packed, .. "this is not a member"u8];
        Assert.Equal(Plain, ReadAll(joined, out _, out MalformedInputException? problem));
        Assert.Contains("followed by bytes that are not gzip", problem?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_the_data_is_noticed()
    {
        byte[] small = Fixture.Gzipped(Plain.AsSpan(0, 2000));
        for (int bit = 10 * 8; bit < small.Length * 8; bit++)
        {
            byte[] damaged = [.. small];
            damaged[bit >> 3] ^= (byte)(1 << (bit & 7));
            _ = ReadAll(damaged, out _, out MalformedInputException? problem);

            // A flip may hit a bit without meaning: the padding after the last block of the data.
            if (problem is null) Assert.Equal(small.Length - 9, bit >> 3);
        }
    }

    [Fact]
    public void A_checksum_that_differs_is_noticed()
    {
        foreach (int back in new[] { 1, 4, 5, 8 })
        {
            byte[] damaged = [.. Packed];
            damaged[^back] ^= 0x40;
            _ = ReadAll(damaged, out _, out MalformedInputException? problem);
            Assert.Contains("checksum", problem?.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void A_stream_that_gives_few_bytes_at_a_time_reads_the_same(int step)
    {
        using InputStream stream = new(new ChunkedStream([.. Packed, .. Packed], step), "in");
        using MemoryStream read = new();
        stream.CopyTo(read);
        byte[] expected = [.. Plain, .. Plain];
        Assert.Equal(expected, read.ToArray());
    }

    [Fact]
    public void Progress_counts_bytes_of_the_file_before_decompression()
    {
        using InputStream stream = new(new MemoryStream(Packed), "in");
        stream.CopyTo(Stream.Null);
        Assert.Equal(Packed.Length, stream.BytesConsumed);
        Assert.Equal(Packed.Length, stream.FileLength);
    }

    [Fact]
    public void A_missing_file_and_a_directory_are_clear_errors()
    {
        string missing = Path.Combine(Path.GetTempPath(), "fastrmp-there-is-no-such-file");
        Assert.Equal($"{missing}: there is no such file", Assert.Throws<IOException>(() => InputStream.Open(missing)).Message);
        string inside = Path.Combine(missing, "neither");
        Assert.Equal($"{inside}: there is no such file", Assert.Throws<IOException>(() => InputStream.Open(inside)).Message);
        string directory = Path.GetTempPath();
        Assert.Equal($"{directory}: is a directory, not a file", Assert.Throws<IOException>(() => InputStream.Open(directory)).Message);
    }

    internal static byte[] MakePlain(int length)
    {
        byte[] plain = new byte[length];
        Random random = new(7);
        for (int index = 0; index < length; index++)
        {
            plain[index] = (byte)random.Next(random.Next(1, 64));
        }

        return plain;
    }

    private static byte[] ReadAll(byte[] file, out bool compressed, out MalformedInputException? problem)
    {
        using InputStream stream = new(new MemoryStream(file), "in");
        using MemoryStream read = new();
        compressed = stream.IsCompressed;
        problem = null;
        try
        {
            byte[] buffer = new byte[1000];
            int count;
            while ((count = stream.Read(buffer)) != 0)
            {
                read.Write(buffer, 0, count);
            }
        }
        catch (MalformedInputException found)
        {
            problem = found;
        }

        return read.ToArray();
    }
}
