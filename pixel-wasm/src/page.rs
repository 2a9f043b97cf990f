//! A page: what it is, what its product and category are and who said so, and where its
//! visitor came from.

use crate::{
    bytes::Bytes,
    lines::{As, Lines, same},
};

/// Where a page's lines stand.
const HOST: usize = 0;
const PATH: usize = 1;
const TITLE: usize = 2;
const CANONICAL: usize = 3;
const LANGUAGE: usize = 4;
const QUERY: usize = 5;
/// Category and product by each of four sources, the best first: the site itself, its data
/// layer, JSON-LD, OpenGraph.
const NAMED: usize = 6;
/// The referring host; then what the address says of a campaign: utm_source, utm_medium,
/// utm_campaign, utm_term, utm_content, and the kind of an advertiser's click id.
const REFERRER: usize = 14;
const CLICK_ID: usize = 20;

/// A page, as its script read it: on lines, host, path, title, canonical address, language,
/// those parameters that the site keeps; and what stands above.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a>(pub Lines<'a>);

impl<'a> Page<'a> {
    /// Whether it is the same page, with other parameters perhaps.
    pub fn is(self, other: Self) -> bool {
        same(self.host(), other.host()) && same(self.0.nth(PATH), other.0.nth(PATH))
    }

    /// The page's host.
    pub fn host(self) -> &'a [u8] {
        self.0.nth(HOST)
    }

    /// Writes where its visitor came from.
    pub fn write_origin(self, out: &mut Bytes) {
        out.field(self.0, PATH, As::Path);
        for n in REFERRER..=CLICK_ID {
            out.field(self.0, n, As::Prose);
        }
    }

    /// Writes the page as it stands in a batch.
    pub fn write(self, out: &mut Bytes) {
        let category = self.best(NAMED);
        let product = self.best(NAMED + 1);
        // The source of the product or, without one, of the category; 0 is none.
        let mut by = (product - NAMED) / 2 + 1;
        if self.0.nth(product).is_empty() {
            by = (category - NAMED) / 2 + 1;
            if self.0.nth(category).is_empty() {
                by = 0;
            }
        }
        out.push(by as u8);
        out.field(self.0, HOST, As::Code);
        out.field(self.0, PATH, As::Path);
        out.field(self.0, QUERY, As::Path);
        out.field(self.0, TITLE, As::Prose);
        out.field(self.0, CANONICAL, As::Path);
        out.field(self.0, category, As::Prose);
        out.field(self.0, product, As::Code);
        out.field(self.0, LANGUAGE, As::Code);
    }

    /// The line of the best source that names a category or a product.
    fn best(self, mut line: usize) -> usize {
        for _ in 0..3 {
            if self.0.nth(line).is_empty() {
                line += 2;
            }
        }
        line
    }
}
