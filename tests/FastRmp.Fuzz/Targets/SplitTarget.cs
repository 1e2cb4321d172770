using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Images;
using FastRmp.Images.Tests.Codecs;
using FastRmp.Images.Tests.Formats;

namespace FastRmp.Fuzz.Targets;

/// <summary>A compressed kdump in two files: the first four bytes of the input say how long the first is.</summary>
internal sealed class SplitTarget : FuzzTarget
{
    internal override string Name => "image-split";

    internal override int OrdinaryRounds => 3_000;

    internal override bool Read(byte[] input)
    {
        if (input.Length < 4) return false;
        int first = Math.Min(BitConverter.ToUInt16(input), input.Length - 4);
        MemoryImageOptions options = new() { MaxUnpackedBytes = 16 << 20 };
        List<ImageFile> files = [];
        try
        {
            files.Add(File(input.AsSpan(4, first), "in1"));
            files.Add(File(input.AsSpan(4 + first), "in2"));
            ImageContents contents = ImageReader.Read(files[0], [files[1]], options);
            ImageFile second = files[1];
            files.RemoveAt(1);
            using PageSource pages = contents.Pages;
            Span<byte> bytes = stackalloc byte[64];
            for (ulong at = 0, end; pages.TryNextHeld(at, out ulong start, out end) && end < 1 << 20; at = end)
            {
                _ = pages.Read(start, bytes);
                _ = pages.StatusOf(end - 1);
            }

            _ = pages.Count();
            return contents.Problems.Count == 0 && second.Length != 0;
        }
        catch (MalformedInputException)
        {
            return false;
        }
        finally
        {
            foreach (ImageFile file in files)
            {
                file.Dispose();
            }
        }
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        yield return Joined(Part(0, 8), Part(8, 64));
        yield return Joined(Part(8, 64), Part(0, 8));
        yield return Joined(Part(0, 8), Part(0, 8));
    }

    private static ImageFile File(ReadOnlySpan<byte> bytes, string name)
    {
        using MemoryStream stream = new(bytes.ToArray());
        return ImageFile.Read(stream, name, 16 << 20);
    }

    private static byte[] Part(ulong first, ulong end)
    {
        KdumpBuilder builder = new() { Split = (first, end) };
        foreach (int number in (ReadOnlySpan<int>)[1, 2, 7, 8, 9, 20])
        {
            builder.Add(number, PackedPages.Page(new Random(number), number % 6), number % 2 == 0 ? "lzo" : "zlib");
        }

        return builder.Build();
    }

    private static byte[] Joined(byte[] first, byte[] second) => [.. BitConverter.GetBytes(first.Length), .. first, .. second];
}
