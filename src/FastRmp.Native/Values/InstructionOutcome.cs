using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_instruction_result.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct InstructionOutcome
{
    private readonly ulong _exitInfo1;
    private readonly ulong _exitInfo2;
    private readonly ulong _faultAddress;
    private readonly uint _errorCode;
    private readonly byte _status;
    private readonly byte _code;
    private readonly byte _isContention;
    private readonly byte _reserved;

    internal InstructionOutcome(in InstructionResult result)
    {
        _exitInfo1 = result.ExitInfo1.Value;
        _exitInfo2 = result.ExitInfo2.Value;
        _faultAddress = result.FaultAddress;
        _errorCode = result.ErrorCode;
        _status = (byte)result.Status;
        _code = (byte)result.Code;
        _isContention = result.IsContention ? (byte)1 : (byte)0;
        _reserved = 0;
    }
}
