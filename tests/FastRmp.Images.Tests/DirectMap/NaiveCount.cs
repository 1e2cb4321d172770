using System.Collections.Generic;

namespace FastRmp.Images.Tests.DirectMap;

/// <summary>Counts the leaves at a constant distance by plain recursion. A table on its own path is not entered.</summary>
internal sealed class NaiveCount(TableImage image, ulong start, ulong last)
{
    internal long[] Leaves { get; } = new long[3];

    internal static long[] Of(TableImage image, ulong start, ulong last)
    {
        NaiveCount count = new(image, start, last);
        ulong upper = image.Levels == 5 ? 0xFE00_0000_0000_0000UL : 0xFFFF_0000_0000_0000UL;
        count.Visit(image.Root, image.Levels, upper, []);
        return count.Leaves;
    }

    private void Visit(ulong table, int level, ulong linear, List<ulong> path)
    {
        if (path.Contains(table) || !image.Pages.TryGetValue(table, out ulong[]? entries)) return;
        path.Add(table);
        for (int index = level == image.Levels ? 256 : 0; index < 512; index++)
        {
            ulong bytes = 1UL << (3 + (9 * level));
            ulong va = linear + ((ulong)index * bytes);
            if (va > last || va + (bytes - 1) < start) continue;
            ulong entry = entries[index];
            if ((entry & 1) == 0) continue;
            if (level == 1 || (level <= 3 && (entry & TableImage.PS) != 0))
            {
                ulong page = entry & TableImage.AddressField & ~(bytes - 1);
                if (va - page == start) Leaves[level - 1]++;
            }
            else
            {
                Visit(entry & TableImage.AddressField, level - 1, va, path);
            }
        }

        path.RemoveAt(path.Count - 1);
    }
}
