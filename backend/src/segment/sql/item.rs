//! Items: the arrays of a row that belong together.

use super::super::fields::{Field, ItemField};
use super::super::resolve::Filter;
use super::super::words::Word as _;
use super::filter::{Value, ValueKind, fold};
use super::{Money, Sql};
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
        let is_of_items = |filter: &&Filter| matches!(filter.field, Field::Item(_));
        for filter in filters
            .iter()
            .filter(|filter| filter.negated)
            .filter(is_of_items)
        {
            let so = self.denied(filter);
            all.push(format!("NOT {}", so.applied("arrayExists", None)));
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

    /// What a negated filter says that no item is.
    pub(super) fn denied(&mut self, filter: &Filter) -> ItemTest {
        let mut so = ItemTest::default();
        if let Field::Item(item) = &filter.field {
            self.ask(&mut so, *item, filter);
        }
        so
    }

    fn ask(&mut self, asked: &mut ItemTest, item: ItemField, filter: &Filter) {
        let value = match item {
            ItemField::PriceCents => {
                format!("if({}, item_price_cents, NULL)", self.is_own_money())
            }
            ItemField::ValueCents if self.money != Money::Converted => format!(
                "if({}, toInt128(item_price_cents) * item_quantity, NULL)",
                self.is_own_money()
            ),
            other => other.variable().to_owned(),
        };
        asked.columns.extend(self.columns_of(item));
        let kind = ValueKind::of(&filter.field);
        asked
            .conditions
            .push(self.test(&Value { text: value, kind }, &filter.test));
    }

    /// The columns that an item's field is made from, which are read.
    fn columns_of(&mut self, item: ItemField) -> Vec<ItemField> {
        let columns = match item {
            // Of orders it is converted as a whole.
            ItemField::ValueCents if self.money != Money::Converted => {
                vec![ItemField::PriceCents, ItemField::Quantity]
            }
            column => vec![column],
        };
        if self.money == Money::Converted {
            self.order_columns
                .extend(columns.iter().map(|column| column.as_str()));
        }
        columns
    }

    /// The ids, as they are, of the row's items that meet `met`.
    pub(super) fn item_ids(&mut self, met: &ItemTest) -> String {
        self.columns_of(ItemField::Id);
        met.of_values("`items.id`")
    }

    /// The values, folded where they are text, of the row's items that meet
    /// `met` and have one.
    pub(super) fn item_values(&mut self, item: ItemField, met: &ItemTest) -> String {
        let mut met = met.clone();
        met.columns.extend(self.columns_of(item));
        let values = match item {
            ItemField::Quantity => return met.of_values("`items.quantity`"),
            ItemField::ValueCents if self.money == Money::Converted => {
                met.conditions
                    .push("isNotNull(item_value_cents)".to_owned());
                let values = "arrayMap(p -> toInt128(ifNull(p, 0)), `items.value_cents`)";
                return met.of_values(values);
            }
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
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
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

    /// Whether some of these items is so; `column` gives their values of a field.
    pub fn exists_among(&self, column: impl Fn(ItemField) -> String) -> String {
        let variables: Vec<&str> = self.columns.iter().map(|item| item.variable()).collect();
        let columns: Vec<String> = self.columns.iter().map(|item| column(*item)).collect();
        format!(
            "arrayExists(({}) -> {}, {})",
            variables.join(", "),
            self.conditions.join(" AND "),
            columns.join(", ")
        )
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
