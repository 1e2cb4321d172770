namespace FastRmp.Paging;

/// <summary>GMET is off.</summary>
internal readonly struct NoExecuteTrap : IExecuteTrap
{
    public static bool IsOn => false;
}
