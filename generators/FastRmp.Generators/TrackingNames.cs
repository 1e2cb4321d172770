namespace FastRmp.Generators;

/// <summary>Names of the pipeline steps; the cacheability tests look the steps up by these.</summary>
internal static class TrackingNames
{
    /// <summary>From a declaration to a model, or to nothing where none can be written for.</summary>
    internal const string Parse = nameof(Parse);

    /// <summary>The models that are there.</summary>
    internal const string Layouts = nameof(Layouts);

    /// <summary>The hint name of each model.</summary>
    internal const string HintNames = nameof(HintNames);

    /// <summary>The hint names that differ from another one in letter case alone.</summary>
    internal const string Collisions = nameof(Collisions);

    /// <summary>Each model beside the collisions: the input of the output step.</summary>
    internal const string Outputs = nameof(Outputs);
}
