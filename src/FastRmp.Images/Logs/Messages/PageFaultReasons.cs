using System;

namespace FastRmp.Images;

/// <summary>Reads the words behind the error code of a page fault, and tells them from a sentence that goes on.</summary>
internal static class PageFaultReasons
{
    private const int MostWords = 3; // of any of them, known or not

    /// <summary>Reads the words.</summary>
    /// <param name="told">What follows the code's bracket and dash.</param>
    /// <param name="reason">What they say; none if they are missing, damaged or not known.</param>
    /// <returns>False if more follows than a kernel prints.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> told, out PageFaultReason reason)
    {
        reason = PageFaultReason.None;
        int next = told.IndexOfAny((byte)'[', (byte)'<'); // another line that ran into this one
        if (next >= 0) told = told[..next];
        told = told.Trim(" \t\"'`.,;:)|*"u8);
        if (told.IsEmpty) return true;
        int count = 1 + told.Count((byte)' ');
        ReadOnlySpan<byte> first = told.IndexOf((byte)' ') is >= 0 and int blank ? told[..blank] : told;
        (PageFaultReason known, int words) = Known(first);
        if (known == PageFaultReason.None) return count <= MostWords;
        reason = known;
        return count <= words;
    }

    /// <summary>A reason by its first word, and how many words it has.</summary>
    private static (PageFaultReason Reason, int Words) Known(ReadOnlySpan<byte> first)
    {
        if (first.SequenceEqual("RMP"u8)) return (PageFaultReason.Rmp, 2);
        if (Is(first, "not-present"u8)) return (PageFaultReason.NotPresent, 2);
        if (Is(first, "reserved"u8)) return (PageFaultReason.Reserved, 3);
        if (Is(first, "protection"u8)) return (PageFaultReason.ProtectionKeys, 3);
        return Is(first, "permissions"u8) ? (PageFaultReason.Permissions, 2) : default;
    }

    /// <summary>Whether it is a word, or as much of it as the line had room for.</summary>
    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.Length > 3 && word.StartsWith(text);
}
