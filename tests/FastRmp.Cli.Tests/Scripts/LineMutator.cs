using System;
using System.Collections.Generic;

namespace FastRmp.Cli.Tests.Scripts;

/// <summary>Changes lines of a script: other spellings that mean the same, and mistakes of every kind.</summary>
internal sealed class LineMutator(int seed)
{
    private static readonly string[] Numbers =
    [
        "0", "1", "2", "3", "4", "5", "31", "32", "255", "256", "0x1f", "0X1F", "0x20", "0x", "x", "-1", "+1", "1.0", "1_0",
        "00000000000000000000000000000007",
        "511", "512", "1006", "1007", "1022", "1023", "2047", "2048", "4294967295", "4294967296", "18446744073709551615",
        "18446744073709551616",
        "fffffffffffff", "FFFFFFFFFFFFF", "10000000000000", "ffffffffffffffff", "10000000000000000", "0xffffffffffff000", "40000000",
        "0x40000fff", "401FF000", "100000", "fd00000000",
    ];

    private static readonly string[] Words =
    [
        "4k", "2m", "1g", "4K", "2M", "1G", "8k", "user", "USER", "read", "write", "Fetch", "table", "verify", "report", "vmsa", "metadata",
        "iommu", "+", "-", "on", "fw", "enable", "psmash",
        "state", "entry", "count", "milan", "contiguous", "segmented", "0:4:10000000", "0:0:0", "1:1:1", ":", "a:b:c", "dram=0-fff",
        "fixed=0-1fff", "iommu=40000000-40000fff", "tseg=1000-1fff",
        "aseg=0-0", "dram=", "fixed=1000", "x=y", "snp_init", "SNP_PAGE_RECLAIM", "set_state", "unsmash", "activate_ex", "shutdown_ex",
        "snp_init_ex", "init_ex", "init_rmp=0", "x86", "x86=2", "length=8", "gctx=40001000", "entry=root", "type=vmsa", "type=9", "inplace",
        "imi", "policy=30000", "df_flush", "no-wbinvd", "launch_start", "platform_status", "a=b=c", "é", "\u0661", "#",
    ];

    private readonly Random _random = new(seed);

    internal IEnumerable<string> Of(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string odd = line;
            for (int changes = _random.Next(4); changes > 1; changes--)
            {
                odd = Change(odd);
            }

            yield return odd;
        }
    }

    private string Change(string line)
    {
        List<string> fields = [.. line.Split(' ')];
        int at = _random.Next(fields.Count);
        switch (_random.Next(12))
        {
            case 0:
                fields.RemoveAt(at);
                break;
            case 1:
                fields.Insert(at, fields[at]);
                break;
            case 2:
                (fields[at], fields[0]) = (fields[0], fields[at]);
                break;
            case 3 or 4 or 5:
                fields[at] = Numbers[_random.Next(Numbers.Length)];
                break;
            case 6:
                fields[at] = Words[_random.Next(Words.Length)];
                break;
            case 7:
                fields.Add(_random.Next(2) == 0 ? Numbers[_random.Next(Numbers.Length)] : Words[_random.Next(Words.Length)]);
                break;
            case 8:
                fields[at] = fields[at].ToUpperInvariant();
                break;
            case 9:
                fields[at] = "0x" + fields[at];
                break;
            case 10:
                fields[at] = "00" + fields[at];
                break;
            default:
                return string.Join(_random.Next(2) == 0 ? "\t" : "   ", fields) + (_random.Next(2) == 0 ? " # " : "\t");
        }

        return string.Join(' ', fields);
    }
}
