using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FastRmp.Cli.Shell;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Decode;

/// <summary><c>fastrmp decode flags</c> and <c>event</c>: what an AMD IOMMU logs.</summary>
internal static class FlagsCommand
{
    internal const string FlagsExamples = """
        Examples:
          fastrmp decode flags 0x0070
              a write to a page that may not be written
          fastrmp decode flags 0000 0020 0010
          fastrmp decode flags "AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0021 address=0x7ff00000000 flags=0x0030]"
              as Linux prints them; the name of the event counts, too

        Bare values are taken for flags of an IO_PAGE_FAULT.

        """;

    internal const string EventExamples = """
        Examples:
          fastrmp decode event 0000c100 d0200000 740b8784 0
              the four 32-bit words of an entry of the event log, lowest first: an RMP_PAGE_FAULT
          fastrmp decode event 00004300 10200000 37b01000 00000037
          fastrmp decode event "AMD-Vi: Event logged [IO_PAGE_FAULT device=0000:01:00.0 domain=0x0021 address=0x7ff0000 flags=0x0030]"
              as Linux prints it

        """;

    private const ulong MostFlags = 0xFFF;

    internal static Command Flags(Session session)
    {
        Argument<(ulong Value, IommuEventCode Code)[]> values = new("HEX")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Flags, at most 12 bits, hexadecimal with or without 0x, or lines of Linux with flags= in them.",
            CustomParser = Printed,
        };
        Command command = new("flags", "Decodes flags of an AMD IOMMU's events.") { values };
        command.SetAction(parse =>
        {
            (ulong Value, IommuEventCode Code)[] all = parse.GetValue(values)!;
            for (int i = 0; i < all.Length; i++)
            {
                if (i != 0) session.Output.WriteLine(string.Empty);
                WriteFlags(session, all[i].Value, all[i].Code);
            }

            return ExitCode.Done;
        });
        return command;
    }

    internal static Command Event(Session session)
    {
        Argument<PrintedEvent> logged = new("E0 E1 E2 E3")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The entry's four 32-bit words, lowest first, hexadecimal; or a kernel's line, of an event or with event[0] to event[3].",
            CustomParser = PrintedEvents.Parse,
        };
        Command command = new("event", "Decodes an entry of an AMD IOMMU's event log.") { logged };
        command.SetAction(parse =>
        {
            PrintedEvent value = parse.GetValue(logged)!;
            if (value.Line is { } line) Write(session, line);
            else Write(session, value.Words);
            return ExitCode.Done;
        });
        return command;
    }

    private static (ulong Value, IommuEventCode Code)[]? Printed(ArgumentResult result)
    {
        List<(ulong Value, IommuEventCode Code)> values = [];
        foreach (Token token in result.Tokens)
        {
            if (Numbers.TryHexadecimal(token.Value, out ulong value)) values.Add((value, IommuEventCode.None));
            else if (!AddLines(values, token.Value)) return Joined(result, token.Value);
        }

        return Checked(result, values);
    }

    /// <summary>A line without quotes comes in several words.</summary>
    private static (ulong Value, IommuEventCode Code)[]? Joined(ArgumentResult result, string refused)
    {
        List<(ulong Value, IommuEventCode Code)> values = [];
        if (result.Tokens.Count > 1 && AddLines(values, PrintedWords.Joined(result))) return Checked(result, values);
        if (refused.Contains("AMD-Vi", StringComparison.Ordinal)) result.AddError($"HEX: the line has no flags=: '{refused}'");
        else Numbers.RefuseAddress(result, refused);
        return null;
    }

    private static (ulong Value, IommuEventCode Code)[]? Checked(ArgumentResult result, List<(ulong Value, IommuEventCode Code)> values)
    {
        foreach ((ulong value, _) in values)
        {
            if (value <= MostFlags) continue;
            result.AddError(Text($"HEX: 0x{value:x} is more than the 12 bits of flags"));
            return null;
        }

        return [.. values];
    }

    /// <summary>Adds every <c>flags=…</c> of a text, each with the event that is named before it; <c>flags_rmp</c> and <c>vm_flags</c> are
    /// none.</summary>
    private static bool AddLines(List<(ulong Value, IommuEventCode Code)> values, string text)
    {
        const string Word = "flags";
        bool any = false;
        int from = 0;
        for (int at = text.IndexOf(
            Word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(Word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (at > 0 && (char.IsAsciiLetterOrDigit(text[at - 1]) || text[at - 1] == '_')) continue;
            string rest = text[(at + Word.Length)..];
            string number = rest.TrimStart(' ', '\t', '=', ':');
            if (number.Length == rest.Length) continue;
            int end = 0;
            while (end < number.Length && char.IsAsciiLetterOrDigit(number[end])) end++;
            if (!Numbers.TryHexadecimal(number.AsSpan(0, end), out ulong value)) return false;
            values.Add((value, CodeOf(text[from..at])));
            from = at;
            any = true;
        }

        return any;
    }

    private static IommuEventCode CodeOf(string text)
    {
        for (IommuEventCode code = IommuEventCode.IllegalDeviceTableEntry; code <= IommuEventCode.RmpHardwareError; code++)
        {
            if (text.Contains(IommuEventNames.Of(code), StringComparison.OrdinalIgnoreCase)) return code;
        }

        return text.Contains("RMP_HW_ERROR", StringComparison.OrdinalIgnoreCase) ? IommuEventCode.RmpHardwareError : IommuEventCode.None;
    }

    /// <summary>One line a flag, what is set, and what it says together.</summary>
    private static void WriteFlags(Session session, ulong value, IommuEventCode code)
    {
        session.Output.WriteLine(Text($"flags: 0x{value:x4}"));
        session.Output.WriteLine($"set: {IommuFlagsText.Names(value, code)}");
        foreach (CodeField flag in IommuFlagsText.Fields(value, code))
        {
            string text = flag.IsSet ? flag.Set : flag.Clear;
            session.Output.WriteLine($"{flag.Name}: {(flag.IsSet ? 1 : 0)}{(text.Length == 0 ? string.Empty : "  ")}{text}");
        }

        ulong unknown = IommuFlagsText.Unknown(value, code);
        if (unknown != 0) session.Output.WriteLine(Text($"unknown: 0x{unknown:x3}  flags without a known meaning are set"));
        session.Output.WriteLine($"meaning: {IommuFlagsText.Meaning(value, code)}");
    }

    private static void Write(Session session, IommuEvent logged)
    {
        session.Output.WriteLine($"text: {logged}");
        session.Output.WriteLine(Text($"code: 0x{(int)logged.Code:x}  {IommuEventNames.Of(logged.Code)}"));
        if (HasDevice(logged.Code)) session.Output.WriteLine($"device: {logged.Device}");
        switch (logged.Code)
        {
            case IommuEventCode.RmpPageFault:
                session.Output.WriteLine(Text($"vmg_tag: 0x{logged.VmgTag:x4}"));
                session.Output.WriteLine(Text($"flags_rmp: 0x{logged.RmpFlags:x4}  no public source says what its bits mean"));
                break;
            case IommuEventCode.RmpHardwareError:
                session.Output.WriteLine(Text($"vmg_tag: 0x{logged.VmgTag:x4}"));
                break;
            case IommuEventCode.InvalidPageRequest:
                session.Output.WriteLine(Text($"pasid: 0x{logged.Pasid:x5}"));
                session.Output.WriteLine(Text($"tag: 0x{logged.PageRequestTag:x3}"));
                break;
            case IommuEventCode.IoPageFault when (logged.Flags & IommuEventBits.Guest) == 0:
                session.Output.WriteLine(Text($"domain: {(ushort)logged.Pasid}"));
                break;
            case IommuEventCode.IllegalCommandError or IommuEventCode.CommandHardwareError or IommuEventCode.IotlbInvalidationTimeout
                or IommuEventCode.None or > IommuEventCode.RmpHardwareError:
                break;
            default:
                session.Output.WriteLine(Text($"pasid: 0x{logged.Pasid:x5}"));
                break;
        }

        session.Output.WriteLine(Text($"address: 0x{logged.Address:x}  {Address(logged.Code)}"));
        WriteFlags(session, (ulong)logged.Flags, logged.Code == IommuEventCode.None ? IommuEventCode.EventCounterZero : logged.Code);
    }

    /// <summary>What the line of an event says, under the names that an entry's fields have.</summary>
    private static void Write(Session session, LoggedIommuEvent logged)
    {
        session.Output.WriteLine(Text($"code: 0x{(int)logged.Code:x}  {logged.Name}"));
        if (logged.Device is { } device) session.Output.WriteLine($"device: {device}");
        if (logged.VmgTag is { } tag) session.Output.WriteLine(Text($"vmg_tag: 0x{tag:x4}"));
        if (logged.RmpFlags is { } bits)
        {
            session.Output.WriteLine(Text($"flags_rmp: 0x{bits:x4}  no public source says what its bits mean"));
        }

        if (logged.Domain is { } domain)
        {
            session.Output.WriteLine(logged.Code == IommuEventCode.IoPageFault ? Text($"domain: {domain}") : Text($"pasid: 0x{domain:x5}"));
        }

        if (logged.Address is { } address) session.Output.WriteLine(Text($"address: 0x{address:x}  {Address(logged.Code)}"));
        if (logged.Flags is { } flags) WriteFlags(session, flags, logged.Code);
    }

    private static bool HasDevice(IommuEventCode code) =>
        code is not (IommuEventCode.None or IommuEventCode.IllegalCommandError or IommuEventCode.CommandHardwareError
            or IommuEventCode.EventCounterZero or > IommuEventCode.RmpHardwareError);

    private static string Address(IommuEventCode code) => code switch
    {
        IommuEventCode.DeviceTableHardwareError => "system physical, of the device table entry",
        IommuEventCode.PageTableHardwareError => "system physical, of the page-table entry",
        IommuEventCode.IllegalCommandError or IommuEventCode.CommandHardwareError or IommuEventCode.IotlbInvalidationTimeout =>
            "system physical, of the command",
        IommuEventCode.RmpHardwareError => "system physical",
        IommuEventCode.IllegalDeviceTableEntry or IommuEventCode.IoPageFault or IommuEventCode.InvalidDeviceRequest
            or IommuEventCode.InvalidPageRequest or IommuEventCode.RmpPageFault =>
            "the device's",
        _ => "of no known kind",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
