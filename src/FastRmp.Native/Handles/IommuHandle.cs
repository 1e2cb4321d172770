using FastRmp.Iommu;

namespace FastRmp.Native;

/// <summary>An IOMMU: its registers.</summary>
internal sealed class IommuHandle(IommuState state) : LiveHandle
{
    private readonly IommuState _state = state;

    /// <inheritdoc/>
    internal override byte Kind => 0xA4;

    /// <summary>What the registers say.</summary>
    internal ref readonly IommuState State => ref _state;
}
