namespace FastRmp.Cli.Map;

/// <summary>What a listing begins with.</summary>
/// <param name="Image">The image's name.</param>
/// <param name="Cpu">The processor; null if the user gave a root.</param>
/// <param name="Root">Address of the top table.</param>
/// <param name="Levels">Four or five.</param>
internal sealed record MapHeader(string Image, int? Cpu, ulong Root, int Levels);
