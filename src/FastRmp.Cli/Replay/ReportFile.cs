using System;
using System.IO;
using System.Text;

namespace FastRmp.Cli.Replay;

/// <summary>The file of a report: opened before the work, so that it is known to be writable, and written after it.</summary>
internal sealed class ReportFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    /// <summary>Opens or makes the file.</summary>
    /// <exception cref="IOException">It cannot be written; the message begins with the path.</exception>
    internal ReportFile(string path)
    {
        _path = path;
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Refused(refusal);
        }
    }

    /// <summary>Writes it in place of what was there.</summary>
    internal void Write(string text)
    {
        try
        {
            if (_file.CanSeek) _file.SetLength(0);
            _file.Write(Encoding.UTF8.GetBytes(text));
            _file.Flush();
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            throw Refused(refusal);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private IOException Refused(Exception refusal) => new($"{_path}: cannot be written: {refusal.Message}", refusal);
}
