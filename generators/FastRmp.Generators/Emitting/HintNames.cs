using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using FastRmp.Generators.Models;

namespace FastRmp.Generators.Emitting;

/// <summary>
/// Keeps hint names apart: the compiler compares them without regard to case and refuses a second one, while C#
/// allows types whose names differ in case alone.
/// </summary>
internal static class HintNames
{
    /// <summary>The names that equal another one but for case, in a fixed order. As a rule none.</summary>
    /// <param name="names">All hint names.</param>
    internal static EquatableArray<string> FindCollisions(ImmutableArray<string> names)
    {
        SortedSet<string> collisions = new(StringComparer.Ordinal);
        Dictionary<string, string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (string name in names)
        {
            if (seen.TryGetValue(name, out string? other))
            {
                collisions.Add(name);
                collisions.Add(other);
            }
            else
            {
                seen.Add(name, name);
            }
        }

        return new EquatableArray<string>([.. collisions]);
    }

    /// <summary>The name itself, or with its place among the collisions if it is one of them.</summary>
    /// <param name="name">A hint name.</param>
    /// <param name="collisions">Result of <see cref="FindCollisions"/>.</param>
    internal static string MakeUnique(string name, EquatableArray<string> collisions)
    {
        int place = collisions.Items.IndexOf(name);
        return place < 0
            ? name
            : name.Substring(0, name.Length - ".g.cs".Length) + "-" + place.ToString(CultureInfo.InvariantCulture) + ".g.cs";
    }
}
