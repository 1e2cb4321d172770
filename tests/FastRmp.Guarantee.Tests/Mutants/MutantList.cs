using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>The rules, each broken on purpose.</summary>
internal static partial class MutantList
{
    private const string Update = "Rmp/Instructions/RmpUpdateInstruction.cs";
    private const string Update2M = "Rmp/Instructions/RmpUpdate2M.cs";
    private const string Update4K = "Rmp/Instructions/RmpUpdate4K.cs";
    private const string Protocol = "Rmp/Protocol/RmpProtocol.cs";
    private const string Smash = "Rmp/Instructions/PSmashInstruction.cs";
    private const string Validate = "Rmp/Instructions/PValidateInstruction.cs";
    private const string Adjust = "Rmp/Instructions/RmpAdjustInstruction.cs";
    private const string Query = "Rmp/Instructions/RmpQueryInstruction.cs";
    private const string Guest = "Rmp/Instructions/GuestRules.cs";
    private const string Private = "Rmp/Instructions/PrivateAccess.cs";
    private const string InUse = "Rmp/ReverseMapTable{TGeometry}.InUse.cs";
    private const string Counters = "Rmp/Protocol/AsidCounters.cs";
    private const string Low = "Rmp/Protocol/LowQuadword.cs";
    private const string Reading = "Rmp/Protocol/RmpProtocol.Reading.cs";
    private const string Run = "Rmp/Instructions/VmRun.cs";
    private const string Host = "Rmp/ReverseMapTable{TGeometry}.Host.cs";
    private const string Cache = "Access/TranslationCache{TGeometry}.cs";
    private const string CacheLevels = "Access/TranslationCache{TGeometry}.Levels.cs";
    private const string CacheWalks = "Access/TranslationCache{TGeometry}.Walks.cs";
    private const string Check = "Access/RmpCheck.cs";
    private const string GuestCheck = "Access/RmpCheck.Guest.cs";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        .. GuestChecks, .. HostChecks, .. Updates, .. Counts, .. GuestInstructions, .. Firmware, .. Orders, .. Overwrites, .. Caches,
        .. PlainStores,
    ];

    private static Mutant BySimulation(string name, string file, string snippet, string replacement) =>
        new(name, DetectedBy.Simulation, [new Edit(file, snippet, replacement)]);

    private static Mutant ByStress(string name, params IReadOnlyList<Edit> edits) => new(name, DetectedBy.StressRun, edits);

    private static Mutant BySchedules(string name, params IReadOnlyList<Edit> edits) => new(name, DetectedBy.Schedules, edits);

    private static Mutant ByCacheSchedules(string name, params IReadOnlyList<Edit> edits) => new(name, DetectedBy.CacheSchedules, edits);

    private static Mutant ByCountSchedules(string name, params IReadOnlyList<Edit> edits) => new(name, DetectedBy.CountSchedules, edits);

    private static Mutant ByReference(string name, string file, string snippet, string replacement) =>
        new(name, DetectedBy.Reference, [new Edit(file, snippet, replacement)]);
}
