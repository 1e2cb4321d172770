using System;
using System.Text;

namespace FastRmp.Native;

/// <summary>The text of the last refusal of a thread.</summary>
internal static class LastError
{
    [ThreadStatic]
    private static string? _text;

    /// <summary>Notes why a call is refused.</summary>
    /// <param name="code">The code.</param>
    /// <param name="text">One sentence.</param>
    /// <returns>The code.</returns>
    internal static int Set(ErrorCode code, string text)
    {
        _text = text;
        return (int)code;
    }

    /// <summary>Notes what an exception says. For a filter: it is asked before anything is unwound.</summary>
    /// <param name="problem">The exception.</param>
    /// <param name="code">Its code.</param>
    /// <returns>True: every exception ends here, none leaves the library.</returns>
    internal static bool Caught(Exception problem, out int code)
    {
        ErrorCode kind = problem switch
        {
            OutOfMemoryException => ErrorCode.Memory,
            ObjectDisposedException => ErrorCode.Handle,
            ArgumentException or InvalidOperationException => ErrorCode.Configuration,
            _ => ErrorCode.Internal,
        };
        code = Set(kind, kind == ErrorCode.Internal ? $"{problem.GetType().Name}: {problem.Message}" : problem.Message);
        return true;
    }

    /// <summary>Copies the text as UTF-8 with a zero behind it, as much as there is room for.</summary>
    /// <param name="buffer">Receives it.</param>
    /// <returns>The bytes that the whole text has, without the zero.</returns>
    internal static int CopyTo(Span<byte> buffer)
    {
        string text = _text ?? "";
        int length = Encoding.UTF8.GetByteCount(text);
        if (buffer.IsEmpty) return length;
        _ = Encoding.UTF8.TryGetBytes(text.AsSpan(0, Math.Min(text.Length, buffer.Length - 1)), buffer[..^1], out int written);
        buffer[written] = 0;
        return length;
    }
}
