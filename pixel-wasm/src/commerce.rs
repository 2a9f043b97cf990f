//! Commerce: GA4's events and items, written as the wire has them.

use crate::{
    bytes::Bytes,
    lines::{As, Lines, same, whole},
};
use protocol::limit::ITEMS;

/// The tag of a commerce event on the wire.
const COMMERCE: u8 = 4;

/// GA4's names, in the wire's order.
const NAMES: &[u8] = b"view_item_list
view_item
add_to_cart
remove_from_cart
view_cart
begin_checkout
purchase
refund";

/// Which items of what was told an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pieces {
    /// All, with their quantities.
    Told,
    /// Those of which there are more than before, with the difference.
    More,
    /// Those of which there are fewer.
    Fewer,
}

/// The tag of a commerce event's kind, by GA4's name.
pub fn kind(name: &[u8]) -> Option<u8> {
    let mut names = Lines(NAMES);
    let mut tag = 0;
    while !names.is_done() {
        if same(names.nth(0), name) {
            return Some(tag);
        }
        names.skip(1);
        tag += 1;
    }
    None
}

/// Writes an event, and says how many items it has. Lines: value in cents, currency, order's
/// id and coupon; then, for each item, its id, name, category, brand, price in cents,
/// quantity and previous quantity.
pub fn write(out: &mut Bytes, kind: u8, which: Pieces, mut lines: Lines<'_>) -> usize {
    out.push(COMMERCE);
    out.push(kind);
    // The value is not that of a part.
    cents(
        out,
        if which == Pieces::Told {
            lines.nth(0)
        } else {
            b""
        },
    );
    for n in 1..4 {
        out.field(lines, n, As::Code);
    }
    lines.skip(4);
    let at = out.begin();
    let mut items = 0;
    while !lines.is_done() && items < ITEMS {
        let item = lines;
        lines.skip(7);
        let quantity = whole(item.nth(5)).filter(|&pieces| (0..1 << 32).contains(&pieces));
        let mut pieces = quantity.unwrap_or(0);
        if which != Pieces::Told {
            pieces -= whole(item.nth(6)).unwrap_or(0);
            if which == Pieces::Fewer {
                pieces = -pieces;
            }
            if pieces <= 0 {
                continue;
            }
        }
        items += 1;
        out.field(item, 0, As::Code);
        for n in 1..4 {
            out.field(item, n, As::Prose);
        }
        cents(out, item.nth(4));
        let is_known = quantity.is_some() || which != Pieces::Told;
        out.push(is_known.into());
        if is_known {
            out.number(pieces.cast_unsigned());
        }
    }
    out.end(at, items);
    // No props.
    out.push(0);
    items
}

/// Writes an amount that may be absent.
fn cents(out: &mut Bytes, text: &[u8]) {
    let cents = whole(text);
    out.push(cents.is_some().into());
    if let Some(cents) = cents {
        // Zigzag, as the wire has what may be negative.
        out.number(((cents << 1) ^ (cents >> 63)).cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use protocol::event::CommerceKind;

    #[test]
    fn every_name_of_ga4_is_known() {
        for (tag, kind) in CommerceKind::ALL.into_iter().enumerate() {
            assert_eq!(
                super::kind(kind.as_str().as_bytes()),
                u8::try_from(tag).ok()
            );
            assert_eq!(kind as usize, tag);
        }
        assert_eq!(super::kind(b"purchased"), None);
        assert_eq!(super::kind(b""), None);
    }
}
