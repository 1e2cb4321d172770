namespace FastRmp.Images.Tests.DirectMap;

internal readonly struct TableView(TableImage image) : IPhysicalMemory
{
    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        value = 0;
        if (!image.Pages.TryGetValue(address.Value & ~0xFFFUL, out ulong[]? page)) return false;
        value = page[(int)(address.Value & 0xFFF) / 8];
        return true;
    }
}
