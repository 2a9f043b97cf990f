//! What the shop sells: the demo shop's own catalog.

use serde::Deserialize;

/// The shop's products.
#[derive(Clone, Debug, Deserialize)]
pub struct Catalog {
    /// Every product.
    pub products: Vec<Product>,
}

/// One product.
#[derive(Clone, Debug, Deserialize)]
pub struct Product {
    /// The shop's id.
    pub id: String,
    /// The category's slug.
    pub category: String,
    /// Price in cents.
    pub price_cents: i64,
    /// What it is called in Hebrew.
    pub he: Texts,
    /// What it is called in English.
    pub en: Texts,
}

/// A product's texts in one language.
#[derive(Clone, Debug, Deserialize)]
pub struct Texts {
    /// Its name.
    pub name: String,
}

impl Catalog {
    /// The demo shop's catalog.
    ///
    /// # Errors
    /// Where the file's shape is another one.
    pub fn demo() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../../shop/catalog.json"))
    }
}
