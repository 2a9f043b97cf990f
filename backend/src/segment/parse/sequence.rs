//! Sequences: facts that followed each other, or did not.

use super::super::ast::{Of, SequenceLeaf, Step};
use super::super::invalid::{At, Code, Invalid};
use super::super::words::{Key, LeafKind, Word as _};
use super::object::{self, Object};
use super::{fact, leaf, window};
use serde_json::Value;
use std::collections::BTreeSet;

/// How many steps a sequence may have.
const MAX_STEPS: usize = 32;

/// Reads a sequence.
pub(super) fn sequence(node: &Object<'_>) -> Result<SequenceLeaf, Invalid> {
    node.only(&["kind", "steps", "window"], "a sequence")?;
    let at = node.at.key("steps");
    let written = object::list(node.need("steps", "a sequence")?, &at, "steps")?;
    let mut steps: Vec<Step> = Vec::with_capacity(written.len());
    for (index, value) in written.iter().enumerate() {
        let at = at.index(index);
        let object = Object::read(value, at, "a step")?;
        let step = step(&object)?;
        let before = steps.iter().rev().find(|step| !step.absent);
        check(&object, &step, before)?;
        steps.push(step);
    }
    if steps.len() > MAX_STEPS {
        let message = format!(
            "a sequence has at most {MAX_STEPS} steps; these are {}",
            steps.len()
        );
        return Err(at.refuse(Code::OutOfRange, message));
    }
    let present = steps.iter().rposition(|step| !step.absent).unwrap_or(0);
    let endless = |step: &Step| step.within.is_none();
    if let Some(index) = steps.iter().skip(present + 1).position(endless) {
        let message = "an absent step at the end needs `within`: until when nothing came";
        return Err(at
            .index(present + 1 + index)
            .refuse(Code::MissingKey, message));
    }
    Ok(SequenceLeaf {
        steps,
        window: leaf::window_of(node)?,
    })
}

fn step(step: &Object<'_>) -> Result<Step, Invalid> {
    step.only(&["of", "within", "absent", "same", "differs"], "a step")?;
    let at = &step.at;
    let fitting = [LeafKind::Event, LeafKind::Order];
    let of = fact::bare(step.need("of", "a step")?, at.key("of"), &fitting)?;
    let within = step
        .get("within")
        .map(|value| window::duration(value, at.key("within")));
    let absent = step
        .get("absent")
        .map(|value| object::flag(value, &at.key("absent"), "`absent`"));
    Ok(Step {
        of,
        within: within.transpose()?,
        absent: absent.transpose()?.unwrap_or(false),
        same: keys(step, "same")?,
        differs: keys(step, "differs")?,
    })
}

/// Whether a step fits after the last one that is present.
fn check(written: &Object<'_>, step: &Step, before: Option<&Step>) -> Result<(), Invalid> {
    let Some(before) = before else {
        for key in ["absent", "within", "same", "differs"] {
            let fits = key == "absent" && !step.absent;
            if written.has(key) && !fits {
                let message =
                    format!("a sequence begins with a step that is there; `{key}` does not fit it");
                return Err(written.at.key(key).refuse(Code::DoesNotFit, message));
            }
        }
        return Ok(());
    };
    let is_event = |step: &Step| matches!(step.of.of, Of::Events(_));
    for (key, asked) in [("same", &step.same), ("differs", &step.differs)] {
        if asked.contains(&Key::Session) && !(is_event(step) && is_event(before)) {
            let session = Key::Session.as_str();
            let keys = written.get(key).and_then(Value::as_array);
            let index = keys.and_then(|keys| keys.iter().position(|key| key == session));
            let message = format!("`{session}` fits between events only");
            let at = written.at.key(key);
            return Err(at
                .index(index.unwrap_or(0))
                .refuse(Code::DoesNotFit, message));
        }
    }
    Ok(())
}

fn keys(step: &Object<'_>, key: &'static str) -> Result<BTreeSet<Key>, Invalid> {
    let Some(value): Option<&Value> = step.get(key) else {
        return Ok(BTreeSet::new());
    };
    let at: At<'_> = step.at.key(key);
    let keys = object::list(value, &at, "keys")?.iter().enumerate();
    keys.map(|(index, value)| object::word(value, &at.index(index), "key"))
        .collect()
}
