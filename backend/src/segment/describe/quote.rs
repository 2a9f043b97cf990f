//! Texts from outside, made fit to stand in a sentence.

/// U+2068 and U+2069: what stands between them doesn't turn what is around it.
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// The text in an isolate, without what could end it or turn the sentence.
pub(super) fn isolated(text: &str) -> String {
    let clean: String = text.chars().filter_map(clean).collect();
    format!("{FIRST_STRONG_ISOLATE}{clean}{POP_ISOLATE}")
}

/// White space is a blank; other control characters, and the bidi ones that
/// open or close something, are nothing.
fn clean(char: char) -> Option<char> {
    match char {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        _ if char.is_whitespace() => Some(' '),
        _ if char.is_control() => None,
        _ => Some(char),
    }
}
