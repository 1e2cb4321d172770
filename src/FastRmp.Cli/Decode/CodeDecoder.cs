using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Images;

namespace FastRmp.Cli.Decode;

/// <summary>Prints error codes: the value, the names of the bits that are set, each bit with its meaning, what is odd about them, and what
/// it all says.</summary>
internal static class CodeDecoder
{
    /// <summary>Prints codes, with an empty line between two.</summary>
    /// <param name="session">Where to.</param>
    /// <param name="values">The codes.</param>
    /// <param name="fields">Takes a code apart; the last element tells of reserved bits.</param>
    /// <param name="remarks">What else there is to say, before the meaning.</param>
    /// <param name="meaning">Says in a sentence what happened.</param>
    internal static void Write(
        Session session, ReadOnlySpan<ulong> values, Func<ulong, CodeField[]> fields, Func<ulong, List<EntryField>> remarks,
        Func<ulong, string> meaning)
    {
        bool isFirst = true;
        foreach (ulong value in values)
        {
            if (!isFirst) session.Output.WriteLine(string.Empty);
            isFirst = false;
            CodeField[] bits = fields(value);
            session.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"code: 0x{value:x}"));
            session.Output.WriteLine($"set: {CodeWords.Names(bits)}");
            foreach (CodeField bit in bits)
            {
                string text = bit.IsSet ? bit.Set : bit.Clear;
                session.Output.WriteLine($"{bit.Name}: {(bit.IsSet ? 1 : 0)}{(text.Length == 0 ? string.Empty : "  ")}{text}");
            }

            foreach (EntryField remark in remarks(value))
            {
                session.Output.WriteLine($"{remark.Name}: {remark.Value}");
            }

            session.Output.WriteLine($"meaning: {meaning(value)}");
        }
    }
}
