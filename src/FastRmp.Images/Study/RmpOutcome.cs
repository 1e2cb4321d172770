namespace FastRmp.Images.Study;

/// <summary>What became of an instruction of a trace.</summary>
internal enum RmpOutcome
{
    /// <summary>Refused before it was executed: the direct map was not touched. Of what is no instruction, this, too.</summary>
    Refused = 0,

    /// <summary>Executed, or known from the trace to have failed, without effect.</summary>
    Failed = 1,

    /// <summary>It took effect.</summary>
    Done = 2,
}
