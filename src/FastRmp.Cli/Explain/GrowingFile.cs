using System;
using System.IO;
using System.Threading;
using FastRmp.Images;

namespace FastRmp.Cli.Explain;

/// <summary>A file that another process writes: its end is waited at, and the file that takes its place is read from its begin, as
/// <c>tail -F</c> does. A pipe ends with its last writer; a device such as <c>/dev/kmsg</c> gives what it has as it comes.</summary>
internal sealed class GrowingFile(string path, CancellationToken cancellation) : ReadOnlyForwardStream
{
    private const int PauseMilliseconds = 200;
    private const int BrokenPipe = 32; // EPIPE: the kernel's buffer went on, records were lost

    private FileStream _file = InputStream.OpenRaw(path);
    private FileStream? _next; // the file that has the name now, if it is another one
    private bool _endsLine = true;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        while (true)
        {
            int count = ReadSome(buffer);
            if (count != 0)
            {
                _endsLine = buffer[count - 1] == '\n';
                return count;
            }

            if (!_file.CanSeek) return 0; // a pipe, whose last writer has closed it
            if (_file.Length < _file.Position)
            {
                _file.Position = 0; // cut back
                if (EndLine(buffer)) return 1;
                continue;
            }

            if (_next is not null)
            {
                _file.Dispose();
                _file = _next;
                _next = null;
                if (EndLine(buffer)) return 1;
                continue;
            }

            if (FindNext()) continue; // once more from the old one: it may have been written to before it was moved away
            if (cancellation.WaitHandle.WaitOne(PauseMilliseconds)) throw new OperationCanceledException(cancellation);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _next?.Dispose();
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private int ReadSome(Span<byte> buffer)
    {
        while (true)
        {
            try
            {
                return _file.Read(buffer);
            }
            catch (IOException lost) when (!_file.CanSeek && lost.HResult == BrokenPipe)
            {
                cancellation.ThrowIfCancellationRequested(); // reading goes on with the oldest record that is left
            }
        }
    }

    /// <summary>A line that was not finished is, when another file goes on.</summary>
    private bool EndLine(Span<byte> buffer)
    {
        if (_endsLine) return false;
        buffer[0] = (byte)'\n';
        return _endsLine = true;
    }

    /// <summary>Finds out whether another file has the name now.</summary>
    private bool FindNext()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            _next = InputStream.OpenRaw(path);
            if (Place(_next) != Place(_file)) return true;
        }
        catch (IOException)
        {
            return false; // moved away, and the new one is not there yet
        }

        _next.Dispose();
        _next = null;
        return false;
    }

    /// <summary>Where the system says that an open file is now: its name, a new one if it was moved, or that it was deleted.</summary>
    private static string? Place(FileStream file) =>
        File.ResolveLinkTarget($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName;
}
