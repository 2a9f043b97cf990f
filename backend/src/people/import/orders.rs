//! Which of day, month and year comes first in a column.

use super::{
    dates::{Order, parts},
    mapping::{Column, Target},
    report,
    table::Table,
};

/// As many values of one order for one of another are no doubt, but a slip.
const SLIPS: usize = 100;
/// What a day's numbers say of their order, where only one is possible.
fn told_by(text: &str) -> Option<Order> {
    let (parts, _) = parts(text)?;
    let number = |part: &str| part.parse::<u16>().unwrap_or_default();
    match (number(parts[0]), number(parts[1])) {
        _ if parts[0].len() == 4 => None,
        (32.., 0..=12) => Some(Order::Ymd),
        (13..=31, 0..=12) => Some(Order::Dmy),
        (0..=12, 13..=31) => Some(Order::Mdy),
        _ => None,
    }
}

/// Decides for each column of days in which order they are written.
#[must_use]
pub fn decide(table: &Table, mut columns: Vec<Column>, said: Option<Order>) -> Vec<Column> {
    for column in &mut columns {
        if matches!(&column.target, Some(target) if column.is_date || *target == Target::UpdatedAt)
        {
            column.dates = decide_column(table, column.index, said);
        }
    }
    columns
}

/// The order of one column; none where no value has one.
fn decide_column(table: &Table, index: usize, said: Option<Order>) -> Option<report::Dates> {
    let mut examples: Vec<(Order, usize, String, usize)> = Vec::new();
    let mut has_order = false;
    for row in &table.rows {
        let cell = row.cell(index);
        has_order |= parts(&cell).is_some_and(|(parts, _)| parts[0].len() != 4);
        let Some(order) = told_by(&cell) else {
            continue;
        };
        match examples.iter_mut().find(|example| example.0 == order) {
            Some(example) => example.3 += 1,
            None => examples.push((order, row.line, cell, 1)),
        }
    }
    if !has_order {
        return None;
    }
    // The one that most values say; of two that as many say, the first.
    examples.sort_by_key(|example| std::cmp::Reverse(example.3));
    let dates = |order, is_sure, why| {
        Some(report::Dates {
            order,
            is_sure,
            why,
        })
    };
    if let Some(order) = said {
        return dates(order, true, "as the mapping says".to_owned());
    }
    match examples.as_slice() {
        [] => {
            let why = "no value tells, so they are read day first";
            dates(Order::Dmy, false, why.to_owned())
        }
        [(order, line, cell, _)] => {
            let words = order.as_words();
            let why = format!("`{cell}` in line {line} can only be {words}");
            dates(*order, true, why)
        }
        [(order, _, _, most), (other, line, cell, others), ..] => {
            let is_sure = others * SLIPS <= *most;
            let (words, other) = (order.as_words(), other.as_words());
            let why = format!(
                "{most} values can only be {words}; `{cell}` in line {line} can only be {other}"
            );
            dates(*order, is_sure, why)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_tells_its_order() {
        let decide = |cells: &str| {
            let text = format!("birthday\n{}\n", cells.replace(' ', "\n"));
            let table = super::super::table::read(&text, &Default::default(), "").unwrap();
            decide_column(&table, 0, None).map(|dates| (dates.order, dates.is_sure))
        };
        assert_eq!(decide("1/2/1990 21/2/1990"), Some((Order::Dmy, true)));
        assert_eq!(decide("1/2/1990 2/21/1990"), Some((Order::Mdy, true)));
        assert_eq!(decide("85-01-02"), Some((Order::Ymd, true)));
        assert_eq!(decide("1/2/1990"), Some((Order::Dmy, false)));
        assert_eq!(
            decide("1/2/90 2/21/90 3/21/90 21/3/90"),
            Some((Order::Mdy, false))
        );
        assert_eq!(decide("1990-02-01"), None);
    }
}
