//! Filters: what holds of a row.
//!
//! Text is compared NFC and fully case-folded. Both sides are folded by the
//! engine, so that they cannot disagree; all stored text is valid UTF-8,
//! without which the engine's functions fail.

use super::super::fields::{Column, Field, Kind, OrderField};
use super::super::number::Number;
use super::super::resolve::{Filter, Test};
use super::super::words::Word as _;
use super::params::Param;
use super::{Money, Sql};

/// Texts of which each row or item has its own, as they are named in a statement. The other
/// columns have dictionaries, whose few texts are folded once for all rows.
const OF_EACH: [&str; 17] = [
    "click_path",
    "click_text",
    "i",
    "item_brand",
    "item_category",
    "item_id",
    "item_name",
    "k",
    "link",
    "order_id",
    "path",
    "product",
    "search_term",
    "t",
    "title",
    "utm_content",
    "utm_term",
];

/// A text, folded. The inner normalization is there for a iota subscript beside other marks, the
/// outer one because folding can take a text out of its normal form. Of a text of each row ASCII
/// is told apart, which is spared all that: a filter of paths takes half the time. (Of a text in
/// a dictionary that would unpack each row.)
pub(in crate::segment) fn fold(text: &str) -> String {
    let folded = format!("normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({text})))");
    if OF_EACH.contains(&text) {
        return format!("if(isValidASCII({text}), lower({text}), {folded})");
    }
    folded
}

/// Of how many texts one is compared with each; of more it is looked up among them.
const FEW_TEXTS: usize = 100;

/// What is tested.
pub(super) struct Value {
    /// It.
    pub text: String,
    /// Of what kind.
    pub kind: ValueKind,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// A text, empty where it is absent.
    Text,
    /// One that has no meaning elsewhere, so it gets no name.
    Variable,
    /// A whole number that may be `NULL`.
    Number,
    /// Any number that may be `NULL`.
    Float,
}

impl ValueKind {
    /// What the values of a field are.
    pub const fn of(field: &Field) -> Self {
        match (field, field.kind().is_number()) {
            (_, true) => Self::Number,
            (Field::Item(_), false) => Self::Variable,
            (_, false) if matches!(field.kind(), Kind::List) => Self::Variable,
            (_, false) => Self::Text,
        }
    }
}

