using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text;
using FastRmp.Iommu;
using FastRmp.Paging;

namespace FastRmp.Native.Tests.Header;

/// <summary>The part of fastrmp.h that says what the library's declarations say: enumerations, and the fields of layouts.</summary>
internal static class HeaderConstants
{
    private const BindingFlags Constants = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly (string Type, string Prefix, Type Source)[] Enumerations =
    [
        ("frmp_error", "ERROR", typeof(ErrorCode)),
        ("frmp_status", "", typeof(RmpStatus)),
        ("frmp_fault", "FAULT", typeof(RmpFault)),
        ("frmp_instruction_status", "INSTRUCTION", typeof(InstructionStatus)),
        ("frmp_contention_code", "CONTENTION", typeof(ContentionCode)),
        ("frmp_page_size", "PAGE", typeof(PageSize)),
        ("frmp_page_state", "STATE", typeof(PageState)),
        ("frmp_access_kind", "ACCESS", typeof(AccessKind)),
        ("frmp_guest_access_kind", "GUEST", typeof(GuestAccessKind)),
        ("frmp_vmrun_page", "VMRUN", typeof(VmRunPage)),
        ("frmp_vmrun_result", "VMRUN_RESULT", typeof(VmRunResult)),
        ("frmp_walk_status", "WALK", typeof(WalkStatus)),
        ("frmp_nested_status", "NESTED_WALK", typeof(NestedWalkStatus)),
        ("frmp_iommu_status", "IOMMU_WALK", typeof(IommuStatus)),
        ("frmp_walk_stage", "STAGE", typeof(WalkStage)),
        ("frmp_rights", "RIGHTS", typeof(PagingRights)),
        ("frmp_dma_rights", "DMA", typeof(DmaRights)),
        ("frmp_vmpl_permissions", "VMPL", typeof(VmplPermissions)),
        ("frmp_finding", "FINDING", typeof(RmpCensusFindingKind)),
        ("frmp_choice", "CHOICE", typeof(Choice)),
    ];

    private static readonly (string Prefix, Type Layout)[] Layouts =
    [
        ("RMP_ENTRY", typeof(RmpEntry)),
        ("RMPUPDATE", typeof(RmpUpdateOperand)),
        ("RMPREAD", typeof(RmpReadOutput)),
        ("RMPADJUST", typeof(RmpAdjustOperand)),
        ("PF", typeof(PageFaultErrorCode)),
        ("NPF", typeof(NestedPageFaultCode)),
    ];

    /// <summary>Names that the manuals write in another way.</summary>
    private static readonly Dictionary<string, string> Spellings = new(StringComparer.Ordinal)
    {
        ["FRMP_FAIL_IN_USE"] = "FRMP_FAIL_INUSE",
        ["FRMP_FAIL_SIZE_MISMATCH"] = "FRMP_FAIL_SIZEMISMATCH",
        ["FRMP_FAIL_BAD_ADDRESS"] = "FRMP_FAIL_BADADDR",
        ["FRMP_ERROR_OK"] = "FRMP_OK",
    };

    /// <summary>The whole part, without the lines around it.</summary>
    internal static string Text()
    {
        StringBuilder text = new();
        foreach ((string type, string prefix, Type source) in Enumerations) Enumeration(text, type, prefix, source);
        Presets(text);
        Numbers(text);
        foreach ((string prefix, Type layout) in Layouts) Layout(text, prefix, layout);
        return text.ToString().TrimEnd('\n');
    }

    private static void Enumeration(StringBuilder text, string type, string prefix, Type source)
    {
        Line(text, $"enum {type}");
        Line(text, $"{{");
        foreach (FieldInfo value in source.GetFields(BindingFlags.Static | BindingFlags.Public))
        {
            ulong number = Convert.ToUInt64(value.GetRawConstantValue(), CultureInfo.InvariantCulture);
            Line(text, $"    {Name(prefix, value.Name)} = {number},");
        }

        Line(text, $"}};\n");
    }

    private static void Presets(StringBuilder text)
    {
        Line(text, $"enum frmp_preset\n{{");
        int number = 0;
        foreach (ProcessorModel preset in ProcessorModel.Presets.Append(ProcessorModel.Intel))
        {
            string comment = preset.HasRmp ? "" : " /* for walks alone */";
            Line(text, $"    FRMP_{preset.Name.ToUpperInvariant()} = {number++},{comment}");
        }

        Line(text, $"}};\n");
    }

    private static void Numbers(StringBuilder text)
    {
        Line(text, $"#define FRMP_PAGE_STATES {(int)Enum.GetValues<PageState>().Max() + 1}");
        Line(text, $"#define FRMP_FINDINGS {(int)Enum.GetValues<RmpCensusFindingKind>().Max() + 1}");
        Line(text, $"#define FRMP_PAGE_SHIFT_4K {PageSize.Size4K.Shift()}");
        Line(text, $"#define FRMP_PAGES_PER_REGION {PageSize.Size2M.Pages()}");
        Line(text, $"#define FRMP_WORDS_PER_ENTRY {RmpEntry.SizeInBytes / sizeof(ulong)}");
        Line(text, $"#define FRMP_BOOKKEEPING_BYTES {ContiguousGeometry.BookkeepingBytes}\n");
    }

    /// <summary>The mask of each field in its quadword, and of wider fields the shift.</summary>
    private static void Layout(StringBuilder text, string prefix, Type layout)
    {
        Line(text, $"/* {layout.Name}: masks in place; of 16 bytes, those of the second quadword say so. */");
        foreach (PropertyInfo field in layout.GetProperties())
        {
            if (!field.CanWrite || Constant(layout, field.Name + "Mask") is not ulong mask) continue;
            string name = Name(prefix, field.Name);
            string second = Constant(layout, field.Name + "Word") is 1 ? " /* second */" : "";
            Line(text, $"#define {name} UINT64_C(0x{mask:X}){second}");
            if (ulong.PopCount(mask) > 1) Line(text, $"#define {name}_SHIFT {Constant(layout, field.Name + "Shift")}");
        }

        Line(text, $"");
    }

    private static object? Constant(Type layout, string name) => layout.GetField(name, Constants)?.GetRawConstantValue();

    private static string Name(string prefix, string name)
    {
        StringBuilder upper = new("FRMP_");
        if (prefix.Length > 0) upper.Append(prefix).Append('_');
        if (prefix == "PAGE" && name.StartsWith("Size", StringComparison.Ordinal)) name = name[4..];
        for (int i = 0; i < name.Length; i++)
        {
            bool begins = i > 0 && char.IsUpper(name[i]) && !char.IsUpper(name[i - 1]) && (prefix != "PAGE" || i > 1);
            if (begins) upper.Append('_');
            upper.Append(char.ToUpperInvariant(name[i]));
        }

        string made = upper.ToString();
        return Spellings.GetValueOrDefault(made, made);
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
