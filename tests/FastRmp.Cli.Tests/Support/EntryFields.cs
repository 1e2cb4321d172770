using System.Collections.Generic;
using FastRmp.Images;
using Xunit;

namespace FastRmp.Cli.Tests.Support;

/// <summary>Reads the fields of a decoded entry.</summary>
internal static class EntryFields
{
    /// <summary>The value of the only field with a name.</summary>
    internal static string One(List<EntryField> fields, string name) => Assert.Single(fields, field => field.Name == name).Value;
}
