using System;
using System.IO;

namespace FastRmp.Images.Tests.Support;

/// <summary>A file that is gone when the test ends.</summary>
internal sealed class TemporaryFile : IDisposable
{
    internal TemporaryFile(ReadOnlySpan<byte> content)
    {
        Path = System.IO.Path.GetTempFileName();
        File.WriteAllBytes(Path, content);
    }

    internal string Path { get; }

    public void Dispose() => File.Delete(Path);
}
