using System;
using System.IO;
using System.Threading;
using FastRmp.Images;

namespace FastRmp.Cli.Explain;

/// <summary>A file that another process writes: its end is waited at.</summary>
internal sealed class GrowingFile(string path, CancellationToken cancellation) : ReadOnlyForwardStream
{
    private const int PauseMilliseconds = 200;

    private readonly FileStream _file = InputStream.OpenRaw(path);

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            int count = _file.Read(buffer);
            if (count != 0) return count;
            if (!_file.CanSeek) return 0; // a pipe, whose last writer has closed it
            if (_file.Length < _file.Position) _file.Position = 0; // cut back, as log rotation does
            if (cancellation.WaitHandle.WaitOne(PauseMilliseconds)) throw new OperationCanceledException(cancellation);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
