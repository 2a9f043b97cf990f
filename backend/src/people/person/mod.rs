//! A person as people read one: what all that is stored of them comes to.

mod browsing;
mod buying;
mod cart;
mod explanation;
mod messages;
pub mod timeline;

pub use browsing::{Browsing, Device, Interest, Origin, Page, Search, browsing};
pub use buying::{Buying, Order, OrderItem, Return, buying, orders};
pub use cart::{Cart, CartItem, TakenOut, cart};
pub use explanation::{Explanation, NodeExplained, explanation};
pub use messages::{Channel, Moved, channels};
