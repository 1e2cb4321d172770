using System.Globalization;

namespace FastRmp.Images;

/// <summary>One thing that is wrong with an input: the file, where in it, and what.</summary>
/// <remarks>Immutable; any threads may share it.</remarks>
public sealed record InputProblem
{
    private InputProblem(string file, ulong? offset, long? line, string reason)
    {
        File = file;
        Offset = offset;
        Line = line;
        Reason = reason;
    }

    /// <summary>The input's name: a path, or <c>-</c> for standard input.</summary>
    public string File { get; }

    /// <summary>The byte offset, counted after decompression; null where a line or nothing locates the problem.</summary>
    public ulong? Offset { get; }

    /// <summary>The line, from 1; null where an offset or nothing locates the problem.</summary>
    public long? Line { get; }

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; }

    /// <summary>A problem of the whole input.</summary>
    /// <param name="file">The input's name.</param>
    /// <param name="reason">What is wrong.</param>
    /// <returns>The problem.</returns>
    public static InputProblem InFile(string file, string reason) => new(file, null, null, reason);

    /// <summary>A problem at a byte.</summary>
    /// <param name="file">The input's name.</param>
    /// <param name="offset">Byte offset, counted after decompression.</param>
    /// <param name="reason">What is wrong.</param>
    /// <returns>The problem.</returns>
    public static InputProblem AtOffset(string file, ulong offset, string reason) => new(file, offset, null, reason);

    /// <summary>A problem in a line.</summary>
    /// <param name="file">The input's name.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="reason">What is wrong.</param>
    /// <returns>The problem.</returns>
    public static InputProblem AtLine(string file, long line, string reason) => new(file, null, line, reason);

    /// <summary>The message: <c>FILE: at offset 0x…: …</c>, <c>FILE: line N: …</c> or <c>FILE: …</c>.</summary>
    /// <returns>One line of text.</returns>
    public override string ToString()
    {
        if (Offset is ulong offset) return string.Create(CultureInfo.InvariantCulture, $"{File}: at offset 0x{offset:x}: {Reason}");
        if (Line is long line) return string.Create(CultureInfo.InvariantCulture, $"{File}: line {line}: {Reason}");
        return $"{File}: {Reason}";
    }
}
