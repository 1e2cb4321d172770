namespace FastRmp.Images;

/// <summary>A number of a model that can be set.</summary>
/// <param name="Key">Its name on the command line.</param>
/// <param name="Default">Its value unless set.</param>
/// <param name="Least">The least value.</param>
/// <param name="Most">The largest.</param>
/// <param name="Meaning">What it is, with its unit; one line of the help.</param>
internal sealed record ModelParameter(string Key, double Default, double Least, double Most, string Meaning);
