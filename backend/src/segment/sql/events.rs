//! Events: what visitors did.

use super::super::ast::Of;
use super::super::fields::Source;
use super::super::plan::Scan;
use super::super::resolve::{Facts, Last, Measured};
use super::super::time::Span;
use super::AMONG_GATE;
use super::measure::Aggregate;
use super::{Sql, any_of};

/// The moment of a fact as a number.
pub(super) const AT: &str = "toUnixTimestamp64Milli(ts)";

/// The condition that each row meets.
pub(super) const EACH: &str = "true";

impl Sql<'_> {
    /// `FROM` and conditions of the events that count.
    pub(super) fn event_rows(&mut self, asked: &str) -> String {
        self.events_scanned(self.plan.events.as_ref(), "", asked)
    }

    /// `FROM` and conditions of the events of a scan. What every row is asked stands apart: the
    /// engine asks the rest of those alone that pass.
    pub(super) fn events_scanned(
        &mut self,
        scan: Option<&Scan>,
        join: &str,
        asked: &str,
    ) -> String {
        let (site, only) = (self.site(), self.is_asked("visitor_id"));
        let mut all = vec![format!(
            "site = {site}{only} AND NOT bot AND NOT machine AND NOT staff"
        )];
        match scan {
            Some(Scan::Asked { types, spans }) => {
                all.extend(types.as_ref().map(|types| self.events(types)));
                let spans: Vec<String> = spans.iter().map(|span| self.span(span)).collect();
                all.push(any_of(spans));
            }
            Some(Scan::Everyone) | None => all.push(self.before_as_of()),
        }
        if self.gate.is_some() {
            all.push(format!("visitor_id {AMONG_GATE}"));
        }
        let asked = if asked.is_empty() {
            String::new()
        } else {
            format!(" WHERE {asked}")
        };
        format!("FROM events{join} PREWHERE {}{asked}", all.join(" AND "))
    }

    /// All before the moment that is asked about.
    pub(super) fn before_as_of(&mut self) -> String {
        self.span(&self.all_before())
    }

    fn all_before(&self) -> Span {
        Span {
            from_ms: None,
            to_ms: self.plan.as_of_ms,
        }
    }

    /// Whether a row is a fact of the leaf, or a session's start where those
    /// are asked; but for what its window begins after.
    pub(super) fn facts_in(&mut self, leaf: &Measured) -> String {
        if leaf.is_of_starts() {
            return self.matching(None, &leaf.when.span);
        }
        self.matching(Some(&leaf.facts), &leaf.when.span)
    }

    /// Whether a row is such a fact, or a session's start where no facts are named, and lies
    /// between the bounds.
    pub(super) fn matching(&mut self, facts: Option<&Facts>, span: &Span) -> String {
        let mut all = Vec::new();
        if let Some(facts) = facts
            && !self.are_all(&facts.of)
        {
            all.extend(self.kind(&facts.of));
        }
        if !self.lie_all_in(span) {
            all.push(self.span(span));
        }
        match facts {
            None => all.push("is_session_start".to_owned()),
            Some(facts) => all.extend(self.filters(&facts.filters)),
        }
        self.asking(all)
    }

    /// Whether all rows that are read are of such a kind.
    fn are_all(&self, of: &Of) -> bool {
        match (of, &self.plan.events) {
            (Of::Events(asked), Some(Scan::Asked { types, .. })) => types.as_ref() == Some(asked),
            _ => false,
        }
    }

    /// Whether all rows that are read lie in this stretch.
    fn lie_all_in(&self, span: &Span) -> bool {
        match (self.source, &self.plan.events) {
            (Source::Events, Some(Scan::Asked { spans, .. })) => *spans == [*span],
            _ => *span == self.all_before(),
        }
    }

    /// A condition of rows, by a name, as one that a leaf asks.
    pub(super) fn asking(&mut self, all: Vec<String>) -> String {
        if all.is_empty() {
            self.asked.push(EACH.to_owned());
            return EACH.to_owned();
        }
        let asked = self.named(all.join(" AND "));
        self.asked.push(asked.clone());
        asked
    }

    /// When the latest of some facts was, before the moment that is asked about.
    pub(super) fn latest(&mut self, leaf: &Last) -> Aggregate {
        let mut all = match &leaf.facts {
            None => vec!["is_session_start".to_owned()],
            Some(facts) => self.facts(facts),
        };
        all.push(self.before_as_of());
        Aggregate {
            function: "maxOrNull".to_owned(),
            argument: Some(AT.to_owned()),
            condition: self.asking(all),
        }
    }
}
