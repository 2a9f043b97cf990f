//! Filters: what holds of a row.
//!
//! Text is compared NFC and fully case-folded. Both sides are folded by the
//! engine, so that they cannot disagree; all stored text is valid UTF-8,
//! without which the engine's functions fail.

use super::super::fields::{Column, Field};
use super::super::number::Number;
use super::super::resolve::{Filter, Test};
use super::super::words::Word as _;
use super::Sql;
use super::params::Param;

/// A text, folded. The inner normalization is there for a iota subscript
/// beside other marks, the outer one because folding can take a text out of
/// its normal form. What is named (not computed, so cheap to name again) is
/// spared all that where it is ASCII: a filter of paths takes half the time.
pub(in crate::segment) fn fold(text: &str) -> String {
    let folded = format!("normalizeUTF8NFC(caseFoldUTF8(normalizeUTF8NFC({text})))");
    let is_name = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_name {
        return format!("if(isValidASCII({text}), lower({text}), {folded})");
    }
    folded
}

impl Sql<'_> {
    /// The conditions that a row must meet.
    pub(super) fn filters(&mut self, filters: &[Filter]) -> Vec<String> {
        let mut all = Vec::new();
        for filter in filters {
            let Some(value) = self.value(&filter.field) else {
                continue;
            };
            let test = self.test(&value, &filter.field, &filter.test);
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
            Field::Item(_) => None,
        }
    }

    /// A value of a field, folded. That of an item is a variable, which has no
    /// meaning elsewhere, so it gets no name.
    pub(super) fn folded(&mut self, value: &str, field: &Field) -> String {
        match field {
            Field::Item(_) => fold(value),
            _ => self.named(fold(value)),
        }
    }

    fn folded_text(&mut self, text: &str) -> String {
        let text = self.params.bind(Param::Text(text.to_owned()));
        self.named(fold(&text))
    }

    /// Whether the row's money is in the site's currency. There are no rates:
    /// money in another is absent.
    pub(super) fn is_own_money(&mut self) -> String {
        let own = fold(&self.currency());
        self.named(format!("(currency = '' OR {} = {own})", fold("currency")))
    }

    fn currency(&mut self) -> String {
        let currency = self.plan.settings.currency().to_owned();
        self.params.bind(Param::Text(currency))
    }

    /// Whether `value` passes; what is absent doesn't.
    pub(super) fn test(&mut self, value: &str, field: &Field, test: &Test) -> String {
        match test {
            Test::Exists if field.kind().is_number() => format!("isNotNull({value})"),
            Test::Exists => format!("{value} != ''"),
            Test::OneOf(texts) => {
                let folded = self.folded(value, field);
                self.one_of(&folded, texts)
            }
            Test::Contains(part) => {
                let (folded, part) = (self.folded(value, field), self.folded_text(part));
                format!("position({folded}, {part}) > 0")
            }
            Test::StartsWith(start) => {
                let (folded, start) = (self.folded(value, field), self.folded_text(start));
                format!("startsWith({folded}, {start})")
            }
            Test::MatchesPath(pattern) => {
                let folded = self.folded(value, field);
                format!("match({folded}, {})", self.path_pattern(pattern))
            }
            Test::OneOfNumbers(numbers) => self.one_of_numbers(value, numbers),
            Test::Number(compare) => self.compare(value, compare, false),
        }
    }

    fn one_of(&mut self, folded: &str, texts: &[String]) -> String {
        match texts {
            [] => "false".to_owned(),
            [text] => format!("{folded} = {}", self.folded_text(text)),
            texts => {
                let texts = self.params.bind(Param::Texts(texts.to_vec()));
                format!("{folded} IN arrayMap(t -> {}, {texts})", fold("t"))
            }
        }
    }

    /// All numbers are whole, so only whole ones can be met.
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
