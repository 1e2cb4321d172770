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

    /// <summary>Reads a memory listing: that of the sample without a trace, none if there is no name.</summary>
    internal IomemListing? ReadListing(IReadOnlyList<string> traces, string? path)
    {
        if (traces.Count != 0 && path is null) return null;
        using InputStream input = path is null ? Open(Sample.OpenIomem, Sample.IomemName) : Open(path);
        IomemListing listing = IomemListing.Read(input);
        Hash();
        return listing;
    }

    /// <summary>Reads a trace: the sample if there is no name.</summary>
    /// <param name="traces">The files.</param>
    /// <param name="run">Calls its second argument, with what is to be told how much has been read; the first is how much there is.</param>
    internal ReplayInput ReadTrace(
        IReadOnlyList<string> traces, Func<long?, Func<Action<long>?, ReplayInput>, ReplayInput> run)
    {
        List<InputStream> inputs = [];
        try
        {
            long? length = 0;
            foreach (string path in traces)
            {
                inputs.Add(Open(path));
                length += inputs[^1].FileLength;
            }

            if (inputs.Count == 0) inputs.Add(Open(Sample.OpenTrace, Sample.TraceName));
            ReplayInput input = run(length, progress => ReplayInput.Read(inputs, done =>
            {
                session.Cancellation.ThrowIfCancellationRequested();
                progress?.Invoke(done);
            }));
            Hash();
            return input;
        }
        finally
        {
            inputs.ForEach(static input => input.Dispose());
        }
    }

    /// <summary>Opens an input that is named on the command line.</summary>
    private InputStream Open(string path)
    {
        if (path == StandardInput) return Open(session.OpenInput, path);
        return areHashed ? Open(() => InputStream.OpenRaw(path), path) : InputStream.Open(path);
    }

    /// <summary>Opens an input of another kind.</summary>
    private InputStream Open(Func<Stream> open, string name)
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
    private void Hash()
    {
        foreach ((string name, HashedStream stream) in _open)
        {
            _hashes.Add((name, stream.Sha256()));
        }

        _open.Clear();
    }
}
