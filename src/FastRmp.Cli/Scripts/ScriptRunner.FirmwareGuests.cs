using System;
using FastRmp.Firmware;

namespace FastRmp.Cli.Scripts;

/// <content>The fields of the commands about a guest and its pages.</content>
internal sealed partial class ScriptRunner
{
    private const byte LastPageType = 7;
    private const byte LastSwapType = 3;

    private static readonly string[] MaskNames = ["MASK0", "MASK1", "MASK2", "MASK3"];

    private static void LaunchStartArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        request.Policy = GuestPolicy.Lenient;
        while (fields.TryOption(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isWord))
        {
            if (isWord && FieldReader.Is(name, "imi"u8))
            {
                request.IsMigrationImage = true;
            }
            else if (!isWord && FieldReader.Is(name, "policy"u8))
            {
                request.Policy = new GuestPolicy(fields.Hexadecimal(value, "policy=", ulong.MaxValue));
            }
            else if (!isWord && FieldReader.Is(name, "ma"u8))
            {
                request.HasOther = true;
                request.Other = Address(ref fields, value, "ma=");
            }
            else
            {
                fields.NotAWord("policy=, ma= or imi", fields.Whole);
            }
        }
    }

    private static void LaunchUpdateArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        request.Size = fields.RmpSize("SIZE");
        request.Type = (byte)(fields.TryTake("vmsa"u8) ? LaunchPageType.Vmsa : LaunchPageType.Normal);
        if (!fields.IsAtEnd && !fields.IsOptionNext("imi"u8))
        {
            request.Mask1 = Mask(ref fields, "MASK1");
            request.Mask2 = Mask(ref fields, "MASK2");
            request.Mask3 = Mask(ref fields, "MASK3");
        }

        while (fields.TryOption(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isWord))
        {
            if (isWord && FieldReader.Is(name, "imi"u8)) request.IsMigrationImage = true;
            else if (!isWord && FieldReader.Is(name, "type"u8)) request.Type = PageType(ref fields, value);
            else if (isWord || !TryContext(ref fields, ref request, name, value)) fields.NotAWord("gctx=, type= or imi", fields.Whole);
        }
    }

    private static void SwapInArguments(ref FieldReader fields, ref FirmwareRequest request)
    {
        if (fields.TryTake("metadata"u8))
        {
            request.HasContext = true;
            request.Context = fields.Address("GCTX");
            request.Type = (byte)SwapPageType.Metadata;
            request.IsSealed = true;
            request.Sealed = new MetadataEntry { IsValid = true, IsMetadata = true };
            return;
        }

        request.Size = fields.RmpSize("SIZE");
        if (fields.IsAtEnd || fields.IsOptionNext("inplace"u8))
        {
            SwapOptions(ref fields, ref request, isIn: true);
            if (!request.HasContext) fields.Refuse("a metadata entry is some guest's: gctx= is missing");
            return;
        }

        ulong gpa = fields.GuestAddress("GPA").Value;
        bool isValidated = fields.Flag("VALIDATED");
        bool isVmsa = fields.Flag("VMSA");
        ulong masks = 0;
        for (int vmpl = 0; vmpl < 4; vmpl++)
        {
            masks |= (ulong)Mask(ref fields, MaskNames[vmpl]) << (8 * vmpl);
        }

        request.Type = (byte)(isVmsa ? SwapPageType.Vmsa : SwapPageType.Data);
        request.IsSealed = true;
        request.Sealed = new MetadataEntry
        {
            IsValid = true,
            IsValidated = isValidated,
            IsVmsa = isVmsa,
            Size = request.Size,
            GuestPage = gpa >> PageSize.Size4K.Shift(),
            Permissions = masks,
        };
        MoveOptions(ref fields, ref request);
    }

    private static void SwapOptions(ref FieldReader fields, ref FirmwareRequest request, bool isIn)
    {
        while (fields.TryOption(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isWord))
        {
            if (isWord && isIn && FieldReader.Is(name, "inplace"u8))
            {
                request.IsInPlace = true;
            }
            else if (!isWord && FieldReader.Is(name, isIn ? "src"u8 : "dst"u8))
            {
                request.HasOther = true;
                request.Other = Address(ref fields, value, isIn ? "src=" : "dst=");
            }
            else if (!isWord && FieldReader.Is(name, "entry"u8))
            {
                request.HasEntry = !FieldReader.Is(value, "root"u8);
                if (request.HasEntry) request.Entry = Address(ref fields, value, "entry=");
            }
            else if (!isWord && FieldReader.Is(name, "type"u8))
            {
                request.HasType = true;
                request.Type = SwapType(ref fields, value);
            }
            else if (isWord || !TryContext(ref fields, ref request, name, value))
            {
                fields.NotAWord(isIn ? "gctx=, src=, entry=, type= or inplace" : "gctx=, dst=, entry= or type=", fields.Whole);
            }
        }
    }

    private static void MoveOptions(ref FieldReader fields, ref FirmwareRequest request)
    {
        while (fields.TryOption(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isWord))
        {
            if (isWord || !TryContext(ref fields, ref request, name, value)) fields.NotAWord("gctx=", fields.Whole);
        }
    }

    private static bool TryContext(ref FieldReader fields, ref FirmwareRequest request, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!FieldReader.Is(name, "gctx"u8)) return false;
        request.HasContext = true;
        request.Context = Address(ref fields, value, "gctx=");
        return true;
    }

    private static byte PageType(ref FieldReader fields, ReadOnlySpan<byte> text)
    {
        if (FieldReader.Is(text, "normal"u8)) return (byte)LaunchPageType.Normal;
        if (FieldReader.Is(text, "vmsa"u8)) return (byte)LaunchPageType.Vmsa;
        if (FieldReader.Is(text, "zero"u8)) return (byte)LaunchPageType.Zero;
        if (FieldReader.Is(text, "unmeasured"u8)) return (byte)LaunchPageType.Unmeasured;
        if (FieldReader.Is(text, "secrets"u8)) return (byte)LaunchPageType.Secrets;
        return FieldReader.Is(text, "cpuid"u8) ? (byte)LaunchPageType.Cpuid : (byte)fields.Number(text, "type=", LastPageType);
    }

    private static byte SwapType(ref FieldReader fields, ReadOnlySpan<byte> text)
    {
        if (FieldReader.Is(text, "data"u8)) return (byte)SwapPageType.Data;
        if (FieldReader.Is(text, "metadata"u8)) return (byte)SwapPageType.Metadata;
        return FieldReader.Is(text, "vmsa"u8) ? (byte)SwapPageType.Vmsa : (byte)fields.Number(text, "type=", LastSwapType);
    }

    private static VmplPermissions Mask(ref FieldReader fields, string name) => (VmplPermissions)fields.Number(name, byte.MaxValue);
}
