namespace FastRmp.Paging;

/// <summary>Whether GMET is on: a type argument, so that walks without it have no trace of it.</summary>
internal interface IExecuteTrap
{
    static abstract bool IsOn { get; }
}
