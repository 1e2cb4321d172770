using System;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>Both models of one machine, whatever its geometry.</summary>
internal interface IModels : IDisposable
{
    ProcessorModel Processor { get; }

    ModelChoices Choices { get; }

    /// <summary>What the operations so far came to.</summary>
    OutcomeCounts OutcomeCounts { get; }

    /// <summary>The raw entry of a page, zero if it has none.</summary>
    RmpEntry Entry(ulong page);

    bool IsCovered(ulong page);

    /// <summary>
    /// Makes an operation in both and compares the outcome and all of the state, by a copy of the table that the reference keeps up.
    /// </summary>
    void Run(in Operation operation);

    /// <summary>Compares all of the state by what both models answer, and the copy with the reference.</summary>
    void CompareAll();
}
