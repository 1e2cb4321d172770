using System.Globalization;
using System.Linq;
using FastRmp.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Xunit;

namespace FastRmp.Generators.Tests;

public sealed class AnalyzerTests
{
    [Fact]
    public void Ids_are_consecutive_and_each_has_title_message_and_description()
    {
        DiagnosticDescriptor[] descriptors = [.. new LayoutAnalyzer().SupportedDiagnostics];
        for (int index = 0; index < descriptors.Length; index++)
        {
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"FRMP{index + 1:000}"), descriptors[index].Id);
            Assert.Equal("FastRmp.Layouts", descriptors[index].Category);
            Assert.NotEmpty(descriptors[index].Title.ToString(CultureInfo.InvariantCulture));
            Assert.NotEmpty(descriptors[index].MessageFormat.ToString(CultureInfo.InvariantCulture));
            Assert.EndsWith(".", descriptors[index].Description.ToString(CultureInfo.InvariantCulture), System.StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_descriptor_is_supported() => Assert.Equal(
        typeof(Descriptors)
            .GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)
            .Count(static field => field.FieldType == typeof(DiagnosticDescriptor)),
        new LayoutAnalyzer().SupportedDiagnostics.Length);
}
