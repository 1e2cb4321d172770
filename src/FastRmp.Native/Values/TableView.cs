using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_view: what the check in the header needs.</summary>
/// <param name="Entries">The first entry; null if the entries of the table are not in one piece.</param>
/// <param name="Pages">Covered pages from address 0 on; 0 in that case.</param>
/// <param name="InUse">The number of in-use marks.</param>
/// <param name="Table">The handle.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe record struct TableView(nint Entries, ulong Pages, nint InUse, ulong Table);
