using System.IO;

namespace FastRmp.Judges.Firmware;

/// <summary>Rows of AMD's published SEV firmware, run as a program: what each command does to platform, guests and RMP.</summary>
internal static class FirmwareJudge
{
    /// <summary>Faults of that firmware, which no model repeats: entries that it never read, and lists that it reads wrongly.</summary>
    private static readonly string[] Incomparable = ["undef", "tail", "overlap", "zero0"];

    internal static Tally Run(string folder, Tally tally)
    {
        using Stages stages = new();
        foreach (string file in RowFile.In(folder, ".rows"))
        {
            using FirmwareRows rows = new(file);
            while (rows.TryRead(out CommandRow? row, out StateRow? state))
            {
                if (state is { } read) Judge(Path.GetFileName(file), read, tally);
                else Judge(Path.GetFileName(file), row!, stages, tally);
            }
        }

        return tally;
    }

    private static void Judge(string file, StateRow row, Tally tally)
    {
        PageState state = PageStates.Decode(row.Entry);
        if ((ulong)state == row.State)
        {
            tally.Equal();
        }
        else
        {
            tally.Differs(
                $"{file}, row {row.Number}: {row.Entry.Low:x} {row.Entry.High:x}",
                $"expected {row.State:x} {row.Name}\nmodel    {(int)state:x} {state.Name()}");
        }
    }

    private static void Judge(string file, CommandRow row, Stages stages, Tally tally)
    {
        foreach (string tag in Incomparable)
        {
            if (!row.Tags.Contains(tag)) continue;
            tally.Omit(tag);
            return;
        }

        if (!Commands.IsKnown(row.Command))
        {
            tally.Omit($"command {row.Command}");
            return;
        }

        string difference = stages.For(row).Play(row, out bool isUndecided);
        if (isUndecided)
        {
            tally.Note("failed initialisations with the ASIDs of the other context that firmware may have had: rows do not say which");
        }

        if (difference.Length == 0) tally.Equal();
        else tally.Differs($"{file}, row {row.Number}: {row.Command} {string.Join(' ', row.Tags)}", difference);
    }
}
