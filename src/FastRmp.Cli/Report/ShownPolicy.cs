using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Report;

/// <summary>A policy that the drawings show, for all whose maps changed in the same way.</summary>
/// <param name="History">What happened.</param>
/// <param name="Same">Policies with the same series.</param>
/// <param name="Colour">Its number among the shown, which decides about colour and dashes.</param>
internal sealed record ShownPolicy(PolicyHistory History, IReadOnlyList<string> Same, int Colour)
{
    /// <summary>Most of them: more lines could not be told apart.</summary>
    internal const int Most = 8;

    /// <summary>The name in legends.</summary>
    internal string Name => Same.Count == 0 ? History.Policy : $"{History.Policy} (= {string.Join(", ", Same)})";

    /// <summary>Chooses who is shown: each family's first, then the cheapest, then the cheapest others of the families in turn. Who did the
    /// same as another is named with it.</summary>
    internal static IReadOnlyList<ShownPolicy> Choose(StudyResult study)
    {
        IReadOnlyList<PolicyHistory> histories = study.Histories!;
        List<List<PolicyHistory>> groups = [];
        foreach (PolicyHistory history in histories)
        {
            List<PolicyHistory>? group = groups.Find(one => IsSame(one[0], history));
            if (group is null) groups.Add([history]);
            else group.Add(history);
        }

        HashSet<List<PolicyHistory>> chosen = [];
        foreach (string name in Candidates(study))
        {
            if (chosen.Count < Most) chosen.Add(groups.Find(one => one.Exists(history => history.Policy == name))!);
        }

        return [.. groups.Where(chosen.Contains).Select(static (group, index) =>
            new ShownPolicy(group[0], [.. group.Skip(1).Select(static one => one.Policy)], index))];
    }

    private static IEnumerable<string> Candidates(StudyResult study)
    {
        List<List<StudyRow>> families = [.. Families.Of(study).Select(static family => family.ToList())];
        foreach (List<StudyRow> family in families)
        {
            yield return family[0].Counts.Policy;
        }

        foreach (StudyRow row in study.Rows.Where(static row => row.Counts.Counts.Fatal == 0).OrderBy(static row => row.Cost.Total))
        {
            yield return row.Counts.Policy;
            break;
        }

        foreach (List<StudyRow> family in families)
        {
            family.RemoveAt(0);
            family.Sort(static (left, right) => left.Cost.Total.CompareTo(right.Cost.Total));
        }

        for (int place = 0; families.Exists(family => place < family.Count); place++)
        {
            foreach (List<StudyRow> family in families)
            {
                if (place < family.Count) yield return family[place].Counts.Policy;
            }
        }
    }

    private static bool IsSame(PolicyHistory one, PolicyHistory other)
    {
        for (int series = 0; series < one.Series.Count; series++)
        {
            if (!one.Series[series].AsSpan().SequenceEqual(other.Series[series])) return false;
        }

        return true;
    }
}
