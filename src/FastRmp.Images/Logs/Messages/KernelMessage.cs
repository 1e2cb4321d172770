using System;

namespace FastRmp.Images;

/// <summary>Tells a message of the kernel's own from a line that only quotes one: a process may write to the log, and people write about
/// messages.</summary>
internal static class KernelMessage
{
    /// <summary>The message about the RMP behind the name of its part of the kernel: Linux's arch/x86/virt/svm/sev.c since 6.9, before that
    /// arch/x86/kernel/sev.c of the SEV-SNP host patches.</summary>
    /// <param name="text">A line without its prefixes; a log's own prefix that is not known ends with a time in brackets.</param>
    /// <returns>The message; empty if something else stands before it.</returns>
    internal static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> message = WithoutPart(LogPrefix.AfterTime(text).TrimStart("#*+-/`$ "u8));
        int first = message.IndexOf("RMP"u8);
        return first >= 0 && IsBegin(message[..first]) ? message : default;
    }

    /// <summary>A message that begins with a word: where the line begins, behind a time in brackets, or behind marks that a program or a
    /// person put there (<c>host:</c>, <c>file:12:</c>, <c>|</c>), but not in the middle of a sentence.</summary>
    /// <param name="text">A line without its prefixes.</param>
    /// <param name="word">How the message begins.</param>
    /// <returns>The message; empty if there is none.</returns>
    internal static ReadOnlySpan<byte> From(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        if (text.StartsWith(word)) return text;
        ReadOnlySpan<byte> late = LogPrefix.AfterTime(text);
        if (late.StartsWith(word)) return late;
        int at = text.IndexOf(word);
        return at >= 0 && AreMarks(text[..at]) ? text[at..] : default;
    }

    /// <summary>Whether a message ends here: nothing but signs follows, or another line's prefix that ran into it.</summary>
    internal static bool IsDone(ReadOnlySpan<byte> rest) => IsEnd(rest) || rest.TrimStart(" .)\""u8) is [(byte)'[' or (byte)'<', ..];

    /// <summary>Whether a sentence goes on behind a message's last number.</summary>
    internal static bool IsSentence(ReadOnlySpan<byte> rest) => rest.TrimStart(" ])\"'`"u8) is [>= (byte)'a' and <= (byte)'z', ..];

    /// <summary>Whether a message was cut before the number that its last word announces, as a mail's line wrap does.</summary>
    internal static bool IsUnfinished(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> last = text[(text.LastIndexOf((byte)' ') + 1)..].TrimEnd(":,"u8);
        return last.SequenceEqual("PFN"u8) || last.SequenceEqual("GFN"u8) || last.SequenceEqual("GPA"u8) || last.SequenceEqual("for"u8)
            || last.SequenceEqual("error"u8) || last.SequenceEqual("Error"u8) || last.SequenceEqual("level"u8)
            || last.SequenceEqual("ret"u8) || last.SequenceEqual("rc"u8) || last.SequenceEqual("entry"u8);
    }

    /// <summary>Whether a line begins a message of its own, so that no mail program made it by wrapping the one before.</summary>
    internal static bool IsOwn(ReadOnlySpan<byte> text) =>
        text.StartsWith("#PF"u8) || text.StartsWith("BUG: "u8) || text.StartsWith("PGD "u8) || text.StartsWith("Oops: "u8)
        || text.StartsWith("RIP: "u8) || text.StartsWith("CPU: "u8) || text.StartsWith("RSP: "u8) || text.StartsWith("Code: "u8)
        || text.StartsWith("SEV-SNP: "u8) || text.StartsWith("Call Trace:"u8);

    /// <summary>Whether nothing but signs follows a message.</summary>
    internal static bool IsEnd(ReadOnlySpan<byte> rest)
    {
        foreach (byte character in rest)
        {
            if (LogText.IsPartOfName(character)) return false;
        }

        return true;
    }

    /// <summary>Whether a process says it: <c>systemd[1]: …</c>.</summary>
    internal static bool IsProcess(ReadOnlySpan<byte> text)
    {
        int open = text.IndexOf("["u8);
        int blank = text.IndexOf((byte)' ');
        if (open <= 0 || blank < open || !LogText.IsPartOfName(text[open - 1])) return false;
        ReadOnlySpan<byte> tag = text[(open + 1)..blank];
        return tag.EndsWith("]:"u8) && !tag[..^2].IsEmpty && !tag[..^2].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private static ReadOnlySpan<byte> WithoutPart(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("x86/"u8)) text = text[4..];
        if (text.StartsWith("AMD-Vi: SNP: "u8)) return text[13..]; // drivers/iommu/amd/init.c asks for the RMP since 6.14
        if (text.StartsWith("SEV-SNP: "u8)) return text[9..];
        if (text.StartsWith("SEV-ES: "u8)) return text[8..];
        return text.StartsWith("SEV: "u8) || text.StartsWith("sev: "u8) ? text[5..] : text;
    }

    /// <summary>The words with which such messages begin.</summary>
    private static bool IsBegin(ReadOnlySpan<byte> words) =>
        words.IsEmpty || words.SequenceEqual("Segmented "u8) || words.SequenceEqual("Reserving start/end of "u8)
        || words.SequenceEqual("Memory for the "u8) || words.SequenceEqual("Memory reserved for the "u8)
        || words.SequenceEqual("Failed to map "u8) || words.SequenceEqual("Failed to allocate "u8) || words.SequenceEqual("Invalid "u8)
        || words.SequenceEqual("Unable to start "u8);

    private static bool AreMarks(ReadOnlySpan<byte> head)
    {
        foreach (Range range in head.Split((byte)' '))
        {
            ReadOnlySpan<byte> mark = head[range];
            if (mark.IsEmpty || mark[^1] is (byte)':' or (byte)']' or (byte)'>' or (byte)'|' or (byte)')') continue;
            if (!IsEnd(mark)) return false;
        }

        return true;
    }
}
