namespace FastRmp.Images;

/// <summary>Who put notes of their own into a core.</summary>
internal enum NoteWriter
{
    Unknown,
    Qemu,
    VirtualBox,
    Xen,
}
