using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_owned_page.</summary>
/// <param name="Page">The page.</param>
/// <param name="Low">The low quadword of its entry.</param>
/// <param name="High">The high one.</param>
/// <param name="Size">Its size.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OwnedPageWords(ulong Page, ulong Low, ulong High, ulong Size);
