using System;
using System.Buffers;

namespace FastRmp.Images;

/// <summary>The words of which one stands in every line that matters. A line without any is skipped unread.</summary>
/// <remarks>Each word stands in the first part of its message, so that a mail's line wrap does not hide it.</remarks>
internal static class LogKeywords
{
    /// <summary>The words, to be sought in text whose bytes were widened to characters.</summary>
    internal static SearchValues<string> Words { get; } = SearchValues.Create(
        [
            "SEV", "sev command", "SNP", "RMP", "rmp", "psmash", "PSMASH",
            "#PF", "PF error", "PGD ", "unable to handle", "NULL pointer dereference", "early exception", "general protection fault",
            "segfault at", "FATAL PAGE FAULT", "Exception Type", "ExceptionData", "Error Code: ",
            "AMD-Vi", "IO_PAGE_FAULT", "_HARDWARE_ERROR", "INVALID_DEVICE_REQUEST", "ILLEGAL_DEV_TABLE", "DTE[", "CMD[",
            "kvm_page_fault", "npf", "NPF", "exit_info", "exit_code",
            "CPA ", "DirectMap", "direct_map_level", "split direct map",
            "BIOS-e820", "Loaded ", "segment[", "kexec", "#VC", "Linux version",
            "\"MESSAGE\":[", "\"MESSAGE\" : [", // numbers, which hide the words
        ],
        StringComparison.Ordinal);
}
