using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace FastRmp.Images.Tests.Logs;

/// <summary>Puts a log's messages into the forms in which logs are printed, exported and mailed.</summary>
internal static class LogDress
{
    private const int MailWidth = 72;

    public static IReadOnlyDictionary<string, Func<string[], string>> Forms { get; } = new Dictionary<string, Func<string[], string>>
    {
        ["bare"] = lines => Each(lines, static (text, _) => text),
        ["seconds"] = lines => Each(lines, static (text, i) => $"{Seconds(i)} {text}"),
        ["seconds and caller"] = lines => Each(lines, static (text, i) => $"{Seconds(i)} [   T{4600 + i}] {text}"),
        ["seconds and caller, joined"] = lines => Each(lines, static (text, i) => $"{Seconds(i)}[    C{i}] {text}"),
        ["dmesg -T"] = lines => Each(lines, static (text, i) => $"[Sat Nov 29 12:12:{i % 60:00} 2026] {text}"),
        ["dmesg -H"] = lines => Each(lines, static (text, i) => i == 0 ? $"[Nov29 12:12] {text}" : $"[  +0.{i:000000}] {text}"),
        ["dmesg -d"] = lines => Each(lines, static (text, i) => $"[    1.{i:000000} <    0.000010>] {text}"),
        ["dmesg -x"] = lines => Each(lines, static (text, i) => $"kern  :info  : {Seconds(i)} {text}"),
        ["dmesg -x -T"] = lines => Each(lines, static (text, i) => $"kern  :err   : [Sat Nov 29 12:12:{i % 60:00} 2026] {text}"),
        ["dmesg --raw"] = lines => Each(lines, static (text, i) => $"<{i % 8}>{Seconds(i)} {text}"),
        ["dmesg --time-format iso"] = lines => Each(lines, static (text, i) => $"2026-11-29T12:12:{i % 60:00},{i:000000}+00:00 {text}"),
        ["/dev/kmsg"] = lines => Each(lines, static (text, i) => $"6,{100 + i},{5_000_000 + i},-;{text}"),
        ["/dev/kmsg with caller"] = lines => Each(lines, static (text, i) => $"6,{100 + i},{5_000_000 + i},-,caller=T{i};{text}"),
        ["journald short"] = lines => Each(lines, static (text, i) => $"Feb 27 19:32:{i % 60:00} host-1.example kernel: {text}"),
        ["journald short-precise"] = lines => Each(lines, static (text, i) => $"Feb 27 19:32:31.{i:000000} host kernel: {text}"),
        ["journald short-iso"] = lines => Each(lines, static (text, i) => $"2026-02-27T19:32:{i % 60:00}+0100 host kernel: {text}"),
        ["journald short-full"] = lines => Each(lines, static (text, i) => $"Fri 2026-02-27 19:32:{i % 60:00} UTC host kernel: {text}"),
        ["journald short-monotonic"] = lines => Each(lines, static (text, i) => $"{Seconds(i)} host kernel: {text}"),
        ["syslog with seconds"] = lines => Each(lines, static (text, i) => $"Feb  7 19:32:{i % 60:00} host kernel: {Seconds(i)} {text}"),
        ["syslog with pid"] = lines => Each(lines, static (text, i) => $"Feb  7 19:32:{i % 60:00} host kernel[1]: {Seconds(i)} {text}"),
        ["journald JSON"] = lines => Each(lines, static (text, i) => Json(text, i, bytes: false), cutsToo: true),
        ["journald JSON with bytes"] = lines => Each(lines, static (text, i) => Json(text, i, bytes: true), cutsToo: true),
        ["journald JSON, pretty"] = lines => Each(
            lines, static (text, i) =>
                $"{{\n\t\"__MONOTONIC_TIMESTAMP\" : \"{i}\",\n\t\"MESSAGE\" : {JsonSerializer.Serialize(text)},\n\t\"_HOSTNAME\" : \"h\"\n}}",
                cutsToo: true),
        ["journald export"] = lines => Each(lines, static (text, i) =>
            $"__MONOTONIC_TIMESTAMP={i}\nMESSAGE={text}\n_TRANSPORT=kernel\n",
            cutsToo: true),
        ["serial console"] = lines => Each(lines, static (text, i) => $"{Seconds(i)} {text}\r"),
        ["serial console, doubled"] = lines => Each(lines, static (text, i) => $"{Seconds(i)} {text}\r\r"),
        ["serial console, turned"] = lines => string.Join("\n\r", Prefixed(lines)) + "\n\r",
        ["serial console, returns alone"] = lines => string.Join('\r', Prefixed(lines)) + "\r",
        ["colour"] = lines => Each(lines, static (text, i) => $"\u001b[32m{Seconds(i)} \u001b[0m\u001b[1m{text}\u001b[0m"),
        ["colour after the level"] = lines => Each(lines, static (text, i) =>
            $"\u001b[31m<6>{Seconds(i)}\u001b[0m \u001b[33m{text}\u001b[m"),
        ["console, title before the stamp"] = lines => Each(lines, static (text, i) => $"\u001b]0;a title\u001b\\{Seconds(i)} {text}"),
        ["console, title ended by a bell"] = lines => Each(lines, static (text, i) => $"\u001b]0;a title\u0007{Seconds(i)} {text}"),
        ["console, character set before the stamp"] = lines => Each(lines, static (text, i) => $"\u001b(B\u001b[m{Seconds(i)} {text}"),
        ["console, string left open"] = lines => Each(lines, static (text, i) => $"\u001bPq\u001b[0m{Seconds(i)} {text}"),
        ["mail"] = lines => Each(lines, static (text, i) => $"> {Seconds(i)} {text}", quoteCuts: true),
        ["mail of a mail"] = lines => Each(lines, static (text, i) => $"> > {Seconds(i)} {text}", quoteCuts: true),
        ["mail of a mail, tight"] = lines => Each(lines, static (text, _) => $">> {text}", quoteCuts: true),
        ["mail, wrapped"] = lines => Wrapped(Prefixed(lines), string.Empty),
        ["mail, quoted and wrapped"] = lines => Wrapped(Prefixed(lines), "> "),
        ["mail, bare and wrapped"] = lines => Wrapped(lines, "> "),
        ["mail, journald and wrapped"] = lines => Wrapped([.. Array.ConvertAll(lines, static text => IsCut(text) ? text
            : $"Feb 27 19:32:31 host kernel: {text}")], ">> "),
        ["byte order mark"] = lines => "\uFEFF" + Each(lines, static (text, i) => $"{Seconds(i)} {text}"),
        ["no line end"] = lines => Each(lines, static (text, _) => text).TrimEnd('\n'),
        ["indented"] = lines => Each(lines, static (text, i) => $"    {Seconds(i)} {text}"),
    };

