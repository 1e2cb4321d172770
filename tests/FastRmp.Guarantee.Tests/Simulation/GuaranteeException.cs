using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>The guarantee of the hardware is broken.</summary>
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
