namespace FastRmp.Cli.Scripts;

/// <content>Firmware's commands.</content>
internal sealed partial class ScriptRunner
{
    private static void Firmware(ref FieldReader fields) => fields.Refuse("there are no firmware commands yet");
}
