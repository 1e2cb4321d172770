using System;
using System.Collections.Generic;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>The inputs of a replay: files, standard input, the sample. They are hashed if a report will name them.</summary>
internal sealed class ReplayFiles(Session session, bool areHashed)
{
    internal const string StandardInput = "-";

    private readonly List<(string Name, HashedStream Stream)> _open = [];
    private readonly List<(string Name, string Sha256)> _hashes = [];

    /// <summary>The names of what was read, with the SHA-256 of its bytes.</summary>
    internal IReadOnlyList<(string Name, string Sha256)> Hashes => _hashes;

    /// <summary>Opens an input that is named on the command line.</summary>
    internal InputStream Open(string path)
    {
        if (path == StandardInput) return Open(session.OpenInput, path);
        return areHashed ? Open(() => InputStream.OpenRaw(path), path) : InputStream.Open(path);
    }

    /// <summary>Opens an input of another kind.</summary>
    internal InputStream Open(Func<Stream> open, string name)
    {
        if (!areHashed) return new InputStream(open(), name);
        HashedStream stream = new(open());
        _open.Add((name, stream));
        try
        {
            return new InputStream(stream, name);
        }
        catch (IOException refusal)
        {
            stream.Dispose();
            throw new IOException($"{name}: cannot be read: {refusal.Message}", refusal);
        }
    }

    /// <summary>What was opened has been read, and will be closed.</summary>
    internal void Hash()
    {
        foreach ((string name, HashedStream stream) in _open)
        {
            _hashes.Add((name, stream.Sha256()));
        }

        _open.Clear();
    }
}
