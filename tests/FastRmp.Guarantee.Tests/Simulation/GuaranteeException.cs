using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>What the hardware promises has not been kept.</summary>
internal sealed class GuaranteeException : InvalidOperationException
{
    public GuaranteeException()
    {
    }

    public GuaranteeException(string message)
        : base(message)
    {
    }

    public GuaranteeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
