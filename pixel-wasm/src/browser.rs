//! The only place that touches the browser: what the page's script calls, and the
//! browser's storage. It decides nothing.
//!
//! Texts and bytes cross in two rooms of the module's memory, which never moves: the script
//! writes there what it tells, and reads there what is to be sent.

use crate::{Pixel, Store, Tell, bytes::Bytes};
use core::{cell::UnsafeCell, panic::PanicInfo};
use protocol::limit::BATCH_BYTES;
use wasm_bindgen::prelude::*;

/// Nothing is ever allocated; the libraries only want to know who would.
struct Nobody;

#[expect(
    unsafe_code,
    reason = "the trait is unsafe; to give nothing is always sound"
)]
// SAFETY: see the reason.
unsafe impl core::alloc::GlobalAlloc for Nobody {
    unsafe fn alloc(&self, _: core::alloc::Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: core::alloc::Layout) {}
}

#[global_allocator]
static ALLOCATOR: Nobody = Nobody;

/// A panic ends the pixel and not the page; telling more of it would cost kilobytes.
#[panic_handler]
fn end(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[wasm_bindgen(raw_module = "./shelf.js")]
extern "C" {
    /// Reads the n-th key into the second room; gives its length, or -1.
    fn key(n: u32) -> i32;

    /// Reads an entry into the second room; gives its length, or -1.
    fn get(key: *const u8, key_length: usize) -> i32;

    /// Writes an entry; false where it finds no room.
    fn set(key: *const u8, key_length: usize, entry: *const u8, entry_length: usize) -> bool;

    /// Removes an entry.
    fn remove(key: *const u8, key_length: usize);
}

/// What there is one of on a page.
struct Page {
    pixel: UnsafeCell<Pixel<Shelf>>,
    told: UnsafeCell<Bytes>,
    stored: UnsafeCell<[u8; BATCH_BYTES]>,
}

#[expect(unsafe_code, reason = "a page's WebAssembly has one thread")]
// SAFETY: see the reason; nothing is ever shared between threads.
unsafe impl Sync for Page {}

static PAGE: Page = Page {
    pixel: UnsafeCell::new(Pixel::new(Shelf)),
    told: UnsafeCell::new(Bytes::EMPTY),
    stored: UnsafeCell::new([0; BATCH_BYTES]),
};

/// Borrows one of the page's things. The script calls one function at a time, and each
/// function here borrows a thing once.
#[expect(unsafe_code, clippy::mut_from_ref, reason = "see above")]
fn borrow<T>(thing: &'static UnsafeCell<T>) -> &'static mut T {
    // SAFETY: nothing else borrows it until the function that does so returns.
    unsafe { &mut *thing.get() }
}

/// The browser's localStorage, where it is granted. An entry's bytes are the characters of
/// its text, which is Latin-1.
///
/// It is asked by four functions of the page's script. By `web_sys::Storage`, which hands
/// over objects and their exceptions, the whole pixel was a twentieth larger.
struct Shelf;

/// What was read into the second room, by its length.
fn take(length: i32, into: &mut Bytes) -> bool {
    let stored = borrow(&PAGE.stored);
    into.set(stored.get(..length as usize).unwrap_or_default());
    length >= 0
}

impl Store for Shelf {
    fn key(&mut self, n: u32, into: &mut Bytes) -> bool {
        take(key(n), into)
    }

    fn get(&mut self, key: &[u8], into: &mut Bytes) -> bool {
        take(get(key.as_ptr(), key.len()), into)
    }

    fn set(&mut self, key: &[u8], bytes: &[u8]) -> bool {
        set(key.as_ptr(), key.len(), bytes.as_ptr(), bytes.len())
    }

    fn remove(&mut self, key: &[u8]) {
        remove(key.as_ptr(), key.len());
    }
}

/// The first room: what is told, and what is to be sent.
#[wasm_bindgen]
pub fn told() -> *mut u8 {
    borrow(&PAGE.told).room().as_mut_ptr()
}

/// The second room: what is stored.
#[wasm_bindgen]
pub fn stored() -> *mut u8 {
    PAGE.stored.get().cast()
}

/// Starts the pixel; see [`Pixel::start`]. The site stands in the first room; `high` and
/// `low` are random.
#[wasm_bindgen]
pub fn start(consent_required: bool, high: u32, low: u32, length: usize) {
    let seed = u64::from(high) << 32 | u64::from(low);
    let site = borrow(&PAGE.told).room().get(..length).unwrap_or_default();
    borrow(&PAGE.pixel).start(site, seed, consent_required);
}

/// Tells the pixel something; see [`Pixel::tell`]. `what` is its place in [`Tell::ALL`]; the
/// text stands in the first room.
#[wasm_bindgen]
pub fn tell(what: usize, now_ms: f64, steady_ms: f64, number: u32, length: usize) -> bool {
    let text = borrow(&PAGE.told).room().get(..length).unwrap_or_default();
    let pixel = borrow(&PAGE.pixel);
    pixel.clock(whole(now_ms), whole(steady_ms));
    match Tell::ALL.get(what) {
        Some(tell) => pixel.tell(*tell, number, text),
        None => false,
    }
}

/// Writes what is to be sent, if anything, into the first room, and gives its length; see
/// [`Pixel::give`].
#[wasm_bindgen]
pub fn give(last: bool) -> usize {
    let out = borrow(&PAGE.told);
    borrow(&PAGE.pixel).give(last, out);
    out.get().len()
}

/// Browsers tell milliseconds as floats.
fn whole(ms: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "times are positive and below 2^53"
    )]
    let whole = ms as u64;
    whole
}
