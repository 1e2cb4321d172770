using System;
using System.IO;

namespace FastRmp.Native.Tests.Support;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("fastrmp-native-").FullName;

    /// <summary>A file in it.</summary>
    internal string File(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
