//! Figures of several rounds, and tables of them for people.

/// The middle one; of an even number the mean of the two in the middle.
pub fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let middle = |place: usize| sorted.get(place).copied().unwrap_or_default();
    match sorted.len() {
        0 => 0.0,
        count => f64::midpoint(middle((count - 1) / 2), middle(count / 2)),
    }
}

/// The one below which that share of them is; 0 of none.
pub fn quantile(figures: &[f64], share: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let place = (share * sorted.len() as f64) as usize;
    let last = sorted.len().saturating_sub(1);
    sorted.get(place.min(last)).copied().unwrap_or_default()
}

/// The largest; 0 of none.
pub fn largest(figures: impl IntoIterator<Item = f64>) -> f64 {
    figures.into_iter().fold(0.0, f64::max)
}

/// That many digits behind the point.
pub fn rounded(figure: f64, digits: i32) -> f64 {
    let factor = 10_f64.powi(digits);
    (figure * factor).round() / factor
}

/// Events as a float, to divide by seconds.
#[expect(clippy::cast_precision_loss, reason = "a rate")]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// Rows under a line of names, the columns as wide as what stands in them; the first to the
/// left, the others to the right.
pub fn table<const N: usize>(names: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = names.map(|name| name.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let lines = std::iter::once(names.map(str::to_owned)).chain(rows.iter().cloned());
    let lines: Vec<String> = lines.map(|row| line(&row, &widths)).collect();
    lines.join("\n")
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut cells = row.iter().zip(widths);
    let first = cells
        .next()
        .map(|(cell, width)| format!("  {cell:<width$}"))
        .into_iter();
    let others = cells.map(|(cell, width)| format!("{cell:>width$}"));
    first.chain(others).collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_one() {
        assert_eq!(median([]), 0.0);
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn a_quantile_is_one_of_them() {
        let figures: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(quantile(&figures, 0.99), 99.0);
        assert_eq!(quantile(&figures, 0.5), 50.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }

    #[test]
    fn columns_are_as_wide_as_needed() {
        let rows = [["raw".to_owned(), "12".to_owned()]];
        assert_eq!(table(["", "rows"], &rows), "       rows\n  raw    12");
    }
}
