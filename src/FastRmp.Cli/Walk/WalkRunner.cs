using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Walk;

/// <summary><c>fastrmp walk</c>: opens the image and what of its RMP is asked, and walks each address.</summary>
internal static class WalkRunner
{
    internal static int Run(Session session, WalkRequest request)
    {
        using MemoryImage image = ImageSource.Open(session, request.Image);
        session.Report(image.Problems);
        using ImageRmp? rmp = OpenRmp(session, image, request);
        bool isAnswered = request.Device is { } device ? new DeviceWalk(session, image, request, device, rmp).Run()
            : request.Nested is { } nested ? new NestedWalk(session, image, request, nested, rmp).Run()
            : new HostWalk(session, image, request, rmp).Run();
        return isAnswered && !image.Problems.Any ? ExitCode.Done : ExitCode.BadInput;
    }

    private static ImageRmp? OpenRmp(Session session, MemoryImage image, WalkRequest request)
    {
        if (request.Rmp is not { } asked) return null;
        RmpLocation location = RmpPlaces.Locate(session, image, asked);
        RmpPlaces.Tell(session, image, location);
        RmpDoubts.Tell(session, image, location);
        RmpPlaces.TellFormat(session, image, location.Geometry);
        return ImageRmp.Open(image, location.Geometry, request.Processor);
    }

    /// <summary>Separates the walk of one address from the one before.</summary>
    internal static void Begin(Session session, ImageRmp? rmp, int index)
    {
        if (index != 0) session.Output.WriteLine(string.Empty);
        rmp?.Begin();
    }

    /// <summary>Ends a walk that needed an RMP entry which the image does not hold: what it said of the rest is not known.</summary>
    /// <returns>False if it needed none.</returns>
    internal static bool EndsAtMissingRmp(Session session, MemoryImage image, ImageRmp? rmp)
    {
        if (rmp?.Missing is not { } missing) return false;
        string text = $"the RMP entry at {EntryLine.Hex(missing.Value)} {AbsenceText.Of(image.Memory, missing)}";
        session.Output.WriteLine($"end: {text}");
        session.Error($"{image.Name}: {text}");
        return true;
    }

    /// <summary>Reports, also on standard error, that a walk left the image.</summary>
    /// <returns>Whether that is an answer: the machine had no memory there, or its writer left the page out. An image that should have it
    /// and has not gives none.</returns>
    internal static bool ReportOutside(Session session, MemoryImage image, string entry, PhysicalAddress address)
    {
        session.Error($"{image.Name}: the {entry} {AbsenceText.Of(image.Memory, address)}");
        return image.Memory.StatusOf(address) is ImagePageStatus.Absent or ImagePageStatus.Excluded;
    }

    /// <summary>Tells on standard error that the page that a walk ends in cannot be looked at, if that is so.</summary>
    internal static void RemarkPage(Session session, MemoryImage image, PhysicalAddress page)
    {
        if (AbsenceText.OfPage(image.Memory, page) is { } reason)
        {
            session.Remark($"{image.Name}: the page at {EntryLine.Hex(page.Value)} {reason}");
        }
    }
}