impl Sql<'_> {
    /// The conditions that a row must meet.
    pub(super) fn filters(&mut self, filters: &[Filter]) -> Vec<String> {
        let mut all = Vec::new();
        for filter in filters {
            let Some(text) = self.value(&filter.field) else {
                continue;
            };
            let kind = ValueKind::of(&filter.field);
            let test = if filter.field.kind() == Kind::List {
                let each = Value {
                    text: "t".to_owned(),
                    kind,
                };
                format!(
                    "arrayExists(t -> {}, {text})",
                    self.test(&each, &filter.test)
                )
            } else {
                self.test(&Value { text, kind }, &filter.test)
            };
            all.push(if filter.negated {
                format!("NOT ({test})")
            } else {
                test
            });
        }
        all.extend(self.item_filters(filters));
        all
    }

    /// A field's value, unless it is a field of items: a text, empty where it
    /// is absent, or a number that may be `NULL`.
    pub(super) fn value(&mut self, field: &Field) -> Option<String> {
        match field {
            Field::Column(Column::ValueCents) => {
                let own = self.is_own_money();
                Some(self.named(format!("if({own}, value_cents, NULL)")))
            }
            Field::Column(Column::Currency) => {
                let own = self.currency();
                Some(self.named(format!("if(currency = '', {own}, currency)")))
            }
            Field::Column(column) => Some(column.as_str().to_owned()),
            Field::Prop(key) => {
                let key = self.params.bind(Param::Text(key.clone()));
                let value = self.named(format!("getSubcolumn(props, {key})"));
                let is_list = format!("startsWith(dynamicType({value}), 'Array')");
                Some(self.named(format!("if({is_list}, '', toString({value}))")))
            }
            Field::Order(OrderField::Currency) => {
                let (own, column) = (self.currency(), self.order_column("currency"));
                Some(self.named(format!("if({column} = '', {own}, {column})")))
            }
            Field::Order(field) => Some(self.order_column(field.as_str())),
            Field::Message(field) => Some(field.as_str().to_owned()),
            Field::Item(_) => None,
        }
    }

    /// A text, folded.
    pub(super) fn folded(&mut self, text: &str, kind: ValueKind) -> String {
        match kind {
            ValueKind::Variable => fold(text),
            _ => self.named(fold(text)),
        }
    }

    fn folded_text(&mut self, text: &str) -> String {
        let text = self.params.bind(Param::Text(text.to_owned()));
        self.named(fold(&text))
    }

    /// Whether the row's money is in the site's currency. Events have no rates:
    /// their money in another is absent.
    pub(super) fn is_own_money(&mut self) -> String {
        if self.money != Money::AsStated {
            return "true".to_owned();
        }
        let own = fold(&self.currency());
        self.named(format!("(currency = '' OR {} = {own})", fold("currency")))
    }

    pub(super) fn currency(&mut self) -> String {
        let currency = self.plan.settings.currency().to_owned();
        self.params.bind(Param::Text(currency))
    }

    /// Whether `value` passes; what is absent doesn't.
    pub(super) fn test(&mut self, value: &Value, test: &Test) -> String {
        let Value { text: value, kind } = value;
        let (kind, is_float) = (*kind, *kind == ValueKind::Float);
        match test {
            Test::Exists if is_float || kind == ValueKind::Number => format!("isNotNull({value})"),
            Test::Exists => format!("{value} != ''"),
            Test::OneOf(texts) => {
                let folded = self.folded(value, kind);
                self.one_of(&folded, texts)
            }
            Test::Contains(part) => {
                let (folded, part) = (self.folded(value, kind), self.folded_text(part));
                format!("position({folded}, {part}) > 0")
            }
            Test::StartsWith(start) => {
                let (folded, start) = (self.folded(value, kind), self.folded_text(start));
                format!("startsWith({folded}, {start})")
            }
            Test::MatchesPath(pattern) => {
                let folded = self.folded(value, kind);
                format!("match({folded}, {})", self.path_pattern(pattern))
            }
            Test::OneOfNumbers(numbers) if is_float => {
                let floats = numbers.iter().map(|number| number.as_f64()).collect();
                let floats = self.params.bind(Param::Floats(floats));
                format!("ifNull(has({floats}, {value}), false)")
            }
            Test::OneOfNumbers(numbers) => self.one_of_numbers(value, numbers),
            Test::Number(compare) => self.compare(value, compare, is_float),
        }
    }

    fn one_of(&mut self, folded: &str, texts: &[String]) -> String {
        match texts {
            [] => "false".to_owned(),
            [text] => format!("{folded} = {}", self.folded_text(text)),
            texts => format!("{folded} IN {}", self.folded_texts(texts)),
        }
    }

    /// Texts, folded, of which one may be. The engine makes a set of a list of constants, and of
    /// an answer, but not of an array that it computes: that would be searched for each row.
    fn folded_texts(&mut self, texts: &[String]) -> String {
        if texts.len() > FEW_TEXTS {
            let texts = self.params.bind(Param::Texts(texts.to_vec()));
            return format!(
                "(SELECT {} FROM (SELECT arrayJoin({texts}) AS t))",
                fold("t")
            );
        }
        let texts = texts.iter();
        let texts = texts.map(|text| fold(&self.params.bind(Param::Text(text.clone()))));
        let texts: Vec<String> = texts.collect();
        format!("({})", texts.join(", "))
    }

    /// The numbers of a field that are whole can meet whole ones only.
    fn one_of_numbers(&mut self, value: &str, numbers: &[Number]) -> String {
        let whole = numbers.iter().filter_map(|number| match number {
            Number::Int(value) => Some(*value),
            Number::Float(_) => None,
        });
        let whole: Vec<i128> = whole.collect();
        if whole.is_empty() {
            return "false".to_owned();
        }
        format!(
            "ifNull({value} IN {}, false)",
            self.params.bind(Param::Ints(whole))
        )
    }

    /// The pattern of a path as a regular expression. The engine folds and
    /// quotes the text between the stars. (`[\s\S]` is any character: no
    /// question mark may stand in a statement, the `clickhouse` crate takes it
    /// for a place to bind.)
    fn path_pattern(&mut self, pattern: &str) -> String {
        let mut parts = vec![r"'\\A'".to_owned()];
        let mut rest = pattern;
        while let Some(star) = rest.find('*') {
            let (text, stars) = rest.split_at(star);
            self.literal(text, &mut parts);
            let after = stars.trim_start_matches('*');
            let across = stars.len() - after.len() > 1;
            parts.push(if across { r"'[\\s\\S]*'" } else { "'[^/]*'" }.to_owned());
            rest = after;
        }
        self.literal(rest, &mut parts);
        parts.push(r"'\\z'".to_owned());
        format!("concat({})", parts.join(", "))
    }

    fn literal(&mut self, text: &str, parts: &mut Vec<String>) {
        if !text.is_empty() {
            parts.push(format!("regexpQuoteMeta({})", self.folded_text(text)));
        }
    }
}
