using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.CrossCheck;

/// <summary>Compares the direct map of an image with its RMP.</summary>
internal static class CrossChecker
{
    private const int Shown = 16;
    private const int MostListed = 1 << 20; // 2 TiB of regions, all of them wrong

    /// <summary>Finds the direct map by the tables of processor 0, or the kernel's own, and compares.</summary>
    /// <param name="session">Where problems go.</param>
    /// <param name="image">The image with the tables.</param>
    /// <param name="rmp">The RMP.</param>
    /// <param name="isAll">Whether all regions are wanted, not only the first.</param>
    /// <returns>Null if there is no direct map, which is told.</returns>
    internal static CrossCheckReport? Run(Session session, MemoryImage image, RmpImage rmp, bool isAll)
    {
        try
        {
            PagingState state = ImageSource.Processor(image, cpu: null, new PagingOptions()).PagingState;
            if (DirectMapFinder.TryFind(
                image.Memory.View(), state, image.FindVmCoreInfo(session.Cancellation), out DirectMapLocation location,
                cancellation: session.Cancellation))
            {
                return Run(session, image, location, rmp, isAll);
            }

            session.Remark($"{image.Name}: the RMP is not compared with the direct map, which is not found");
        }
        catch (MalformedInputException refusal)
        {
            string reason = refusal.Problem?.Reason ?? refusal.Message;
            session.Remark($"{image.Name}: the RMP is not compared with the direct map: the image {reason}");
        }

        return null;
    }

    /// <summary>Compares a direct map.</summary>
    internal static CrossCheckReport Run(
        Session session, MemoryImage image, in DirectMapLocation location, RmpImage rmp, bool isAll)
    {
        Stopwatch watch = Stopwatch.StartNew();
        List<DirectMapRmpRegion> faulting = [];
        List<DirectMapRmpRegion> free = [];
        int most = isAll ? MostListed : Shown;
        DirectMapRmpCheck check = new(image, location, rmp, session.Cancellation);
        while (check.MoveNext())
        {
            List<DirectMapRmpRegion> list = check.Current.Finding == DirectMapRmpFinding.WritesFault ? faulting : free;
            if (list.Count < most) list.Add(check.Current);
        }

        session.Detail(string.Create(
            CultureInfo.InvariantCulture, $"comparing the direct map with the RMP took {watch.ElapsedMilliseconds} ms"));
        return new CrossCheckReport(location, check.Totals, check.FirstAbsentRegion, check.AbsentTables, faulting, free);
    }
}
