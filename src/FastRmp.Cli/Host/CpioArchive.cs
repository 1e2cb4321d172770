using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace FastRmp.Cli.Host;

/// <summary>Writes an initial RAM disk: an archive of cpio in its form "newc".</summary>
/// <remarks>Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst.</remarks>
internal sealed class CpioArchive(Stream output)
{
    private const int Alignment = 4;
    private const string Magic = "070701";
    private const string Trailer = "TRAILER!!!";
    private const int Folder = 0x41ED; // 040755
    private const int Executable = 0x81ED; // 0100755
    private const int Plain = 0x81A4; // 0100644

    internal void AddFolder(string name) => Add(name, Folder, []);

    internal void AddProgram(string name, ReadOnlySpan<byte> content) => Add(name, Executable, content);

    internal void AddFile(string name, ReadOnlySpan<byte> content) => Add(name, Plain, content);

    /// <summary>Writes the end.</summary>
    internal void End() => Add(Trailer, 0, []);

    private void Add(string name, int mode, ReadOnlySpan<byte> content)
    {
        byte[] path = Encoding.UTF8.GetBytes(name + "\0");

        // Numbers: inode, mode, owner, group, links, time, bytes, two devices by two parts each, bytes of the name, checksum.
        ReadOnlySpan<int> fields = [0, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, path.Length, 0];
        StringBuilder head = new(Magic);
        foreach (int field in fields) head.Append(CultureInfo.InvariantCulture, $"{field:X8}");
        output.Write(Encoding.ASCII.GetBytes(head.ToString()));
        output.Write(path);
        Pad(head.Length + path.Length);
        output.Write(content);
        Pad(content.Length);
    }

    private void Pad(int written)
    {
        ReadOnlySpan<byte> zeros = [0, 0, 0];
        output.Write(zeros[..((Alignment - (written % Alignment)) % Alignment)]);
    }
}
