//! Names of events: Segment's e-commerce specification and GA4's, and which type each is here.

/// (Segment's, GA4's where it differs from ours, ours).
pub const NAMES: [(&str, &str, &str); 10] = [
    ("Product List Viewed", "view_item_list", "view_item_list"),
    ("Product Viewed", "view_item", "view_item"),
    ("Product Added", "add_to_cart", "add_to_cart"),
    ("Product Removed", "remove_from_cart", "remove_from_cart"),
    ("Cart Viewed", "view_cart", "view_cart"),
    ("Checkout Started", "begin_checkout", "begin_checkout"),
    ("Order Completed", "purchase", "purchase"),
    ("Order Refunded", "refund", "refund"),
    ("Products Searched", "view_search_results", "search"),
    ("", "search", "search"),
];

/// The type of an event of that name; none where it is one of the shop's own. Segment's names
/// are taken in any case, and with spaces or underscores.
pub fn of(name: &str) -> Option<&'static str> {
    let same = |known: &str| {
        let mut letters = name.trim().chars().map(fold);
        let mut others = known.chars().map(fold);
        !known.is_empty() && letters.by_ref().eq(others.by_ref())
    };
    let found = NAMES
        .iter()
        .find(|(segment, ga4, _)| same(segment) || same(ga4));
    found.map(|(_, _, ours)| *ours)
}

fn fold(letter: char) -> char {
    if letter == '_' {
        ' '
    } else {
        letter.to_ascii_lowercase()
    }
}
