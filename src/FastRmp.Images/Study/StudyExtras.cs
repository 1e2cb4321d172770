namespace FastRmp.Images.Study;

/// <summary>What a replay does beside replaying.</summary>
/// <param name="Record">Who writes down what was replayed; null for nobody.</param>
/// <param name="Conversions">What running guests do beside what is in a page allocator's trace; null for nothing.</param>
internal sealed record StudyExtras(RmpTraceWriter? Record = null, ConversionModel? Conversions = null);