    /// <summary>The messages of a log without what it has before them.</summary>
    public static string[] Bare(string[] lines) => Array.ConvertAll(lines, static line =>
    {
        int kernel = line.IndexOf("kernel: ", StringComparison.Ordinal);
        if (kernel is > 0 and < 60 && !line.StartsWith('[')) return line[(kernel + 8)..];
        int close = line.IndexOf("] ", StringComparison.Ordinal);
        return line.StartsWith('[') && close is > 0 and < 16 ? line[(close + 2)..] : line;
    });

    public static bool IsCut(string text) => text == "...";

    private static string Seconds(int i) => string.Create(CultureInfo.InvariantCulture, $"[{1000 + i,5}.{i * 17 % 1_000_000:000000}]");

    private static string[] Prefixed(string[] lines)
    {
        string[] all = new string[lines.Length];
        for (int i = 0; i < lines.Length; i++) all[i] = IsCut(lines[i]) ? lines[i] : $"{Seconds(i)} {lines[i]}";
        return all;
    }

    private static string Each(string[] lines, Func<string, int, string> dress, bool cutsToo = false, bool quoteCuts = false)
    {
        StringBuilder text = new();
        for (int i = 0; i < lines.Length; i++)
        {
            bool isCut = IsCut(lines[i]) && !cutsToo;
            text.Append(isCut ? (quoteCuts ? "> " : string.Empty) + lines[i] : dress(lines[i], i)).Append('\n');
        }

        return text.ToString();
    }

    private static string Json(string text, int i, bool bytes)
    {
        string message = bytes ? "[" + string.Join(',', Encoding.UTF8.GetBytes(text)) + "]" : JsonSerializer.Serialize(text);
        return $"{{\"__REALTIME_TIMESTAMP\":\"{1_700_000_000_000_000 + i}\",\"_HOSTNAME\":\"h\",\"PRIORITY\":\"6\",\"MESSAGE\":{message},\"_TRANSPORT\":\"kernel\"}}";
    }

    private static string Wrapped(string[] lines, string quote)
    {
        StringBuilder text = new();
        foreach (string line in lines)
        {
            string rest = line;
            while (rest.Length > MailWidth)
            {
                int at = rest.LastIndexOf(' ', MailWidth);
                if (at <= 20) at = rest.IndexOf(' ', MailWidth);
                if (at < 0) break;
                text.Append(quote).Append(rest, 0, at).Append('\n');
                rest = rest[(at + 1)..];
            }

            text.Append(quote).Append(rest).Append('\n');
        }

        return text.ToString();
    }
}
