using System;
using System.Collections.Generic;
using System.IO;

namespace FastRmp.PackageTests;

/// <summary>The programs that a document shows, word for word.</summary>
internal static class DocumentedPrograms
{
    private const string Begin = "```csharp\n";
    private const string End = "\n```";
    private const string Printed = "// prints ";

    /// <summary>The C# blocks of a document, in their order.</summary>
    /// <param name="document">Its path in the repository.</param>
    internal static List<string> In(string document)
    {
        string text = File.ReadAllText(Path.Combine(DotNet.RepositoryRoot, document));
        List<string> programs = [];
        for (int at = text.IndexOf(Begin, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Begin, at, StringComparison.Ordinal))
        {
            at += Begin.Length;
            programs.Add(text[at..text.IndexOf(End, at, StringComparison.Ordinal)] + "\n");
        }

        return programs;
    }

    /// <summary>What a program's last comment says that it prints; what follows a colon explains it.</summary>
    internal static string PrintedBy(string program)
    {
        int at = program.LastIndexOf(Printed, StringComparison.Ordinal);
        if (at < 0) throw new InvalidOperationException($"The program does not say what it prints:\n{program}");
        return program[(at + Printed.Length)..].Split('\n')[0].Split(": ")[0];
    }
}
