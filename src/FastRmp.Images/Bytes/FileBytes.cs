using System;
using System.IO;
using Microsoft.Win32.SafeHandles;

namespace FastRmp.Images;

/// <summary>Bytes of a file that cannot be mapped, as <c>/proc/kcore</c>, or that is larger than the address space: read where they are
/// asked for.</summary>
internal sealed class FileBytes(SafeFileHandle handle, ulong length) : ByteSource
{
    internal override ulong Length => length;

    internal override bool IsLive => true;

    internal override int Read(ulong offset, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length && offset + (uint)done < length && offset + (uint)done <= long.MaxValue)
        {
            int count = TryRead((long)offset + done, destination[done..]);
            if (count <= 0) break;
            done += count;
        }

        return done;
    }

    public override void Dispose()
    {
        base.Dispose();
        handle.Dispose();
    }

    // The kernel refuses to read some of its own pages (hardware-poisoned, unaccepted, offline): they are not there.
    private int TryRead(long offset, Span<byte> destination)
    {
        try
        {
            return RandomAccess.Read(handle, destination, offset);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return 0;
        }
    }
}
