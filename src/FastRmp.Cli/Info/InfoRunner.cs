using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Info;

/// <summary><c>fastrmp info</c>: opens the image, looks, prints.</summary>
internal static class InfoRunner
{
    internal static int Run(Session session, ImageFiles files, bool isJson)
    {
        using MemoryImage image = ImageSource.Open(session, files);
        session.Report(image.Problems);
        InfoReport report = InfoReport.Of(image, session.Cancellation);
        session.Output.Write(isJson ? InfoJson.Text(report) : InfoText.Text(report));
        ulong broken = report.Counts.Lost + report.Counts.Damaged;
        if (broken == 0 && !image.Problems.Any) return ExitCode.Done;
        // Where every page was looked at, more shows than when the image was opened.
        if (!image.Problems.Any)
        {
            session.Error(string.Create(
                CultureInfo.InvariantCulture, $"{image.Name}: {broken >> 10} kB of memory are lost or damaged, and not read"));
        }

        return ExitCode.BadInput;
    }
}
