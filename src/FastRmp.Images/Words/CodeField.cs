namespace FastRmp.Images;

/// <summary>One bit of an error code.</summary>
/// <param name="Name">The manual's short name.</param>
/// <param name="IsSet">Whether it is set.</param>
/// <param name="Set">What that means.</param>
/// <param name="Clear">What it means if it is clear; empty if nothing worth a word.</param>
internal readonly record struct CodeField(string Name, bool IsSet, string Set, string Clear);
