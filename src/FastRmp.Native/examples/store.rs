// The calls of store.c from Rust, without a crate: the declarations are those of fastrmp.h.
use std::alloc::{alloc_zeroed, dealloc, Layout};
use std::ffi::c_void;

#[repr(C)]
#[derive(Default)]
struct Processor {
    preset: u32,
    flags: u32,
    cpuid_8000001f_eax: u32,
    cpuid_8000001f_ecx: u32,
    cpuid_80000025_eax: u32,
    cpuid_80000025_ebx: u32,
    physical_address_width: u32,
    reserved: u32,
}

#[repr(C)]
#[derive(Default)]
struct Choices {
    flipped: [u64; 2],
    contention: u32,
    rmp_dma_fault_flags: u32,
}

#[repr(C)]
struct TableConfig {
    size: u32,
    flags: u32,
    rmp_base: u64,
    rmp_end: u64,
    rmp_cfg: u64,
    segment_table: *const u64,
    segment_entries: u64,
    processor: Processor,
    choices: Choices,
}

#[link(name = "fastrmp")]
extern "C" {
    fn frmp_init(abi_version: u32) -> i32;
    fn frmp_last_error(buffer: *mut u8, size: usize) -> usize;
    fn frmp_destroy(handle: u64) -> i32;
    fn frmp_table_bytes(config: *const TableConfig, bytes: *mut u64) -> i32;
    fn frmp_table_create(config: *const TableConfig, storage: *mut c_void, storage_bytes: u64, table: *mut u64) -> i32;
    fn frmp_rmpupdate(table: u64, cpu: u64, rax: u64, operand: *const u64) -> u64;
    fn frmp_check_host(table: u64, kind: u32, address: u64, mapping: u32, is_user: u32) -> u64;
}

const ABI_VERSION: u32 = 1;
const GENOA: u32 = 1;
const CPU_HOST: u64 = 1 << 8 | 1 << 9;
const ACCESS_WRITE: u32 = 1;

fn require(code: i32) {
    if code == 0 {
        return;
    }
    let mut text = [0u8; 256];
    let length = unsafe { frmp_last_error(text.as_mut_ptr(), text.len()) }.min(text.len() - 1);
    eprintln!("error {code}: {}", String::from_utf8_lossy(&text[..length]));
    std::process::exit(1);
}

fn main() {
    let pages = 0x1000_0000u64 >> 12;
    let rmp_base = 0x1000_0000u64;
    let config = TableConfig {
        size: std::mem::size_of::<TableConfig>() as u32,
        flags: 0,
        rmp_base,
        rmp_end: rmp_base + 0x4000 + 16 * pages - 1,
        rmp_cfg: 0,
        segment_table: std::ptr::null(),
        segment_entries: 0,
        processor: Processor { preset: GENOA, ..Default::default() },
        choices: Choices::default(),
    };
    unsafe {
        require(frmp_init(ABI_VERSION));
        let mut bytes = 0u64;
        require(frmp_table_bytes(&config, &mut bytes));
        let layout = Layout::from_size_align(bytes as usize, 4096).unwrap();
        let storage = alloc_zeroed(layout);
        let mut table = 0u64;
        require(frmp_table_create(&config, storage.cast(), bytes, &mut table));
        let operand = [0x1000u64, 1 | 5 << 32];
        println!("store before: 0x{:x}", frmp_check_host(table, ACCESS_WRITE, 0x5000, 0, 0));
        println!("RMPUPDATE: 0x{:x}", frmp_rmpupdate(table, CPU_HOST, 0x5000, operand.as_ptr()));
        println!("store after: 0x{:x}", frmp_check_host(table, ACCESS_WRITE, 0x5000, 0, 0));
        require(frmp_destroy(table));
        dealloc(storage, layout);
    }
}
