namespace FastRmp.Images;

/// <summary>Where in a log a finding stands.</summary>
/// <param name="File">The log's name: a path, or <c>-</c> for standard input.</param>
/// <param name="Line">The line of its first message, from 1.</param>
/// <param name="Stamp">The time as the line has it, printable; null without one.</param>
public readonly record struct LogPlace(string File, long Line, string? Stamp);
