using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO;

namespace FastRmp.Internals;

/// <summary>Every exception of the library, out of line: misuse of the API only, never a state of the modelled machine.</summary>
[StackTraceHidden]
internal static class Throw
{
    [DoesNotReturn]
    internal static void AddressOutOfRange(string parameter, ulong value, ulong mask) =>
        throw new ArgumentOutOfRangeException(
            parameter, $"0x{value:x} has bits outside 0x{mask:x}, all that a physical address may have here.");

    [DoesNotReturn]
    internal static void NotCanonical(string parameter, ulong value, int levels) =>
        throw new ArgumentOutOfRangeException(parameter, $"0x{value:x} is not canonical with {levels} paging levels.");

    [DoesNotReturn]
    internal static void NotWholePages(string parameter, ulong bytes) =>
        throw new ArgumentOutOfRangeException(parameter, $"0x{bytes:x} bytes: must be a whole number of 4 KiB pages, at least one.");

    [DoesNotReturn]
    internal static void Misaligned(string parameter, ulong value, ulong alignment) =>
        throw new ArgumentException($"0x{value:x} is not a multiple of 0x{alignment:x}.", parameter);

    [DoesNotReturn]
    internal static void RangeOutside(string parameter, ulong offset, ulong length, ulong available) =>
        throw new ArgumentOutOfRangeException(
            parameter, $"0x{length:x} bytes at offset 0x{offset:x} do not lie inside the 0x{available:x} bytes there are.");

    [DoesNotReturn]
    internal static void SegmentsOverlap(string parameter, ulong start, ulong end, ulong otherStart, ulong otherEnd) =>
        throw new ArgumentException(
            $"The segment 0x{start:x}-0x{end:x} overlaps the segment 0x{otherStart:x}-0x{otherEnd:x} (ends exclusive).", parameter);

    [DoesNotReturn]
    internal static void ReservationRefused(ulong bytes, Exception inner) =>
        throw new IOException(
            $"The operating system refused to reserve 0x{bytes:x} bytes ({bytes >> 20} MiB) of address space: {inner.Message}", inner);

    [DoesNotReturn]
    internal static void SizeOutside(string parameter, ulong bytes, ulong highest) =>
        throw new ArgumentOutOfRangeException(parameter, $"0x{bytes:x} bytes: it has to be 1 to 0x{highest:x}.");

    [DoesNotReturn]
    internal static void Geometry(string parameter, string reason) => throw new ArgumentException(reason, parameter);

    [DoesNotReturn]
    internal static void ResultsTooShort(string parameter, int space, int needed) =>
        throw new ArgumentException($"There are {needed} addresses, but space for {space} results only.", parameter);

    [DoesNotReturn]
    internal static void MachineValue(string parameter, string property, int value, int lowest, int highest) =>
        throw new ArgumentOutOfRangeException(parameter, $"{property} is {value}: must be {lowest} to {highest}.");

    [DoesNotReturn]
    internal static void NoPowerOfTwo(string parameter, int value) =>
        throw new ArgumentOutOfRangeException(parameter, $"{value} is not a power of two.");

    [DoesNotReturn]
    internal static void NotLoaded() =>
        throw new InvalidOperationException("The cache has not loaded a state of that kind, the host's or a guest's.");

    [DoesNotReturn]
    internal static void NoSuchRange(string parameter, int index, int count) =>
        throw new ArgumentOutOfRangeException(parameter, $"Range {index} does not exist: there are {count}, counted from 0.");

    [DoesNotReturn]
    internal static void ReadOnlyMemory() =>
        throw new InvalidOperationException("This memory is mapped read-only: it can be looked at, not changed.");

    [DoesNotReturn]
    internal static void AsidRange(string parameter, uint asid, uint highest) =>
        throw new ArgumentOutOfRangeException(parameter, $"ASID {asid} is above {highest}.");

    [DoesNotReturn]
    internal static void NotInUse(string parameter) =>
        throw new ArgumentOutOfRangeException(parameter, "VMRUN keeps no such page in use.");

    [DoesNotReturn]
    internal static void NoPageSize(string parameter, int size) =>
        throw new ArgumentOutOfRangeException(parameter, $"{size} is not a page size: 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB.");

    [DoesNotReturn]
    internal static void NoPagingMode(string parameter, int mode) =>
        throw new ArgumentOutOfRangeException(parameter, $"{mode} is not a paging mode: 0 has four levels, 1 has five.");

    [DoesNotReturn]
    internal static void NoPagingLevel(string parameter, int level, int highest) =>
        throw new ArgumentOutOfRangeException(parameter, $"{level} is not a level of 1 to {highest}.");

    [DoesNotReturn]
    internal static void NoAccessKind(string parameter, int kind, int highest) =>
        throw new ArgumentOutOfRangeException(parameter, $"{kind} is not a kind of access: they are 0 to {highest}.");

    [DoesNotReturn]
    internal static void NoPrivilege(string parameter, string what, int level) =>
        throw new ArgumentOutOfRangeException(parameter, $"{what} {level} does not exist: they are 0 to 3.");

    [DoesNotReturn]
    internal static void Disposed(string name) => throw new ObjectDisposedException(name);
}
