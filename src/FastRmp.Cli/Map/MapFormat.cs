namespace FastRmp.Cli.Map;

/// <summary>How a listing is printed.</summary>
internal enum MapFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>Columns with tabs between them, no heading.</summary>
    Tsv,

    /// <summary>One JSON object.</summary>
    Json,
}
