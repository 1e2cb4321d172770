namespace FastRmp.Generators.Models;

/// <summary>A named value of an enum field.</summary>
/// <param name="Name">Name as it is printed.</param>
/// <param name="Value">Value, fitting the field.</param>
internal sealed record EnumMemberModel(string Name, ulong Value);
