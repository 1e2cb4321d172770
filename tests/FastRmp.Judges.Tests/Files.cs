using System.IO;

namespace FastRmp.Judges.Tests;

/// <summary>Rows made by hand, given to a judge as a file.</summary>
internal static class Files
{
    internal static (int Code, string Output) Judge(string judge, string text, string name = "rows.tsv")
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            string file = Path.Combine(folder.FullName, name);
            File.WriteAllText(file, text);
            return JudgeRun.Of(judge, file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
