namespace FastRmp.Images;

/// <summary>One field of a raw value, ready to print as <c>name: value</c>.</summary>
/// <param name="Name">In lower case with underscores.</param>
/// <param name="Value">A number, an address with <c>0x</c>, or words.</param>
internal readonly record struct EntryField(string Name, string Value);
