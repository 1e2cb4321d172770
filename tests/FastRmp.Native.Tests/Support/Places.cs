using System.Linq;
using System.Reflection;

namespace FastRmp.Native.Tests.Support;

/// <summary>Where things are.</summary>
internal static class Places
{
    /// <summary>The repository's root.</summary>
    internal static string Repository => typeof(Places).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The examples.</summary>
    internal static string Examples => System.IO.Path.Combine(Repository, "src/FastRmp.Native/examples");
}
