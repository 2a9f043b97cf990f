//! The places of a definition, each with what stands there by the language.

use serde_json::Value;

/// A value within a definition.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Where it stands (RFC 6901).
    pub pointer: String,
    pub role: Role,
}

/// What a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Nodes,
    /// One of `all`, `any`, `not`.
    Join,
    Leaf,
    /// A leaf without window and measure.
    Bare,
    Kind,
    Events,
    EventType,
    MessageTypes,
    MessageType,
    Channel,
    Filters,
    Filter,
    Field,
    ContactField,
    Op,
    Value,
    ValueOfList,
    Measure,
    MeasuredField,
    Per,
    Compare,
    Bounds,
    Number,
    Window,
    Dates,
    Date,
    Durations,
    Duration,
    N,
    Unit,
    Period,
    YearsAgo,
    LastOf,
    State,
    Flag,
    Group,
    Segment,
    Steps,
    Step,
    Keys,
    Key,
}

/// Every place of a definition, in the order of the document.
pub(super) fn places(definition: &Value) -> Vec<Place> {
    let mut places = Vec::new();
    add(definition, "", node(definition), &mut places);
    places
}

/// What the place's parent is.
pub(super) fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn node(value: &Value) -> Role {
    if value.get("kind").is_some() {
        Role::Leaf
    } else {
        Role::Join
    }
}

fn add(value: &Value, pointer: &str, role: Role, places: &mut Vec<Place>) {
    places.push(Place {
        pointer: pointer.to_owned(),
        role,
    });
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(object) => {
            let members = object.iter();
            members.map(|(key, part)| (key.clone(), part)).collect()
        }
        Value::Array(list) => {
            let elements = list.iter().enumerate();
            elements
                .map(|(index, part)| (index.to_string(), part))
                .collect()
        }
        _ => Vec::new(),
    };
    for (key, part) in parts {
        let role = match value {
            Value::Array(_) => element(role, part),
            _ => member(role, &key, value, part),
        };
        add(part, &format!("{pointer}/{key}"), role, places);
    }
}

fn element(list: Role, element: &Value) -> Role {
    match list {
        Role::Nodes => node(element),
        Role::Events => Role::EventType,
        Role::MessageTypes => Role::MessageType,
        Role::Filters => Role::Filter,
        Role::Value => Role::ValueOfList,
        Role::Bounds => Role::Number,
        Role::Dates => Role::Date,
        Role::Durations => Role::Duration,
        Role::Steps => Role::Step,
        Role::Keys => Role::Key,
        other => panic!("{other:?} is no list"),
    }
}

fn member(of: Role, key: &str, object: &Value, value: &Value) -> Role {
    match (of, key) {
        (Role::Join, "not") => node(value),
        (Role::Join, _) => Role::Nodes,
        (_, "kind") => Role::Kind,
        (_, "event") if object["kind"] == "message" => Role::MessageTypes,
        (_, "event") => Role::Events,
        (_, "channel") => Role::Channel,
        (_, "where") => Role::Filters,
        (Role::Leaf, "field") => Role::ContactField,
        (_, "field") => Role::Field,
        (_, "op") => Role::Op,
        (_, "value") => Role::Value,
        (_, "measure") => Role::Measure,
        (Role::Measure, _) => Role::MeasuredField,
        (_, "per") => Role::Per,
        (_, "compare") => Role::Compare,
        (Role::Compare, "between") => Role::Bounds,
        (Role::Compare, _) => Role::Number,
        (_, "window") => Role::Window,
        (Role::Window, "between") => Role::Dates,
        (Role::Window, "between_ago") => Role::Durations,
        (_, "last" | "next" | "idle" | "within") => Role::Duration,
        (Role::Leaf, "of") => Role::LastOf,
        (_, "of" | "since") => Role::Bare,
        (_, "calendar") => Role::Period,
        (_, "years_ago") => Role::YearsAgo,
        (_, "n") => Role::N,
        (_, "unit") => Role::Unit,
        (_, "state") => Role::State,
        (_, "latest" | "absent") => Role::Flag,
        (_, "group") => Role::Group,
        (_, "segment") => Role::Segment,
        (_, "steps") => Role::Steps,
        (_, "same" | "differs") => Role::Keys,
        (role, key) => panic!("{role:?} has no `{key}`"),
    }
}
