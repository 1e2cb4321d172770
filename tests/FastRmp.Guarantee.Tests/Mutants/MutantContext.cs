using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.Loader;

namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>Where one mutant lives, and what it is made of.</summary>
/// <param name="images">Assemblies of its own, by name; all others are those of this process.</param>
internal sealed class MutantContext(IReadOnlyDictionary<string, byte[]> images) : AssemblyLoadContext(name: null, isCollectible: true)
{
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (!images.TryGetValue(assemblyName.Name!, out byte[]? image)) return null;
        using MemoryStream stream = new(image);
        return LoadFromStream(stream);
    }
}
