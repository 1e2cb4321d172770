using System;

namespace FastRmp.Cli.Scripts;

/// <summary>The names of the operations.</summary>
internal static class Operations
{
    /// <summary>Finds an operation by its name, in any case. The length decides first: at most five comparisons.</summary>
    internal static Operation Find(ReadOnlySpan<byte> word) => word.Length switch
    {
        2 => FieldReader.Is(word, "fw"u8) ? Operation.Firmware : Operation.Unknown,
        3 => FieldReader.Is(word, "rmp"u8) ? Operation.Rmp : Operation.Unknown,
        4 => FieldReader.Is(word, "host"u8) ? Operation.Host : Operation.Unknown,
        5 => Five(word),
        6 => Six(word),
        7 => FieldReader.Is(word, "rmpread"u8) ? Operation.RmpRead : Operation.Unknown,
        8 => FieldReader.Is(word, "rmpquery"u8) ? Operation.RmpQuery : Operation.Unknown,
        9 => Nine(word),
        _ => Operation.Unknown,
    };

    private static Operation Five(ReadOnlySpan<byte> word)
    {
        if (FieldReader.Is(word, "guest"u8)) return Operation.Guest;
        if (FieldReader.Is(word, "entry"u8)) return Operation.Entry;
        if (FieldReader.Is(word, "state"u8)) return Operation.State;
        if (FieldReader.Is(word, "count"u8)) return Operation.Count;
        if (FieldReader.Is(word, "inuse"u8)) return Operation.InUse;
        return FieldReader.Is(word, "model"u8) ? Operation.Model : Operation.Unknown;
    }

    private static Operation Six(ReadOnlySpan<byte> word)
    {
        if (FieldReader.Is(word, "psmash"u8)) return Operation.PSmash;
        if (FieldReader.Is(word, "rmpopt"u8)) return Operation.RmpOpt;
        return FieldReader.Is(word, "enable"u8) ? Operation.Enable : Operation.Unknown;
    }

    private static Operation Nine(ReadOnlySpan<byte> word)
    {
        if (FieldReader.Is(word, "rmpupdate"u8)) return Operation.RmpUpdate;
        if (FieldReader.Is(word, "pvalidate"u8)) return Operation.PValidate;
        return FieldReader.Is(word, "rmpadjust"u8) ? Operation.RmpAdjust : Operation.Unknown;
    }
}
