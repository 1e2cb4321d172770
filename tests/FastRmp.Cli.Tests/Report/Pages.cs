using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace FastRmp.Cli.Tests.Report;

/// <summary>Reads a page as XML, which HTML that is written with care is, too.</summary>
internal static class Pages
{
    internal static XElement Parse(string html)
    {
        using StringReader text = new(html);
        using XmlReader reader = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        return XDocument.Load(reader).Root!;
    }

    internal static IEnumerable<XElement> All(XElement root, string name) => root.Descendants().Where(one => one.Name.LocalName == name);
}
