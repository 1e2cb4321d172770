namespace FastRmp.Paging;

/// <summary>GMET is on.</summary>
internal readonly struct ExecuteTrap : IExecuteTrap
{
    public static bool IsOn => true;
}
