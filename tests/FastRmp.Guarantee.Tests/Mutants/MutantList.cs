using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>The rules, each broken on purpose.</summary>
internal static partial class MutantList
{
    private const string Update = "Rmp/ReverseMapTable.RmpUpdate.cs";
    private const string Update2M = "Rmp/ReverseMapTable.RmpUpdate2M.cs";
    private const string Update4K = "Rmp/ReverseMapTable.RmpUpdate4K.cs";
    private const string Protocol = "Rmp/ReverseMapTable.Protocol.cs";
    private const string Smash = "Rmp/ReverseMapTable.PSmash.cs";
    private const string Validate = "Rmp/ReverseMapTable.PValidate.cs";
    private const string Adjust = "Rmp/ReverseMapTable.RmpAdjust.cs";
    private const string Query = "Rmp/ReverseMapTable.RmpQuery.cs";
    private const string Guest = "Rmp/ReverseMapTable.Guest.cs";
    private const string Private = "Rmp/ReverseMapTable.Private.cs";
    private const string InUse = "Rmp/ReverseMapTable.InUse.cs";
    private const string Table = "Rmp/ReverseMapTable{TGeometry}.cs";
    private const string Check = "Access/RmpCheck.cs";
    private const string GuestCheck = "Access/RmpCheck.Guest.cs";

    public static IReadOnlyList<Mutant> All { get; } = [.. GuestChecks, .. HostChecks, .. Updates, .. Counts, .. GuestInstructions, .. Firmware, .. Orders];

    private static Mutant ByGame(string name, string file, string snippet, string replacement) => new(name, NoticedBy.Game, [new Edit(file, snippet, replacement)]);

    private static Mutant ByStorm(string name, params IReadOnlyList<Edit> edits) => new(name, NoticedBy.Storm, edits);

    private static Mutant ByReference(string name, string file, string snippet, string replacement) => new(name, NoticedBy.Reference, [new Edit(file, snippet, replacement)]);
}
