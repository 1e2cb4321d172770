using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Threading;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>Answers that the machine gives without executing what was asked: for error paths that nobody can provoke on hardware. Any
/// threads.</summary>
internal sealed class Injector
{
    private const string Form =
        "write rmpupdate:N:CODE[:TIMES] or guest:N:CODE[:TIMES] with overlap, inuse, permission or input, keep:SPA, or "
        + "firmware:NAME:N:STATUS, and + between them";

    private readonly List<UpdateRule> _updates = [];
    private readonly List<ulong> _kept = [];
    private readonly List<CommandRule> _commands = [];
    private long _given;

    /// <summary>How many answers were given.</summary>
    internal long Given => Interlocked.Read(ref _given);

    /// <summary>Whether an RMPUPDATE has to be asked for at all.</summary>
    internal bool ConcernsUpdates => _updates.Count + _kept.Count != 0;

    /// <summary>Reads the rules.</summary>
    /// <param name="text">The rules with + between them, or null for none.</param>
    /// <param name="injector">The injector, or null.</param>
    /// <param name="problem">What is wrong, or null.</param>
    internal static bool TryCreate(
        string? text, [NotNullWhen(true)] out Injector? injector, [NotNullWhen(false)] out string? problem)
    {
        injector = new Injector();
        problem = null;
        foreach (string rule in text?.Split('+') ?? [])
        {
            if (injector.TryAdd(rule.Split(':'))) continue;
            problem = $"inject={rule}: {Form}";
            injector = null;
            return false;
        }

        return true;
    }

    /// <summary>The code of an RMPUPDATE that is not to be executed.</summary>
    /// <param name="page">RAX.</param>
    /// <param name="operand">The operand.</param>
    /// <param name="code">The code.</param>
    internal bool TryAnswer(ulong page, RmpUpdateOperand operand, out RmpStatus code)
    {
        code = RmpStatus.Success;
        foreach (UpdateRule rule in _updates)
        {
            if (rule.Counts(operand)) code = rule.Code; // every rule counts, whichever answers
        }

        if (!operand.Assigned && _kept.Contains(page & ~PageSize.Size4K.OffsetMask())) code = RmpStatus.FailInUse;
        if (code == RmpStatus.Success) return false;
        Interlocked.Increment(ref _given);
        return true;
    }

    /// <summary>The status of a command that is not to be executed.</summary>
    internal bool TryAnswer(FirmwareCommand command, out FirmwareStatus status)
    {
        status = FirmwareStatus.Success;
        bool answers = false;
        foreach (CommandRule rule in _commands)
        {
            if (!rule.Counts(command)) continue;
            status = rule.Status;
            answers = true;
        }

        if (answers) Interlocked.Increment(ref _given);
        return answers;
    }

    private bool TryAdd(string[] parts)
    {
        ulong number = 0;
        switch (parts)
        {
            case ["rmpupdate" or "guest", string first, string name, .. string[] more] when more.Length < 2:
                RmpStatus? code = name switch
                {
                    "overlap" => RmpStatus.FailOverlap,
                    "inuse" => RmpStatus.FailInUse,
                    "permission" => RmpStatus.FailPermission,
                    "input" => RmpStatus.FailInput,
                    _ => null,
                };
                ulong times = 1;
                bool isCounted = TryNumber(first, out number) && (more.Length == 0 || TryNumber(more[0], out times));
                if (code is not { } known || !isCounted || number == 0 || times == 0) return false;
                _updates.Add(new UpdateRule((long)number, (long)times, known, parts[0] == "guest"));
                return true;
            case ["keep", string page] when TryNumber(page, out number) && (number & PageSize.Size4K.OffsetMask()) == 0:
                _kept.Add(number);
                return true;
            case ["firmware", string command, string nth, string status]:
                foreach (FirmwareCommand candidate in Enum.GetValues<FirmwareCommand>())
                {
                    if (candidate.Name() != command) continue;
                    bool isUsable = TryNumber(nth, out number) & TryNumber(status, out ulong answer) && answer <= ushort.MaxValue;
                    if (!isUsable || number == 0) break;
                    _commands.Add(new CommandRule(candidate, (long)number, (FirmwareStatus)answer));
                    return true;
                }

                return false;
            default:
                return false;
        }
    }

    private static bool TryNumber(string text, out ulong value) =>
        (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value))
        && value <= long.MaxValue;
}
