using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using FastRmp.Images;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>Reads the file that describes a sweep: a JSON object, in which comments and trailing commas are allowed. Every key may be left
/// out; then it has what <c>replay</c> has without the option.</summary>
internal sealed class SweepPlanReader
{
    private const int MostBytes = 16 << 20;
    private const int MostSeeds = 10_000;
    private const string NoConversions = "none";

    private static readonly JsonDocumentOptions Lenient = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        AllowDuplicateProperties = false,
    };

    private static readonly string[] Keys = ["traces", "guest_comm", "rmp", "convert", "seed", "policies", "cpus", "tlb", "cost"];
    private static readonly string[] TraceKeys = ["name", "files", "iomem", "generate"];

    private static readonly Dictionary<string, string> NothingWritten = [];

    private readonly string _path;
    private readonly string _folder;

    private SweepPlanReader(string path)
    {
        _path = path;
        _folder = Path.GetDirectoryName(path) ?? string.Empty;
    }

    /// <summary>Reads it.</summary>
    /// <param name="path">The file; names in it are relative to its folder.</param>
    /// <exception cref="MalformedInputException">It is not a plan; the message names the file, and the line or the key.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal static SweepPlan Read(string path)
    {
        byte[] text = Load(path);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, Lenient);
        }
        catch (JsonException wrong)
        {
            string line = (wrong.LineNumber + 1)?.ToString(CultureInfo.InvariantCulture) ?? "1";
            throw new MalformedInputException($"{path}: line {line}: is not JSON: {Reason(wrong)}", wrong);
        }

        using (document)
        {
            return new SweepPlanReader(path).Plan(document.RootElement);
        }
    }

    private static byte[] Load(string path)
    {
        try
        {
            using InputStream stream = InputStream.Open(path);
            using MemoryStream whole = new();
            byte[] part = new byte[64 * 1024];
            for (int read; (read = stream.Read(part)) != 0;)
            {
                whole.Write(part, 0, read);
                if (whole.Length <= MostBytes) continue;
                throw new MalformedInputException($"{path}: is longer than {MostBytes >> 20} MiB, which no plan is");
            }

            byte[] text = whole.ToArray();
            return text.AsSpan().StartsWith("\uFEFF"u8) ? text[3..] : text;
        }
        catch (ArgumentException wrong)
        {
            throw new IOException($"{path}: cannot be read: {wrong.Message}", wrong);
        }
    }

    // The reader's own words end with a position, which is told before them.
    private static string Reason(JsonException wrong)
    {
        int position = wrong.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (position < 0 ? wrong.Message : wrong.Message[..position]).Trim();
    }

    private SweepPlan Plan(JsonElement root)
    {
        Only(root, string.Empty, Keys);
        List<SweepTrace> traces = Traces(root);
        List<ReplayOptions> options = [];
        foreach (string pattern in Texts(root, "guest_comm") ?? [ReplayOptions.DefaultGuestPattern])
        {
            foreach (string sizes in Choices(root, "rmp", [ReplayCommand.AutoSizes, ReplayCommand.SmallSizes]) ?? [ReplayCommand.AutoSizes])
            {
                options.Add(new ReplayOptions { GuestPattern = pattern, LargeEntries = sizes == ReplayCommand.AutoSizes });
            }
        }

        List<(string? Convert, ulong Seed)> changes = Changes(root);
        List<StudyCosts> costs = Costs(root, (long)traces.Count * options.Count * changes.Count);
        return new SweepPlan(
            traces, options, changes, costs, Choices(root, "policies", [.. MapPolicies.Names, ReplayTable.OptimumName]) ?? []);
    }

    private List<SweepTrace> Traces(JsonElement root)
    {
        if (!root.TryGetProperty("traces", out JsonElement list)) return [new SweepTrace(Sample.TraceName, [], null, NothingWritten)];
        List<SweepTrace> traces = [];
        foreach ((JsonElement one, string place) in Items(list, "traces"))
        {
            SweepTrace trace = Trace(one, place);
            if (traces.Exists(other => other.Name == trace.Name))
            {
                throw Wrong(place, $"'{trace.Name}' is the name of another trace; give it a \"name\"");
            }

            traces.Add(trace);
        }

        return traces;
    }

    private SweepTrace Trace(JsonElement one, string place)
    {
        Dictionary<string, string> written = [];
        if (one.ValueKind == JsonValueKind.String) return new SweepTrace(Text(one, place), [FileName(one, place, written)], null, written);
        if (one.ValueKind != JsonValueKind.Object) throw Wrong(place, "is neither the name of a file nor an object");
        Only(one, place, TraceKeys);
        List<string> files = [];
        if (one.TryGetProperty("files", out JsonElement list))
        {
            foreach ((JsonElement file, string at) in Items(list, $"{place}.files"))
            {
                files.Add(FileName(file, at, written));
            }
        }

        string ownName = files.Count == 0 ? Sample.TraceName : string.Join(", ", files.Select(file => written[file]));
        string? generate = one.TryGetProperty("generate", out JsonElement made) ? Text(made, $"{place}.generate") : null;
        if (generate is not null)
        {
            if (files.Count != 0) throw Wrong($"{place}.generate", "makes the trace: there are no files beside it");
            _ = GeneratorModel.Parse(generate, ConversionModel.DefaultSeed, out string? problem);
            if (problem is not null) throw Wrong($"{place}.generate", problem);
            ownName = generate;
        }

        string? iomem = one.TryGetProperty("iomem", out JsonElement listing) ? FileName(listing, $"{place}.iomem", written) : null;
        if (files.Count == 0 && iomem is not null) throw Wrong($"{place}.iomem", "needs files; others know their memory");
        string name = one.TryGetProperty("name", out JsonElement given) ? Text(given, $"{place}.name") : ownName;
        return new SweepTrace(name, files, iomem, written, generate);
    }

    private List<(string? Convert, ulong Seed)> Changes(JsonElement root)
    {
        List<ulong> seeds = [ConversionModel.DefaultSeed];
        if (root.TryGetProperty("seed", out JsonElement list))
        {
            seeds = [];
            foreach ((JsonElement value, string place) in Items(list, "seed"))
            {
                if (value.ValueKind != JsonValueKind.Number || !value.TryGetUInt64(out ulong seed))
                {
                    throw Wrong(place, "is not a whole number");
                }

                if (!seeds.Contains(seed)) seeds.Add(seed);
                if (seeds.Count > MostSeeds) throw Wrong("seed", $"has more than {MostSeeds} numbers");
            }
        }

        List<string> converts = Texts(root, "convert") ?? [NoConversions];
        foreach (string one in converts)
        {
            if (one == NoConversions) continue;
            _ = ConversionModel.Parse(one, seeds[0], out string? problem);
            if (problem is not null) throw Wrong("convert", problem);
        }

        return [.. converts.SelectMany(one => seeds.Select(seed => (one == NoConversions ? null : one, seed)))];
    }

    private List<StudyCosts> Costs(JsonElement root, long others)
    {
        List<StudyCosts> costs = [new StudyCosts()];
        if (root.TryGetProperty("cpus", out JsonElement cpus))
        {
            costs = [.. Items(cpus, "cpus").Select(item => new StudyCosts { Cpus = Processors(item.Value, item.Place) }).Distinct()];
        }

        if (Choices(root, "tlb", [.. TlbSizes.All.Select(static one => one.Name)]) is { } tlbs)
        {
            costs = [.. costs.SelectMany(_ => tlbs, static (cost, name) => cost with { Tlb = TlbSizes.Find(name)! })];
        }

        if (root.TryGetProperty("cost", out JsonElement keys))
        {
            Only(keys, "cost", [.. StudyCosts.Keys.Select(static one => one.Key)]);
            foreach (JsonProperty key in keys.EnumerateObject())
            {
                string place = $"cost.{key.Name}";
                HashSet<double> values = [];
                foreach ((JsonElement value, string at) in Items(key.Value, place))
                {
                    if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double nanoseconds) || nanoseconds < 0)
                    {
                        throw Wrong(at, "is not a number of nanoseconds");
                    }

                    StudyCosts any = costs[0];
                    if (StudyCosts.Change(Change(key.Name, nanoseconds), ref any) is { } problem) throw Wrong(at, problem);
                    values.Add(any.Value(key.Name));
                }

                Require((long)costs.Count * values.Count * others);
                List<StudyCosts> more = [];
                foreach (double value in values)
                {
                    foreach (StudyCosts cost in costs)
                    {
                        StudyCosts changed = cost;
                        StudyCosts.Change(Change(key.Name, value), ref changed);
                        more.Add(changed);
                    }
                }

                costs = more;
            }
        }

        Require(costs.Count * others);
        return costs;
    }

    private static string Change(string key, double nanoseconds) =>
        $"{key}={nanoseconds.ToString("0.####################", CultureInfo.InvariantCulture)}";

    private void Require(long tasks)
    {
        if (tasks > SweepPlan.MostTasks)
        {
            throw new MalformedInputException($"{_path}: has more than {SweepPlan.MostTasks} replays");
        }
    }

    private int Processors(JsonElement value, string place) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number is >= 1 and <= ReplayCommand.MostProcessors
            ? number
            : throw Wrong(place, $"is not a number of processors, 1 to {ReplayCommand.MostProcessors}");

    private List<string>? Choices(JsonElement root, string key, string[] choices)
    {
        List<string>? texts = Texts(root, key);
        foreach (string one in texts ?? [])
        {
            if (!choices.Contains(one)) throw Wrong(key, $"'{one}' is not one of {string.Join(", ", choices)}");
        }

        return texts;
    }

    // A value that stands twice counts once.
    private List<string>? Texts(JsonElement root, string key) => !root.TryGetProperty(key, out JsonElement list)
        ? null
        : [.. Items(list, key).Select(item => Text(item.Value, item.Place)).Distinct()];

    private string FileName(JsonElement value, string place, Dictionary<string, string> written)
    {
        string name = Text(value, place);
        string path = Path.Combine(_folder, name);
        if (!written.TryAdd(path, name)) throw Wrong(place, $"'{name}' is named twice");
        return path;
    }

    private string Text(JsonElement value, string place)
    {
        string? text = null;
        try
        {
            text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // half a surrogate pair
        }

        return text is { Length: > 0 } && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : throw Wrong(place, "is no text, or an empty one");
    }

    // A single value stands for a list of one.
    private IEnumerable<(JsonElement Value, string Place)> Items(JsonElement list, string place)
    {
        if (list.ValueKind != JsonValueKind.Array) return [(list, place)];
        if (list.GetArrayLength() == 0) throw Wrong(place, "is empty");
        return list.EnumerateArray().Select((value, index) => (value, string.Create(CultureInfo.InvariantCulture, $"{place}[{index}]")));
    }

    private void Only(JsonElement element, string place, string[] keys)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong(place, "is not an object");
        foreach (JsonProperty one in element.EnumerateObject())
        {
            if (!keys.Contains(one.Name)) throw Wrong(place, $"there is no key '{one.Name}'; there are {string.Join(", ", keys)}");
        }
    }

    private MalformedInputException Wrong(string place, string problem) =>
        new(place.Length == 0 ? $"{_path}: {problem}" : $"{_path}: {place}: {problem}");
}
