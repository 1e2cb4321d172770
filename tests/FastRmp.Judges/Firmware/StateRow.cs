namespace FastRmp.Judges.Firmware;

/// <summary>A row of page states: what firmware reads out of an entry.</summary>
internal readonly record struct StateRow(string Number, RmpEntry Entry, ulong State, string Name);
