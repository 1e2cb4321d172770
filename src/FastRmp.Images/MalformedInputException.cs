using System;

namespace FastRmp.Images;

/// <summary>The content of an input is not what it has to be: empty, truncated, corrupt or inconsistent. The message names the file and the
/// place.</summary>
public sealed class MalformedInputException : Exception
{
    /// <summary>Makes an exception without a place.</summary>
    public MalformedInputException()
        : this("The input is malformed.")
    {
    }

    /// <summary>Makes an exception without a place.</summary>
    /// <param name="message">What is wrong.</param>
    public MalformedInputException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception without a place.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="innerException">What it was first noticed by.</param>
    public MalformedInputException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes the exception of a problem.</summary>
    /// <param name="problem">What is wrong, and where.</param>
    public MalformedInputException(InputProblem problem)
        : base(problem?.ToString()) => Problem = problem;

    /// <summary>Makes the exception of a problem.</summary>
    /// <param name="problem">What is wrong, and where.</param>
    /// <param name="innerException">What it was first noticed by.</param>
    public MalformedInputException(InputProblem problem, Exception innerException)
        : base(problem?.ToString(), innerException) => Problem = problem;

    /// <summary>What is wrong and where; null if only a message was given.</summary>
    public InputProblem? Problem { get; }

    /// <summary>The input's name; empty if unknown.</summary>
    public string File => Problem?.File ?? string.Empty;

    /// <summary>The byte offset, counted after decompression, if that is the place.</summary>
    public ulong? Offset => Problem?.Offset;

    /// <summary>The line, from 1, if that is the place.</summary>
    public long? Line => Problem?.Line;
}
