using System;
using System.IO;
using System.Threading;
using FastRmp.Images;

namespace FastRmp.Cli.Explain;

/// <summary>A file that another process writes: its end is waited at.</summary>
internal sealed class GrowingFile(string path, CancellationToken cancellation) : Stream
{
    private const int PauseMilliseconds = 200;

    private readonly FileStream _file = InputStream.OpenRaw(path);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            int count = _file.Read(buffer);
            if (count != 0) return count;
            if (_file.Length < _file.Position) _file.Position = 0; // cut back, as log rotation does
            if (cancellation.WaitHandle.WaitOne(PauseMilliseconds)) throw new OperationCanceledException(cancellation);
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}
