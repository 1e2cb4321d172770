using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace FastRmp.Tests.Papers;

/// <summary>The order in docs/architecture.md is the order of the code.</summary>
public sealed partial class FolderOrderTests
{
    /// <summary>Edges against the order that are still there. The list may only become shorter.</summary>
    private static readonly string[] Known =
    [
        "generators/FastRmp.Generators: Parsing uses (root)", // the path of emitted files holds the generator's type name
        "src/FastRmp.Images: Internals uses (root)", // the gzip reader throws the exception of malformed input
    ];

    [Theory]
    [InlineData("src/FastRmp")]
    [InlineData("src/FastRmp.Images")]
    [InlineData("src/FastRmp.Cli")]
    [InlineData("src/FastRmp.Native")]
    [InlineData("src/FastRmp.Qemu")]
    [InlineData("generators/FastRmp.Generators")]
    public void Folders_use_only_what_the_order_allows(string project)
    {
        ArgumentNullException.ThrowIfNull(project);
        FolderOrder order = new($"Folders of `{project}`");
        HashSet<string> edges = Edges(project);
        Assert.Empty(order.Upward);
        Assert.DoesNotContain(edges, edge => !IsAllowed(order, edge) && !Known.Contains($"{project}: {edge}"));
        Assert.Empty(Folders(project).Except(order.Names));
        Assert.Empty(order.Names.Except(Folders(project)));
        Assert.DoesNotContain(
            Known, known => known.StartsWith(project + ":", StringComparison.Ordinal) && !edges.Contains(known[(project.Length + 2)..]));
    }

    [Fact]
    public void Projects_reference_only_what_the_order_allows()
    {
        FolderOrder order = new("Projects");
        Assert.Empty(order.Upward);
        List<string> problems = [];
        List<string> projects = [];
        int references = 0;
        foreach (string path in Repository.Files(".csproj").Where(static path => !path.Contains("/Consumer/", StringComparison.Ordinal)))
        {
            string project = Path.GetDirectoryName(path)!.Replace('\\', '/');
            projects.Add(project);
            foreach (Match match in ProjectReference().Matches(Repository.Text(path)))
            {
                string used = Path.GetRelativePath(
                    Repository.Root,
                    Path.GetFullPath(Path.Combine(Repository.Root, project, Path.GetDirectoryName(match.Groups["path"].Value)!)));
                references++;
                if (!order.Allows(project, used.Replace('\\', '/'))) problems.Add($"{project} references {used}");
            }
        }

        Assert.Empty(problems);
        Assert.InRange(references, 20, int.MaxValue);
        Assert.Equal(projects.Order(StringComparer.Ordinal), order.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_forbidden_edge_is_noticed()
    {
        FolderOrder order = new("Folders of `src/FastRmp`");
        Assert.False(order.Allows("Rmp", "Paging"));
        Assert.False(order.Allows("Addressing", "Layouts"));
        Dictionary<string, string> types = new(StringComparer.Ordinal) { ["SnpHost"] = FolderOrder.RootName, ["RmpCheck"] = "Access" };
        Assert.Equal(["Paging"], UsedBy("FastRmp", "using FastRmp.Paging;\n", types, "Rmp").Order(StringComparer.Ordinal));
        Assert.Equal(["Iommu"], UsedBy("FastRmp", "    private FastRmp.Iommu.IommuState _state;\n", types, "Rmp"));
        Assert.Equal([FolderOrder.RootName], UsedBy("FastRmp", "    SnpHost host; // Iommu\n", types, "Rmp"));
        Assert.Equal(["Access"], UsedBy("FastRmp", "    _ = RmpCheck.Host(table);\n", types, "Rmp"));
        Assert.Empty(UsedBy("FastRmp", "namespace FastRmp.Rmp;\n/// <summary>SnpHost.</summary>\nusing FastRmp.Rmp;\n", types, "Rmp"));
    }

    private static bool IsAllowed(FolderOrder order, string edge)
    {
        string[] ends = edge.Split(" uses ");
        return order.Allows(ends[0], ends[1]);
    }

    private static HashSet<string> Edges(string project)
    {
        string name = project[(project.LastIndexOf('/') + 1)..];
        Dictionary<string, string> types = new(StringComparer.Ordinal);
        foreach (string path in Repository.Files(".cs", project))
        {
            types[Path.GetFileName(path).Split('.', '{')[0]] = FolderOf(project, path);
        }

        HashSet<string> edges = [];
        foreach (string path in Repository.Files(".cs", project))
        {
            string folder = FolderOf(project, path);
            foreach (string used in UsedBy(name, Repository.Text(path), types, folder)) edges.Add($"{folder} uses {used}");
        }

        return edges;
    }

    /// <summary>
    /// The folders that a file's code names: by a using directive, by a qualified name, or by a type, since folders share a namespace.
    /// </summary>
    private static HashSet<string> UsedBy(string project, string text, Dictionary<string, string> types, string folder)
    {
        HashSet<string> used = [];
        foreach (string line in text.Split('\n'))
        {
            int comment = line.IndexOf("//", StringComparison.Ordinal);
            string code = comment < 0 ? line : line[..comment];
            if (code.StartsWith("namespace ", StringComparison.Ordinal)) continue;
            foreach (Match match in Regex.Matches(
                code, $@"(?<![\w.]){Regex.Escape(project)}\.(?<folder>[A-Z]\w*)", RegexOptions.CultureInvariant))
            {
                used.Add(match.Groups["folder"].Value);
            }

            if (code.StartsWith("using ", StringComparison.Ordinal)) continue;
            foreach (Match match in Word().Matches(code))
            {
                if (types.TryGetValue(match.Value, out string? where)) used.Add(where);
            }
        }

        used.Remove(folder);
        if (project == "FastRmp") used.Remove("Generators"); // the attributes of layouts, which the generator adds to the library itself
        return used;
    }

    private static IEnumerable<string> Folders(string project) =>
        Repository.Files(".cs", project).Select(path => FolderOf(project, path)).Distinct();

    private static string FolderOf(string project, string path)
    {
        string[] parts = path[(project.Length + 1)..].Split('/');
        return parts.Length == 1 ? FolderOrder.RootName : parts[0];
    }

    [GeneratedRegex("""<ProjectReference Include="(?<path>[^"]+)" """)]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"(?<!\.)\b[A-Z]\w+")]
    private static partial Regex Word();
}
