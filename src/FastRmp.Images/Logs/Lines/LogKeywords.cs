using System;
using System.Linq;
using System.Numerics;
using System.Text;

namespace FastRmp.Images;

/// <summary>The words of which one stands in every line that matters. A line without any is skipped unread.</summary>
/// <remarks>
/// Each word stands in the first part of its message, so that a mail's line wrap does not hide it. A bit stands for each word; three
/// tables say, for each value of a byte, in which words it is the first, the second, the third: what is left of three bytes in a row
/// after both intersections is compared in full. That is fast without any vector instruction, in a native file for old processors, too.
/// </remarks>
internal static class LogKeywords
{
    private static readonly byte[][] Words = Array.ConvertAll(
    [
        "SEV", "sev command", "fw_error=", "SNP", "RMP", "rmp", "psmash", "PSMASH",
        "#PF", "PF error", "PGD ", "unable to handle", "NULL pointer dereference", "early exception", "general protection fault",
        "segfault at", "FATAL PAGE FAULT", "Pagetable walk from", "Corrupted page", "fatal page fault",
        "Exception Type", "ExceptionData", "Error Code: ",
        "AMD-Vi", "IO_PAGE_FAULT", "_HARDWARE_ERROR", "_HW_ERROR", "INVALID_DEV", "ILLEGAL_DEV_TABLE", "ILLEGAL_COMMAND",
        "IOTLB_INV_TIMEOUT", "DTE[", "CMD[",
        "kvm_page_fault", "npf", "NPF", "exit_info", "exit_code",
        "CPA ", "DirectMap", "direct_map_level", "split direct map",
        "BIOS-e820", "Loaded ", "segment[", "kexec", "#VC", "Linux version", "Kernel Offset: ",
        "fault spa=", "ensure GFN", "reclaim PFN", "tried to execute NX", "unable to execute user", "vmgexit: ", "PVALIDATE",
        "\"MESSAGE\":[", "\"MESSAGE\" : [", // numbers, which hide the words
    ],
    static word => Encoding.ASCII.GetBytes(word));

    /// <summary>The length of the longest word.</summary>
    internal static int Longest { get; } = Array.ConvertAll(Words, static word => word.Length).Max();

    private static readonly ulong[] First = Table(0);
    private static readonly ulong[] Second = Table(1);
    private static readonly ulong[] Third = Table(2);

    /// <summary>Finds the first word in a text.</summary>
    /// <returns>Its place; -1 if there is none.</returns>
    internal static int IndexIn(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<ulong> first = First.AsSpan(0, 256);
        ReadOnlySpan<ulong> second = Second.AsSpan(0, 256);
        ReadOnlySpan<ulong> third = Third.AsSpan(0, 256);
        ulong one = 0;
        ulong two = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int value = text[i];
            ulong three = two & third[value];
            two = one & second[value];
            one = first[value];
            if (three != 0 && IsWord(text[(i - 2)..], three)) return i - 2;
        }

        return -1;
    }

    private static bool IsWord(ReadOnlySpan<byte> text, ulong candidates)
    {
        for (; candidates != 0; candidates &= candidates - 1)
        {
            if (text.StartsWith(Words[BitOperations.TrailingZeroCount(candidates)])) return true;
        }

        return false;
    }

    private static ulong[] Table(int place)
    {
        ulong[] table = new ulong[256];
        for (int i = 0; i < Words.Length; i++) table[Words[i][place]] |= 1UL << i;
        return table;
    }
}
