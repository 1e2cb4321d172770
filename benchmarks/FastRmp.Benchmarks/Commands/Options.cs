using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace FastRmp.Benchmarks.Commands;

/// <summary>The options of a command: flags, options with a value, and at most so many words beside them.</summary>
internal sealed class Options
{
    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>What is no option.</summary>
    internal List<string> Words { get; } = [];

    /// <summary>Reads them.</summary>
    /// <param name="arguments">What follows the command.</param>
    /// <param name="flags">Options without a value, with their dashes.</param>
    /// <param name="valued">Options with one.</param>
    /// <param name="mostWords">How many words may stand beside them.</param>
    /// <exception cref="FormatException">Something else was given; the message says what.</exception>
    internal static Options Parse(
        IReadOnlyList<string> arguments, string[] flags, string[] valued, int mostWords = 0)
    {
        Options options = new();
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (flags.Contains(argument))
            {
                options._flags.Add(argument);
            }
            else if (valued.Contains(argument))
            {
                if (++i == arguments.Count) throw new FormatException($"{argument} needs a value");
                options._values[argument] = arguments[i];
            }
            else if (argument.StartsWith('-') || options.Words.Count == mostWords)
            {
                throw new FormatException($"'{argument}' is not known here");
            }
            else
            {
                options.Words.Add(argument);
            }
        }

        return options;
    }

    /// <summary>Whether a flag was given.</summary>
    internal bool Has(string flag) => _flags.Contains(flag);

    /// <summary>The value of an option; null if it was not given.</summary>
    internal string? Value(string option) => _values.GetValueOrDefault(option);

    /// <summary>A number in a range; null if it was not given.</summary>
    /// <exception cref="FormatException">It is no such number.</exception>
    internal int? Number(string option, int least, int most)
    {
        if (Value(option) is not { } text) return null;
        bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        bool fits = isNumber && number >= least && number <= most;
        return fits ? number : throw new FormatException($"{option} takes a number from {least} to {most}");
    }
}
