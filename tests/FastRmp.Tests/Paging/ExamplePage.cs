namespace FastRmp.Tests.Paging;

/// <summary>The page that an example accesses.</summary>
public enum ExamplePage
{
    Absent,
    Kernel,
    KernelReadOnly,
    KernelNoExecute,
    User,
    UserReadOnly,
    UserNoExecute,
    Malformed,
}
