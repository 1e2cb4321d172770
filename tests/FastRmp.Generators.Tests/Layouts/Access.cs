using System;

namespace FastRmp.Generators.Tests.Layouts;

/// <summary>Flags over 16 bits.</summary>
[Flags]
internal enum Access : ushort
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
}
