using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace FastRmp.Cli.Scripts;

/// <content>The processor and its table.</content>
internal sealed partial class ScriptRunner
{
    private void Model(ref FieldReader fields)
    {
        ReadOnlySpan<byte> word = fields.Next("NAME");
        ProcessorModel? found = null;
        foreach (ProcessorModel preset in ProcessorModel.Presets)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(word, preset.Name)) found = preset;
        }

        if (found is null) fields.NotAWord("milan, genoa, turin or venice", word);
        if (fields.End()) Done(_current.SetModel(found!));
    }

    private void Rmp(ref FieldReader fields)
    {
        ReadOnlySpan<byte> word = fields.Next("KIND");
        if (FieldReader.Is(word, "contiguous"u8))
        {
            PhysicalAddress rmpBase = fields.Address("BASE");
            PhysicalAddress rmpEnd = fields.Address("END");
            if (fields.End()) Done(_current.SetContiguous(rmpBase, rmpEnd));
        }
        else if (FieldReader.Is(word, "segmented"u8))
        {
            Segmented(ref fields);
        }
        else
        {
            fields.NotAWord("contiguous or segmented", word);
        }
    }

    private void Segmented(ref FieldReader fields)
    {
        PhysicalAddress rmpBase = fields.Address("BASE");
        ulong shift = fields.Number(fields.Next("SHIFT"), "SHIFT", ulong.MaxValue);
        List<RmpSegment> segments = [];
        ReadOnlySpan<byte> field = fields.Next("INDEX:GIB:RMPBASE");
        do
        {
            segments.Add(Segment(ref fields, field));
        }
        while (fields.Fault == FieldFault.None && fields.TryNext(out field));
        if (fields.End()) Done(_current.SetSegmented(rmpBase, Clamped(shift), CollectionsMarshal.AsSpan(segments)));
    }

    private static RmpSegment Segment(ref FieldReader fields, ReadOnlySpan<byte> field)
    {
        int first = field.IndexOf((byte)':');
        int last = field.LastIndexOf((byte)':');
        if (first == last)
        {
            fields.NotAWord("INDEX:GIB:RMPBASE", field);
            return default;
        }

        return new RmpSegment(
            Clamped(fields.Number(field[..first], "INDEX", ulong.MaxValue)),
            fields.Number(field[(first + 1)..last], "GIB", ulong.MaxValue),
            fields.Hexadecimal(field[(last + 1)..], "RMPBASE", ulong.MaxValue));
    }

    // No number is too large for a line; for a geometry it is.
    private static int Clamped(ulong number) => (int)ulong.Min(number, int.MaxValue);

    private void Enable(ref FieldReader fields)
    {
        if (!fields.End()) return;
        if (!_current.HasTable)
        {
            fields.Refuse("there is no RMP to enable; begin with rmp");
            return;
        }

        Machine.TryEnable(out string? refusal);
        Done(refusal);
    }

    private void Done(string? refusal)
    {
        if (refusal is null) results.Ok();
        else results.Error(refusal);
    }
}
