using System;
using System.Collections.Generic;

namespace FastRmp.Images.Study;

/// <summary>All policies. Which there are the build lists from the folder of their files.</summary>
internal static partial class MapPolicies
{
    private static readonly MapVariant[] Expanded = Expand();

    /// <summary>Every policy with each of its rules of joining, in the order of tables.</summary>
    internal static ReadOnlySpan<MapVariant> All => Expanded;

    /// <summary>Their names.</summary>
    internal static string[] Names => Array.ConvertAll(Expanded, static one => one.Name);

    /// <summary>The policies without rules of joining, in the order of tables.</summary>
    internal static MapPolicy[] Families
    {
        get
        {
            MapPolicy[] families = Listed();
            Array.Sort(families, static (left, right) => left.Order.CompareTo(right.Order));
            return families;
        }
    }

    /// <summary>Every rule of joining that a policy uses, once, in the order of first use.</summary>
    internal static IReadOnlyList<JoinRule> Joins
    {
        get
        {
            List<JoinRule> rules = [];
            foreach (MapVariant one in Expanded)
            {
                if (!rules.Exists(rule => rule.Suffix == one.Join.Suffix)) rules.Add(one.Join);
            }

            return rules;
        }
    }

    /// <summary>The policy of that name; null if there is none.</summary>
    internal static MapVariant? Find(string name) => Array.Find(Expanded, one => one.Name == name);

    /// <summary>One object of each class in <c>Study/Policies</c>: written by the build.</summary>
    private static partial MapPolicy[] Listed();

    private static MapVariant[] Expand()
    {
        List<MapVariant> variants = [];
        foreach (MapPolicy policy in Families)
        {
            foreach (JoinRule join in policy.Joins)
            {
                variants.Add(new MapVariant(policy, join));
            }
        }

        return [.. variants];
    }
}
