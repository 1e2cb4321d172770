using System.IO;

namespace FastRmp.Judges.Firmware;

/// <summary>Rows of AMD's published SEV firmware, run as a program: what each command does to platform, guests and RMP.</summary>
internal static class FirmwareJudge
{
    /// <summary>Faults of that firmware, which no model repeats: entries that it never read, and lists that it reads wrongly.</summary>
    private static readonly string[] Incomparable = ["undef", "tail", "overlap", "zero0"];

    internal static RowCounts Run(string folder, RowCounts counts)
    {
        using RowMachines machines = new();
        foreach (string file in RowFile.In(folder, ".rows"))
        {
            using FirmwareRows rows = new(file);
            while (rows.TryRead(out CommandRow? row, out StateRow? state))
            {
                if (state is { } read) Judge(Path.GetFileName(file), read, counts);
                else Judge(Path.GetFileName(file), row!, machines, counts);
            }
        }

        return counts;
    }

    private static void Judge(string file, StateRow row, RowCounts counts)
    {
        PageState state = row.Entry.State;
        if ((ulong)state == row.State)
        {
            counts.Equal();
        }
        else
        {
            counts.Differs(
                $"{file}, row {row.Number}: {row.Entry.Low:x} {row.Entry.High:x}",
                $"expected {row.State:x} {row.Name}\nmodel    {(int)state:x} {state.Name()}");
        }
    }

    private static void Judge(string file, CommandRow row, RowMachines machines, RowCounts counts)
    {
        foreach (string tag in Incomparable)
        {
            if (!row.Tags.Contains(tag)) continue;
            counts.Omit(tag);
            return;
        }

        if (!Commands.IsKnown(row.Command))
        {
            counts.Omit($"command {row.Command}");
            return;
        }

        string difference = machines.For(row).Play(row, out bool isUndecided);
        if (isUndecided)
        {
            counts.Note("failed initialisations with the ASIDs of the other context that firmware may have had: rows do not say which");
        }

        if (difference.Length == 0) counts.Equal();
        else counts.Differs($"{file}, row {row.Number}: {row.Command} {string.Join(' ', row.Tags)}", difference);
    }
}
