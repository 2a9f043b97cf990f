//! What definitions name: segments, groups, and fields of contacts.

use crate::{
    control::ControlError,
    segment::{ast::Node, invalid::At},
};
use serde::Serialize;
use sqlx::SqliteConnection;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What a definition names itself; what is named in the segments among these is not here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Uses {
    /// Ids of segments.
    pub segments: BTreeSet<String>,
    /// Ids of groups.
    pub groups: BTreeSet<String>,
    /// Names of fields of contacts, standard ones too.
    pub fields: BTreeSet<String>,
}

impl Uses {
    /// What a definition names.
    pub fn of(definition: &Node) -> Self {
        let mut uses = Self::default();
        visit(definition, &At::Root, &mut |node, _| {
            match node {
                Node::Segment(id) => uses.segments.insert(id.clone()),
                Node::Group(id) => uses.groups.insert(id.clone()),
                Node::Contact(leaf) => uses.fields.insert(leaf.filter.field.clone()),
                _ => false,
            };
        });
        uses
    }

    fn by_kind(&mut self) -> [(&'static str, &mut BTreeSet<String>); 3] {
        [
            ("segment", &mut self.segments),
            ("group", &mut self.groups),
            ("field", &mut self.fields),
        ]
    }

    /// What a segment of a site names, as it was kept.
    pub(super) async fn read(
        control: &mut SqliteConnection,
        site: &str,
        segment: &str,
    ) -> Result<Self, ControlError> {
        let mut uses = Self::default();
        for (kind, named) in uses.by_kind() {
            let names: Vec<(String,)> = sqlx::query_as(
                "SELECT uses FROM segment_uses WHERE site = ? AND segment = ? AND kind = ?",
            )
            .bind(site)
            .bind(segment)
            .bind(kind)
            .fetch_all(&mut *control)
            .await?;
            named.extend(names.into_iter().map(|(name,)| name));
        }
        Ok(uses)
    }

    /// Keeps it as what a segment of a site names, in the place of what it named before.
    pub(super) async fn write(
        mut self,
        control: &mut SqliteConnection,
        site: &str,
        segment: &str,
    ) -> Result<(), ControlError> {
        sqlx::query("DELETE FROM segment_uses WHERE site = ? AND segment = ?")
            .bind(site)
            .bind(segment)
            .execute(&mut *control)
            .await?;
        for (kind, named) in self.by_kind() {
            for name in named.iter() {
                sqlx::query(
                    "INSERT INTO segment_uses (site, segment, kind, uses) VALUES (?, ?, ?, ?)",
                )
                .bind(site)
                .bind(segment)
                .bind(kind)
                .bind(name)
                .execute(&mut *control)
                .await?;
            }
        }
        Ok(())
    }
}

/// The first place in a definition where a segment is named, as an RFC 6901 pointer.
pub(super) fn place(definition: &Node, segment: &str) -> String {
    let mut place = None;
    visit(definition, &At::Root, &mut |node, at| {
        if matches!(node, Node::Segment(id) if id == segment) {
            place.get_or_insert_with(|| at.key("segment").to_string());
        }
    });
    place.unwrap_or_default()
}

/// Sees every node, in the order of the document.
fn visit<F: FnMut(&Node, &At<'_>)>(node: &Node, at: &At<'_>, see: &mut F) {
    see(node, at);
    match node {
        Node::All(parts) => visit_all(parts, &at.key("all"), see),
        Node::Any(parts) => visit_all(parts, &at.key("any"), see),
        Node::Not(part) => visit(part, &at.key("not"), see),
        _ => {}
    }
}

fn visit_all<F: FnMut(&Node, &At<'_>)>(parts: &[Node], at: &At<'_>, see: &mut F) {
    for (index, part) in parts.iter().enumerate() {
        visit(part, &at.index(index), see);
    }
}
