//! Statements of the compiler, put together in other ways for comparison.

use anyhow::{Context as _, Result};
use backend::segment::{
    Param, Question, Statement,
    ast::Node,
    memberships, plan,
    plan::{Plan, Scan},
    resolve,
    time::Span,
};
use std::{collections::BTreeSet, fmt::Write as _};
use tests::page::SITE;

/// How many people a definition is true for.
pub fn count(definition: &Node, question: &Question<'_>) -> Result<Statement> {
    let Statement { text, params } = everyone_in(definition, question)?;
    let text = format!("SELECT count() FROM (\n{text})");
    Ok(Statement { text, params })
}

/// Who is in, in no order.
fn everyone_in(definition: &Node, question: &Question<'_>) -> Result<Statement> {
    Ok(memberships(&[definition], question, None)?)
}

/// The stretches of time whose events a definition reads. Nothing where it reads no events.
pub fn spans(definition: &Node, question: &Question<'_>) -> Result<Option<Vec<Span>>> {
    let Plan { events, .. } = plan(resolve(definition, question)?, question);
    Ok(events.map(|events| match events {
        Scan::Everyone => vec![Span {
            from_ms: None,
            to_ms: question.as_of_ms,
        }],
        Scan::Asked { spans, .. } => spans,
    }))
}

/// A bare scan of the columns of `events` that a definition reads, of the same stretches of time.
/// Nothing where it reads no events.
pub fn bare_scan(
    definition: &Node,
    question: &Question<'_>,
    columns: &BTreeSet<String>,
) -> Result<Option<Statement>> {
    let Some(spans) = spans(definition, question)? else {
        return Ok(None);
    };
    let spans: Vec<String> = spans
        .iter()
        .map(|Span { from_ms, to_ms }| {
            let moment = |ms: i64| format!("fromUnixTimestamp64Milli({ms})");
            let from = from_ms.map(|from| format!("ts >= {} AND ", moment(from)));
            format!("({}ts < {})", from.unwrap_or_default(), moment(*to_ms))
        })
        .collect();
    let text = everyone_in(definition, question)?.text;
    let place = text
        .find("FROM events PREWHERE ")
        .context("a scan of events")?;
    let (before, after) = text.split_at(place);
    let stage = before.get(before.rfind("FROM (\n").unwrap_or_default()..);
    let rows = after.split("GROUP BY owner").next();
    // Whose events they are is no column of theirs.
    let rows = rows.and_then(|rows| rows.split(" AND visitor_id IN (").next());
    let read: BTreeSet<&str> = [stage, rows]
        .into_iter()
        .flatten()
        .flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.'))
        .filter(|word| columns.contains(*word))
        .collect();
    let read: Vec<String> = read.iter().map(|column| format!("`{column}`")).collect();
    Ok(Some(Statement {
        text: format!(
            "SELECT count() FROM events WHERE site = '{SITE}' AND ({}) AND NOT ignore({})",
            spans.join(" OR "),
            read.join(", ")
        ),
        params: Vec::new(),
    }))
}

/// The same people by a query for each part, intersected: as others do it. Nothing where the
/// definition is no conjunction of at least three parts about facts.
pub fn intersected(definition: &Node, question: &Question<'_>) -> Result<Option<Statement>> {
    let Node::All(parts) = definition else {
        return Ok(None);
    };
    if parts.iter().filter(|part| is_of_facts(part)).count() < 3 {
        return Ok(None);
    }
    let is_denial = |part: &&Node| matches!(part, Node::Not(_));
    // Something has to be there that others are taken from.
    let positive = parts.iter().filter(|part| !is_denial(part));
    let ordered = positive.chain(parts.iter().filter(is_denial));
    let mut text = String::new();
    let mut params: Vec<(String, Param)> = Vec::new();
    for (place, part) in ordered.enumerate() {
        let (word, asked) = match part {
            Node::Not(denied) => ("EXCEPT", denied.as_ref()),
            part => ("INTERSECT", part),
        };
        let statement = everyone_in(asked, question)?;
        if place > 0 {
            _ = writeln!(text, "{word}");
        }
        let renamed = statement.text.replace("{p", &format!("{{q{place}_p"));
        _ = writeln!(text, "SELECT person FROM (\n{renamed})");
        let renamed = statement.params.into_iter();
        params.extend(renamed.map(|(name, value)| (format!("q{place}_{name}"), value)));
    }
    let text = format!("SELECT count() FROM (\n{text})");
    Ok(Some(Statement { text, params }))
}

fn is_of_facts(node: &Node) -> bool {
    match node {
        Node::Not(part) => is_of_facts(part),
        Node::All(parts) | Node::Any(parts) => parts.iter().any(is_of_facts),
        Node::Contact(_) | Node::Group(_) | Node::Segment(_) => false,
        _ => true,
    }
}
