namespace FastRmp.Images;

/// <summary>A field of a message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it says.</param>
public readonly record struct LogDetail(string Name, string Value);
