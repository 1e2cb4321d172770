namespace FastRmp.Images;

/// <summary>The names of what RMP instructions return. Source: AMD64 APM vol. 3.</summary>
internal static class ReturnCodes
{
    internal static string? RmpUpdate(int code) => code switch
    {
        0 => "SUCCESS",
        1 => "FAIL_INPUT",
        2 => "FAIL_PERMISSION",
        3 => "FAIL_INUSE",
        4 => "FAIL_OVERLAP",
        _ => null,
    };

    internal static string? PSmash(int code) => code switch
    {
        0 => "SUCCESS",
        1 => "FAIL_INPUT",
        2 => "FAIL_PERMISSION",
        3 => "FAIL_INUSE",
        7 => "FAIL_BADADDR",
        _ => null,
    };
}
