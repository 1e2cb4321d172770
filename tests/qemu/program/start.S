/* A program for a machine with SNP and nothing else: 64-bit mode over an identity map of 4 GiB by pages of 2 MiB, which user mode may use
 * too, and the first GiB once more at 512 GiB by pages of 4 KiB as far as tables are made. main.c tests, this file gets there. */
    .section .note.pvh, "a", @note
    .long 4, 4, 18
    .asciz "Xen"
    .long start32

    .section .text
    .code32
    .globl start32
start32:
    cli
    mov $stack_top, %esp
    mov $level2, %edi
    mov $0xE7, %eax                 /* large, dirty, accessed, user, writable, present */
    xor %ecx, %ecx
1:  mov %eax, (%edi,%ecx,8)
    movl $0, 4(%edi,%ecx,8)
    add $0x200000, %eax
    inc %ecx
    cmp $2048, %ecx
    jne 1b
    mov $level2 + 0x67, %eax
    mov $level3, %edi
    mov $4, %ecx
2:  mov %eax, (%edi)
    add $0x1000, %eax
    add $8, %edi
    loop 2b
    movl $level3 + 0x67, level4
    movl $alias3 + 0x67, level4 + 8
    movl $alias2 + 0x67, alias3
    mov $level4, %eax
    mov %eax, %cr3
    mov %cr4, %eax
    or $0x620, %eax                 /* PAE, OSFXSR, OSXMMEXCPT */
    mov %eax, %cr4
    mov $0xC0000080, %ecx
    rdmsr
    or $0x900, %eax                 /* LME, NXE */
    wrmsr
    mov %cr0, %eax
    or $0x80010002, %eax            /* PG, WP, MP */
    and $~4, %eax
    mov %eax, %cr0
    lgdt gdt_pointer
    ljmp $8, $start64

    .code64
start64:
    mov $0x10, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $stack_top, %rsp
    call main
    mov $0, %edi
    jmp finish

/* A gate of each of the first 64 vectors: the number goes above what the processor pushed. */
    .altmacro
    .macro entry number
    .balign 16
entry_\number:
    .if (\number != 8) && ((\number < 10) || (\number > 14)) && (\number != 17)
    push $0
    .endif
    push $\number
    jmp common
    .endm
    .globl entries
    .balign 16
entries:
    .set i, 0
    .rept 64
    entry %i
    .set i, i + 1
    .endr

common:
    push %r15
    push %r14
    push %r13
    push %r12
    push %r11
    push %r10
    push %r9
    push %r8
    push %rbp
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %rbx
    push %rax
    cld
    mov %rsp, %rdi
    mov %rsp, %rbx
    and $-16, %rsp
    call handle
    mov %rbx, %rsp
    pop %rax
    pop %rbx
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
    pop %rbp
    pop %r8
    pop %r9
    pop %r10
    pop %r11
    pop %r12
    pop %r13
    pop %r14
    pop %r15
    add $16, %rsp
    iretq

/* void enter(const struct frame *): goes where the frame says, until leave(). */
    .globl enter
enter:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    pushfq
    cli
    mov %rsp, home
    mov %rdi, %rsp
    pop %rax
    pop %rbx
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
    pop %rbp
    pop %r8
    pop %r9
    pop %r10
    pop %r11
    pop %r12
    pop %r13
    pop %r14
    pop %r15
    add $16, %rsp
    iretq

    .globl leave
leave:
    mov home, %rsp
    popfq
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret

    .globl finish
finish:
    mov $0x501, %edx
    mov %edi, %eax
    out %al, %dx
    hlt
    jmp finish

/* What is executed: each ends with INT3. RDI is the address, RSI a buffer, RCX a count, RBX the address less 0x40, R8 the address less
 * 8 times R9. */
    .noaltmacro
    .macro case name, text
    .section .text
    .balign 16
case_\name:
    \text
case_\name\()_end:
    int3
    .section .rodata
9:  .asciz "\name"
    .section .cases, "a"
    .quad 9b, case_\name, case_\name\()_end - case_\name
    .endm

    .section .cases, "a"
    .globl cases, cases_end
cases:
    case rmpupdate, ".byte 0xF2, 0x0F, 0x01, 0xFE"
    case psmash, ".byte 0xF3, 0x0F, 0x01, 0xFF"
    case rmpread, ".byte 0xF2, 0x0F, 0x01, 0xFD"
    case rmpopt, ".byte 0xF2, 0x0F, 0x01, 0xFC"
    .globl stores
