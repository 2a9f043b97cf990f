//! The only place that touches the page. It turns what browsers say into plain values,
//! hands them to the rest of the pixel, and decides nothing itself.

mod command;
mod listen;
mod page;
mod pixel;
mod send;
mod shelf;

use alloc::{rc::Rc, string::String};
use core::{cell::RefCell, panic::PanicInfo};
use js_sys::Function;
use pixel::Pixel;
use wasm_bindgen::prelude::*;

/// Small code over speed: the pixel allocates a few times a minute.
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A panic ends the pixel and not the page; telling more of it would cost kilobytes.
#[panic_handler]
fn end(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// The one pixel of a page, shared by its listeners.
type Shared = Rc<RefCell<Pixel>>;

/// Starts the pixel for `site`; `endpoint` takes its batches.
///
/// Gives back what `crumb(...)` is to call, with its arguments as one array.
#[wasm_bindgen]
#[must_use]
pub fn start(site: String, endpoint: String) -> Option<Function> {
    let window = web_sys::window()?;
    let pixel = Rc::new(RefCell::new(Pixel::new(window, site, endpoint)?));
    send::prepare(&pixel);
    listen::to_page(&pixel)?;
    Some(callback(move |arguments| {
        // A page that calls from within our own call is not served.
        if let Ok(mut pixel) = pixel.try_borrow_mut() {
            command::run(&mut pixel, arguments.unchecked_ref());
        }
    }))
}

/// A function for the page to call, for as long as the page lives. All are of one
/// type, since each further one would cost half a kilobyte.
fn callback(act: impl FnMut(JsValue) + 'static) -> Function {
    Closure::<dyn FnMut(JsValue)>::new(act)
        .into_js_value()
        .unchecked_into()
}
