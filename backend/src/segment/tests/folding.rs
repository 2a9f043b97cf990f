//! How the engine folds text: NFC and the full case folding of Unicode, the
//! same on both sides of a comparison.

use super::engine;
use super::truth::fold;
use crate::segment::sql::fold as engine_fold;
use tokio::runtime::Runtime;

/// The engine's folding of each of these texts.
fn folded(texts: &[String]) -> Vec<String> {
    let text = format!(
        "SELECT arrayJoin(arrayMap(t -> {}, {{t:Array(String)}}))",
        engine_fold("t")
    );
    let query = engine::client().query(&text).param("t", texts);
    Runtime::new().unwrap().block_on(query.fetch_all()).unwrap()
}

#[test]
fn texts_that_are_equal_fold_to_one() {
    let equal = [
        // German: sharp s, small and capital, is two letters.
        ["straße", "STRASSE", "STRAẞE"],
        // Greek: the final sigma is a sigma; a iota subscript is a iota.
        ["σίσυφος", "ΣΊΣΥΦΟΣ", "σίσυφοσ"],
        ["ᾳ\u{301}", "\u{1fb4}", "ΆΙ"],
        // Turkish: the dotted capital is an i and a dot, in no language's rules.
        ["İ", "i\u{307}", "I\u{307}"],
        // Composed and combined.
        ["café", "cafe\u{301}", "CAFÉ"],
        ["q\u{323}\u{307}", "q\u{307}\u{323}", "Q\u{307}\u{323}"],
        // Hebrew: the order of points and the presentation forms don't matter.
        [
            "שָׁלוֹם",
            "ש\u{5c1}\u{5b8}לו\u{5b9}ם",
            "\u{fb2a}\u{5b8}ל\u{fb4b}ם",
        ],
        ["ﬁn", "FIN", "fin"],
    ];
    for texts in equal {
        let found = folded(&texts.map(str::to_owned));
        assert!(
            found.iter().all(|text| *text == found[0]),
            "{texts:?} fold to {found:?}"
        );
    }
}

#[test]
fn texts_that_differ_stay_apart() {
    // Points make another word; a dotless i is no i.
    let texts = ["שָׁלוֹם", "שלום", "ı", "i", "İ", "e", "é", "ך", "כ"].map(str::to_owned);
    let mut found = folded(&texts);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), texts.len());
}

#[test]
fn the_engine_folds_as_unicode_does() {
    // Latin, Greek, Cyrillic, Armenian and Hebrew with all their marks and
    // forms; beyond them the engine and the crate of this test know different
    // versions of Unicode.
    let blocks = [
        '\u{1}'..='\u{5c7}',
        '\u{1e00}'..='\u{1fff}',
        '\u{fb00}'..='\u{fb4f}',
    ];
    let texts = blocks
        .into_iter()
        .flatten()
        .map(|c| format!("a{c}\u{301}{c}"));
    let texts: Vec<String> = texts.collect();
    for (text, found) in texts.iter().zip(folded(&texts)) {
        assert_eq!(found, fold(text), "{text:?}");
    }
}
