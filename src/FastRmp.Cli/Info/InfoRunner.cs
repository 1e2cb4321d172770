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
        return image.Problems.Any ? ExitCode.BadInput : ExitCode.Done;
    }
}
