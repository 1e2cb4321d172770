using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

namespace FastRmp.Qemu;

/// <summary>Operands that translated code points to; each once, for ever. Any threads.</summary>
internal sealed unsafe class StoreOperands
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StoreOperand, nint> _places = [];

    /// <summary>The operand at a place.</summary>
    internal static ref readonly StoreOperand At(nint place) => ref *(StoreOperand*)place;

    /// <summary>The place of an operand.</summary>
    internal nint Of(in StoreOperand operand)
    {
        lock (_gate)
        {
            if (_places.TryGetValue(operand, out nint place)) return place;
            StoreOperand* made = (StoreOperand*)NativeMemory.Alloc((nuint)sizeof(StoreOperand));
            *made = operand;
            _places.Add(operand, (nint)made);
            return (nint)made;
        }
    }
}