stores:
    case mov8, "mov %al, (%rdi)"
    case mov16, "mov %ax, (%rdi)"
    case mov32, "mov %eax, (%rdi)"
    case mov64, "mov %rax, (%rdi)"
    case mov_disp8, "mov %rdx, 0x40(%rbx)"
    case mov_disp32, ".byte 0x48, 0x89, 0x93; .long 0x40"
    case mov_index, "mov %rax, (%r8,%r9,8)"
    case mov_imm, "movq $0x12345678, (%rdi)"
    case mov_imm8, "movb $0x78, (%rdi)"
    case mov_gs, "mov %rax, %gs:-0x1000(%rdi)"
    case mov_addr32, "addr32 mov %rax, (%edi)"
    case movabs, ".byte 0x48, 0xA3; .quad target"
    case mov_absolute, "mov %rax, target"
    case mov_rip, "mov %rax, target(%rip)"
    case mov_high, "mov %ah, (%rdi)"
    case movnti, "movnti %rax, (%rdi)"
    case movbe, "movbe %rax, (%rdi)"
    case add, "add %rax, (%rdi)"
    case adc, "adc %rax, (%rdi)"
    case sbb_imm, "sbbl $3, (%rdi)"
    case inc, "incq (%rdi)"
    case neg, "negl (%rdi)"
    case not, "notb (%rdi)"
    case shl, "shll $3, (%rdi)"
    case rcl, "rclq $1, (%rdi)"
    case shrd, "shrd $4, %rax, (%rdi)"
    case bts, "bts %rcx, (%rdi)"
    case bts_far, "lea -0x8000(%rdi), %rdx; mov $0x40000, %ecx; bts %rcx, (%rdx)"
    case btr_below, "lea 0x1000(%rdi), %rdx; mov $-0x8000, %ecx; btrl %ecx, (%rdx)"
    case bts_imm, "btsl $9, (%rdi)"
    case sete, "sete (%rdi)"
    case setc, "setc (%rdi)"
    case xchg, "xchg %rax, (%rdi)"
    case xadd, "xadd %rax, (%rdi)"
    case lock_add, "lock addq $5, (%rdi)"
    case lock_xadd, "lock xadd %rax, (%rdi)"
    case lock_bts, "lock btsq $3, (%rdi)"
    case lock_cmpxchg, "lock cmpxchg %rdx, (%rdi)"
    case cmpxchg16b, "lock cmpxchg16b (%rdi)"
    case movups, "movups %xmm0, (%rdi)"
    case movaps, "movaps %xmm1, (%rdi)"
    case movq, "movq %xmm1, (%rdi)"
    case movntdq, "movntdq %xmm1, (%rdi)"
    case maskmov, "maskmovdqu %xmm1, %xmm2"
    case pextr, "pextrq $1, %xmm1, (%rdi)"
    case fxsave, "fxsave64 (%rdi)"
    case fst, "fldpi; fstpt (%rdi)"
    case stmxcsr, "stmxcsr (%rdi)"
    case fnstcw, "fnstcw (%rdi)"
    case sgdt, "sgdt (%rdi)"
    case sidt, "sidt (%rdi)"
    case smsw, "smsw (%rdi)"
    case str, "str (%rdi)"
    case mov_seg, "movw %ds, (%rdi)"
    case stosb, "stosb"
    case stosq, "stosq"
    case movsb, "movsb"
    case movsq, "movsq"
    case rep_stosb, "rep stosb"
    case rep_stosq, "rep stosq"
    case rep_movsb, "rep movsb"
    case rep_movsq, "rep movsq"
    case back_stosq, "std; rep stosq; cld"
    case several, "mov %rax, -0x800(%rdi); push %rax; mov %rdx, 0x20(%rdi); pop %rax; mov %rax, (%rdi); movb $1, 0x31(%rdi)"
    case several_bases, "mov %rax, (%rdi); mov %rax, 0x48(%rbx); mov %rax, -0x40(%rdi); lea 0x10(%rdi), %rdx; mov %rax, (%rdx); mov %rax, 0x20(%rdi)"
    case pop_mem, "pushq $0x55; popq (%rdi)"
    .globl pushes
pushes:
    case push, "lea 8(%rdi), %rsp; push %rax"
    case push_imm, "lea 8(%rdi), %rsp; push $0x1234"
    case push_mem, "lea 8(%rdi), %rsp; pushq (%rsi)"
    case push16, "lea 2(%rdi), %rsp; pushw %ax"
    case pushfq, "lea 8(%rdi), %rsp; pushfq"
    case call, "lea 8(%rdi), %rsp; call 1f; 1:"
    case call_register, "lea 8(%rdi), %rsp; lea 1f(%rip), %rax; call *%rax; 1:"
    case enter, "lea 8(%rdi), %rsp; enter $16, $0"
    case enter2, "lea 16(%rdi), %rsp; mov %rsi, %rbp; enter $16, $1"
    .section .cases, "a"
cases_end:

    .section .data
    .balign 16
    .globl gdt, tss
gdt:
    .quad 0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF, 0x00CFF3000000FFFF, 0x00AFFB000000FFFF, 0, 0
gdt_pointer:
    .word . - gdt - 1
    .long gdt
    .balign 16
tss:
    .fill 104
    .section .bss
    .balign 4096
level4: .skip 4096
level3: .skip 4096
level2: .skip 4096 * 4
alias3: .skip 4096
    .globl alias2, level2
alias2: .skip 4096
    .skip 65536
stack_top:
    .globl home
home: .skip 8
