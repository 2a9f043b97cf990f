//! Items: the arrays of a row that belong together.

use super::super::fields::{Field, ItemField};
use super::super::resolve::Filter;
use super::super::words::Word as _;
use super::Sql;
use super::filter::fold;
use std::collections::BTreeSet;

impl Sql<'_> {
    /// What the filters of items ask of a row: some item is all that is asked
    /// of one, and none is what is denied.
    pub(super) fn item_filters(&mut self, filters: &[Filter]) -> Vec<String> {
        let mut all = Vec::new();
        let met = self.met(filters);
        if !met.is_empty() {
            all.push(met.applied("arrayExists", None));
        }
        for filter in filters.iter().filter(|filter| filter.negated) {
            if let Field::Item(item) = &filter.field {
                let mut so = ItemTest::default();
                self.ask(&mut so, *item, filter);
                all.push(format!("NOT {}", so.applied("arrayExists", None)));
            }
        }
        all
    }

    /// What the filters that are not negated ask of one item.
    pub(super) fn met(&mut self, filters: &[Filter]) -> ItemTest {
        let mut met = ItemTest::default();
        for filter in filters.iter().filter(|filter| !filter.negated) {
            if let Field::Item(item) = &filter.field {
                self.ask(&mut met, *item, filter);
            }
        }
        met
    }

    fn ask(&mut self, asked: &mut ItemTest, item: ItemField, filter: &Filter) {
        let value = match item {
            ItemField::PriceCents => {
                format!("if({}, item_price_cents, NULL)", self.is_own_money())
            }
            ItemField::ValueCents => format!(
                "if({}, toInt128(item_price_cents) * item_quantity, NULL)",
                self.is_own_money()
            ),
            other => other.variable().to_owned(),
        };
        asked.columns.extend(item.columns());
        asked
            .conditions
            .push(self.test(&value, &filter.field, &filter.test));
    }

    /// The values, folded where they are text, of the row's items that meet
    /// `met` and have one.
    pub(super) fn item_values(&mut self, item: ItemField, met: &ItemTest) -> String {
        let mut met = met.clone();
        met.columns.extend(item.columns());
        let values = match item {
            ItemField::Quantity => return met.of_values("`items.quantity`"),
            ItemField::PriceCents => {
                "arrayMap(p -> toInt128(ifNull(p, 0)), `items.price_cents`)".to_owned()
            }
            ItemField::ValueCents => "arrayMap((p, q) -> toInt128(ifNull(p, 0)) * q, \
                 `items.price_cents`, `items.quantity`)"
                .to_owned(),
            text => {
                met.conditions.push(format!("{} != ''", text.variable()));
                return met.of_values(&format!(
                    "arrayMap(t -> {}, `{}`)",
                    fold("t"),
                    text.as_str()
                ));
            }
        };
        met.conditions
            .push("isNotNull(item_price_cents)".to_owned());
        met.conditions.push(self.is_own_money());
        met.of_values(&values)
    }
}

/// What is asked of one item.
#[derive(Clone, Default)]
pub(super) struct ItemTest {
    columns: BTreeSet<ItemField>,
    conditions: Vec<String>,
}

impl ItemTest {
    fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// The same, of items of the product `k` only.
    pub fn of_product(&self) -> Self {
        let mut of_product = self.clone();
        of_product.columns.insert(ItemField::Id);
        of_product
            .conditions
            .push(format!("{} = k", fold(ItemField::Id.variable())));
        of_product
    }

    fn of_values(&self, values: &str) -> String {
        if self.is_empty() {
            return values.to_owned();
        }
        self.applied("arrayFilter", Some(values))
    }

    fn applied(&self, function: &str, values: Option<&str>) -> String {
        let variables = values.map(|_| "v").into_iter();
        let variables: Vec<&str> = variables
            .chain(self.columns.iter().map(|item| item.variable()))
            .collect();
        let columns = self
            .columns
            .iter()
            .map(|item| format!("`{}`", item.as_str()));
        let arrays: Vec<String> = values
            .map(str::to_owned)
            .into_iter()
            .chain(columns)
            .collect();
        format!(
            "{function}(({}) -> {}, {})",
            variables.join(", "),
            self.conditions.join(" AND "),
            arrays.join(", ")
        )
    }
}

impl ItemField {
    /// The columns that it is made from.
    fn columns(self) -> impl Iterator<Item = Self> {
        let columns = match self {
            Self::ValueCents => [Some(Self::PriceCents), Some(Self::Quantity)],
            column => [Some(column), None],
        };
        columns.into_iter().flatten()
    }

    /// Its name for one item.
    const fn variable(self) -> &'static str {
        match self {
            Self::Id => "item_id",
            Self::Name => "item_name",
            Self::Category => "item_category",
            Self::Brand => "item_brand",
            Self::Quantity => "item_quantity",
            Self::PriceCents => "item_price_cents",
            Self::ValueCents => "item_value_cents",
        }
    }
}
