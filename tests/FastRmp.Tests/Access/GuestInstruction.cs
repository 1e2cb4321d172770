namespace FastRmp.Tests.Access;

/// <summary>The guest's instructions that start from a virtual address.</summary>
internal enum GuestInstruction
{
    PValidate,
    RmpAdjust,
    RmpQuery,
}
