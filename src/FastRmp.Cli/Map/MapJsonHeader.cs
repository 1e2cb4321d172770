using System.Globalization;
using System.Text.Json;

namespace FastRmp.Cli.Map;

/// <summary>The members before the list in <c>map --json</c>. The list itself is written row by row: it may be longer than
/// memory.</summary>
internal static class MapJsonHeader
{
    internal static string Text(MapHeader header, string listName)
    {
        string cpu = header.Cpu?.ToString(CultureInfo.InvariantCulture) ?? "null";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"image\":\"{JsonEncodedText.Encode(header.Image)}\",\"cpu\":{cpu},\"root\":\"0x{header.Root:x}\",\"levels\":{header.Levels},\"{listName}\":[");
    }
}
