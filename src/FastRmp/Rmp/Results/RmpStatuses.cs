namespace FastRmp;

/// <summary>The names of result codes.</summary>
internal static class RmpStatuses
{
    /// <summary>The number of a code and the manual's name of it, without allocation.</summary>
    /// <param name="status">The code.</param>
    /// <returns>Text such as <c>4 FAIL_OVERLAP</c>; <c>?</c> for a value that is not a code.</returns>
    public static string Name(this RmpStatus status) => status switch
    {
        RmpStatus.Success => "0 SUCCESS",
        RmpStatus.FailInput => "1 FAIL_INPUT",
        RmpStatus.FailPermission => "2 FAIL_PERMISSION",
        RmpStatus.FailInUse => "3 FAIL_INUSE",
        RmpStatus.FailOverlap => "4 FAIL_OVERLAP",
        RmpStatus.FailSizeMismatch => "6 FAIL_SIZEMISMATCH",
        RmpStatus.FailBadAddress => "7 FAIL_BADADDR",
        _ => "?",
    };
}
