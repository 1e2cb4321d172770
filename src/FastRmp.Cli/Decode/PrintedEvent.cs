using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Decode;

/// <summary>An event in words, or the line of one.</summary>
/// <param name="Words">The entry of the log, if there is no line.</param>
/// <param name="Line">What the line says.</param>
internal sealed record PrintedEvent(IommuEvent Words, LoggedIommuEvent? Line);
