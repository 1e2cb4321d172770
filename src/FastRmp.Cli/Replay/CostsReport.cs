using System.Collections.Generic;
using System.Text.Json.Serialization;
using FastRmp.Images.Study;

namespace FastRmp.Cli.Replay;

/// <summary>The constants of the modelled cost.</summary>
/// <param name="Processors">How many processors a flush interrupts, the one that flushes included.</param>
/// <param name="Tlb">Whose TLB sizes.</param>
/// <param name="Nanoseconds">The keys of <c>--cost</c>.</param>
internal sealed record CostsReport(
    [property: JsonPropertyName("cpus")] int Processors,
    [property: JsonPropertyName("tlb")] string Tlb,
    [property: JsonPropertyName("nanoseconds")] IReadOnlyDictionary<string, double> Nanoseconds)
{
    internal static CostsReport From(StudyCosts costs)
    {
        Dictionary<string, double> values = [];
        foreach ((string key, _) in StudyCosts.Keys)
        {
            values.Add(key, costs.Value(key));
        }

        return new CostsReport(costs.Cpus, costs.Tlb.Name, values);
    }
}
