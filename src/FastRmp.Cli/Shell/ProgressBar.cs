using System;
using Spectre.Console;

namespace FastRmp.Cli.Shell;

/// <summary>A progress bar on standard error, if that is a terminal and <c>--quiet</c> was not given.</summary>
internal static class ProgressBar
{
    private const int BarColumns = 40;

    /// <summary>Does work under a bar.</summary>
    /// <typeparam name="TResult">What the work gives.</typeparam>
    /// <param name="session">Where the bar goes.</param>
    /// <param name="title">What is done.</param>
    /// <param name="total">How much work there is; null if not known.</param>
    /// <param name="work">The work; it may call its argument, with how much is done, from any thread. Null if there is no bar.</param>
    internal static TResult Run<TResult>(Session session, string title, long? total, Func<Action<long>?, TResult> work)
    {
        if (session.IsQuiet || !session.Terminal.IsError) return work(null);
        AnsiConsoleSettings settings = new()
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = session.Terminal.AllowsColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(session.ErrorWriter),
        };
        settings.Enrichment.UseDefaultEnrichers = false;
        IAnsiConsole console = AnsiConsole.Create(settings);
        return console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn { Width = BarColumns }, new PercentageColumn(),
                new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total ?? 1));
                task.IsIndeterminate = total is null;
                return work(done => task.Value = done);
            });
    }
}
