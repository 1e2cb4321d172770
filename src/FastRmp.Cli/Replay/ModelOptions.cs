using System;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>The options of <c>replay</c> that make, change or write a trace.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _convert = new("--convert")
    {
        HelpName = "MODEL",
        Description = "Lay page-state changes of running guests over a page allocator's trace: MODEL[,KEY=VALUE]..., as below.",
    };

    private readonly Option<string?> _generate = new("--generate")
    {
        HelpName = "SPEC",
        Description = "Replay a trace that is made on the way, in place of a TRACE, of a host with these parameters: KEY=VALUE[,...], as below.",
    };

    private readonly Option<ulong> _seed = new("--seed")
    {
        HelpName = "N",
        DefaultValueFactory = static _ => ConversionModel.DefaultSeed,
        Description = "What the random numbers of --convert and --generate begin with: the same seed gives the same result.",
    };

    private readonly Option<string?> _record = new("--record")
    {
        HelpName = "FILE",
        Description = "Also write what is replayed as a trace of RMP instructions; packed if FILE ends in .gz or .zst, in the binary form if it ends in .rmpt before that.",
    };

    /// <summary>Adds the options to the command.</summary>
    internal ModelOptions(Command command)
    {
        _convert.CompletionSources.Add(ConversionModel.Models.Select(static one => one.Name).ToArray());
        foreach (Option one in All)
        {
            command.Add(one);
        }
    }

    /// <summary>The options.</summary>
    internal Option[] All => [_convert, _generate, _seed, _record];

    /// <summary>What stands below the help.</summary>
    /// <param name="width">Columns of the names.</param>
    internal static string Help(int width)
    {
        StringBuilder text = new("Models of --convert, and their parameters with the values of linux (docs/study.md has their sources):\n");
        foreach ((string name, string meaning) in ConversionModel.Models)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name.PadRight(width)}{meaning}\n");
        }

        return text
            .Append("with\n").Append(ConversionModel.Help(width))
            .Append("\nParameters of --generate:\n").Append(GeneratorModel.Help(width)).Append('\n')
            .ToString();
    }

    /// <summary>Reads the options.</summary>
    /// <returns>What is wrong with them; null if nothing.</returns>
    internal string? Read(ParseResult parse, ref ReplayRequest request)
    {
        ulong seed = parse.GetValue(_seed);
        request = request with { Record = parse.GetValue(_record) };
        if (parse.GetValue(_convert) is { } convert)
        {
            request = request with { Conversions = ConversionModel.Parse(convert, seed, out string? problem) };
            if (problem is not null) return $"--convert: {problem}";
        }

        if (parse.GetValue(_generate) is not { } generate) return null;
        request = request with { Generator = GeneratorModel.Parse(generate, seed, out string? wrong) };
        if (wrong is not null) return $"--generate: {wrong}";
        if (request.Traces.Count != 0) return "--generate: makes the trace: there is no TRACE beside it";
        return request.Iomem is null ? null : "--generate: makes the memory: there is no --iomem beside it";
    }

    /// <summary>What is wrong with the file of a recorded trace; null if nothing.</summary>
    internal static string? Problem(ReplayRequest request, Func<string?, string, bool> isSameFile)
    {
        if (request.Record is not { } record) return null;
        if (record is "" or ReplayFiles.StandardInput) return "--record: needs the name of a file";
        if (request.Traces.Append(request.Iomem).Any(path => isSameFile(path, record))) return $"--record: '{record}' is an input";
        return isSameFile(request.Report, record) ? $"--record: '{record}' is the file of --report" : null;
    }
}
