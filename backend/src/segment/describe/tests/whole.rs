//! Whole sentences: how clauses join, and what comes from outside.

use super::{check, names};
use crate::segment::describe::{Language, Names, describe};
use crate::segment::parse;
use expect_test::expect;
use serde_json::{Value, json};

fn group(id: &str) -> Value {
    json!({"kind": "group", "group": id})
}

#[test]
fn joins_are_unambiguous() {
    let (a, b, c, d) = (group("a"), group("b"), group("c"), group("d"));
    check(
        &[
            json!({"all": [a, b]}),
            json!({"all": [a, b, c]}),
            json!({"any": [a, b, c]}),
            json!({"all": [{"any": [a, b]}, {"any": [c, {"all": [a, d]}]}]}),
            json!({"not": {"all": [a, b]}}),
            json!({"all": [a, {"not": {"any": [b, {"not": c}]}}]}),
            json!({"not": {"not": {"any": [a, {"not": {"not": b}}]}}}),
            json!({"not": {"all": [{"any": [a]}]}}),
        ],
        &expect![[r#"
            People who are in the group “a”, and who are in the group “b”.
            אנשים שנמצאים בקבוצה ”a”, וגם שנמצאים בקבוצה ”b”.
            People who are in the group “a”, who are in the group “b”, and who are in the group “c”.
            אנשים שנמצאים בקבוצה ”a”, שנמצאים בקבוצה ”b”, וגם שנמצאים בקבוצה ”c”.
            People who are in the group “a”, or who are in the group “b”, or who are in the group “c”.
            אנשים שנמצאים בקבוצה ”a”, או שנמצאים בקבוצה ”b”, או שנמצאים בקבוצה ”c”.
            People (who are in the group “a”, or who are in the group “b”), and (who are in the group “c”, or (who are in the group “a”, and who are in the group “d”)).
            אנשים (שנמצאים בקבוצה ”a”, או שנמצאים בקבוצה ”b”), וגם (שנמצאים בקבוצה ”c”, או (שנמצאים בקבוצה ”a”, וגם שנמצאים בקבוצה ”d”)).
            People who are not among those (who are in the group “a”, and who are in the group “b”).
            אנשים שאינם בין אלה (שנמצאים בקבוצה ”a”, וגם שנמצאים בקבוצה ”b”).
            People who are in the group “a”, and who are not among those (who are in the group “b”, or who are not in the group “c”).
            אנשים שנמצאים בקבוצה ”a”, וגם שאינם בין אלה (שנמצאים בקבוצה ”b”, או שאינם בקבוצה ”c”).
            People who are in the group “a”, or who are in the group “b”.
            אנשים שנמצאים בקבוצה ”a”, או שנמצאים בקבוצה ”b”.
            People who are not in the group “a”.
            אנשים שאינם בקבוצה ”a”.
        "#]],
    );
}

#[test]
fn names_stand_in_place_of_ids() {
    check(
        &[
            group("g1"),
            json!({"not": group("g2")}),
            json!({"kind": "segment", "segment": "s1"}),
            json!({"not": {"kind": "segment", "segment": "s2"}}),
        ],
        &expect![[r#"
            People who are in the group “VIP”.
            אנשים שנמצאים בקבוצה ”VIP”.
            People who are not in the group “g2”.
            אנשים שאינם בקבוצה ”g2”.
            People who are in the segment “חוזרים”.
            אנשים שנמצאים בסגמנט ”חוזרים”.
            People who are not in the segment “s2”.
            אנשים שאינם בסגמנט ”s2”.
        "#]],
    );
}

#[test]
fn money_is_in_the_currency() {
    let bought = json!({"kind": "order", "measure": {"sum": "value_cents"}, "compare": {"between": [5, 123_456_700]}});
    let read = |currency: &str| {
        let names = Names {
            currency: currency.to_owned(),
            ..Names::default()
        };
        describe(&parse(&bought).unwrap(), &names, Language::English)
    };
    expect![[r#"
        People who bought for between ₪0.05 and ₪1,234,567 in total.
        People who bought for between USD 0.05 and USD 1,234,567 in total.
        People who bought for between 0.05 and 1,234,567 in total."#]]
    .assert_eq(&["ILS", "USD", ""].map(read).join("\n"));
}

/// What comes from outside stays where it stands, whatever it holds.
#[test]
fn no_value_turns_the_sentence() {
    let harmful = "a\u{202e}b\u{2069}c\u{2066}d\ne\u{7}f\u{2028}g\u{200f}h";
    let definitions = [
        json!({"kind": "contact", "field": "city", "op": "eq", "value": harmful}),
        json!({"kind": "contact", "field": harmful, "op": "exists"}),
        group(harmful),
        json!({"kind": "event", "event": "click", "where": [{"field": format!("props.{harmful}"), "op": "contains", "value": harmful}]}),
    ];
    for definition in definitions {
        for language in Language::ALL {
            let sentence = describe(&parse(&definition).unwrap(), &names(), language);
            let isolates = sentence.matches('\u{2068}').count();
            assert_eq!(sentence.matches('\u{2069}').count(), isolates);
            assert_eq!(
                sentence
                    .matches("\u{2068}abcd ef g\u{200f}h\u{2069}")
                    .count(),
                isolates
            );
            assert!(!sentence.contains(['\u{202e}', '\u{2066}', '\u{2028}', '\n', '\u{7}']));
        }
    }
}

#[test]
fn languages_have_tags() {
    for language in Language::ALL {
        assert_eq!(Language::from_tag(language.tag()), Some(language));
    }
    assert_eq!(Language::from_tag("fr"), None);
}
