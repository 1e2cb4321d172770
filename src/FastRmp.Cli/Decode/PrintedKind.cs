using System;
using System.Collections.Generic;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Decode;

/// <summary>Which kind of value a printed text has: <c>decode</c> then needs no name of a kind.</summary>
internal static class PrintedKind
{
    // In this order: a line of an RMP entry may name an error code, and a line of KVM an RMP level.
    private static readonly (string Kind, string[] Words)[] Kinds =
    [
        ("dte", ["DTE[", "QWORD["]),
        ("event", ["event[", .. PrintedEvents.Names]),
        ("flags", ["flags=", "flags:"]),
        ("npf", ["kvm_page_fault", "kvm_rmp_fault", "kvm_nested", "EXIT_NPF", "exitinfo1", "exit_info", "info1", "ext_inf1"]),
        ("rmp-range", ["RMP table physical", "RMP table range", "RMP physical"]),
        ("rmp", ["RMPEntry", "RMP entry", "rmp_entry", "assigned", "low=", "high="]),
        ("pte", ["PGD ", "P4D ", "PUD ", "PMD ", "PTE ", "PGD:", "P4D:", "PUD:", "PMD:", "PTE:", "PTE=", "PMD="]),
        ("pf", ["error_code", "error code", "#PF", "Oops:", "bad pagetable"]),
    ];

    /// <summary>Puts the kind of what is printed before it.</summary>
    /// <param name="args">A command line.</param>
    /// <param name="kinds">The names of kinds.</param>
    /// <returns>The command line with the kind, or as it is: it names one, is not <c>decode</c>, or its text shows none.</returns>
    internal static string[] Complete(string[] args, IEnumerable<string> kinds)
    {
        if (args is not ["decode", { Length: > 0 } first, ..] || first[0] == '-') return args;
        foreach (string kind in kinds)
        {
            if (kind == first) return args;
        }

        return Of(string.Join(' ', args, 1, args.Length - 1)) is { } found ? ["decode", found, .. args.AsSpan(1)] : args;
    }

    private static string? Of(string text)
    {
        foreach ((string kind, string[] words) in Kinds)
        {
            if (Array.Exists(words, word => text.Contains(word, StringComparison.OrdinalIgnoreCase))) return kind;
        }

        if (PageFaultNames.TryParse(text, out _)) return "pf";
        return IsPair(text) ? "rmp" : null;
    }

    /// <summary><c>[0x… - 0x…]</c>, as kernels print an RMP entry.</summary>
    private static bool IsPair(string text) =>
        text.Trim() is ['[', .. string inside, ']'] && inside.Split(" - ") is [string low, string high]
        && Numbers.TryHexadecimal(low.Trim(), out _) && Numbers.TryHexadecimal(high.Trim(), out _);
}
