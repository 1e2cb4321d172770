namespace FastRmp.Judges.Firmware;

/// <summary>Entries of consecutive pages: the low quadword rises by a step, the high one stays.</summary>
internal readonly record struct EntryRun(ulong Page, ulong Count, ulong Low, ulong High, ulong Step);
