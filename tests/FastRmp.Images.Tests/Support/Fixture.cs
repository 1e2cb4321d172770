using System;
using System.IO;
using System.IO.Compression;

namespace FastRmp.Images.Tests.Support;

internal static class Fixture
{
    internal static string PathOf(string name) =>
        Path.Combine(AppContext.BaseDirectory, "Fixtures", name.Replace('/', Path.DirectorySeparatorChar));

    internal static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    internal static byte[] Gunzipped(string name)
    {
        using GZipStream stream = new(File.OpenRead(PathOf(name)), CompressionMode.Decompress);
        using MemoryStream plain = new();
        stream.CopyTo(plain);
        return plain.ToArray();
    }

    internal static byte[] Gzipped(ReadOnlySpan<byte> plain)
    {
        using MemoryStream packed = new();
        using (GZipStream stream = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(plain);
        }

        return packed.ToArray();
    }
}
