//! What stands on a page, as far as the pixel is concerned.

use html5gum::{DefaultEmitter, HtmlString, StartTag, Token, Tokenizer};
use reqwest::Url;

/// What the line's script is called.
const SCRIPT: &str = "/crumb.js";
/// How the line's first tag begins what it does.
const STUB: &str = "window.crumb=";
/// By which Google Tag Manager is known.
const TAG_MANAGER: &str = "googletagmanager.com/gtm.js";

/// A page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// The lines that are pasted, of any site.
    pub lines: Vec<Line>,
    /// The script that keeps calls until the pixel is there.
    pub stub: Option<Inline>,
    /// The policies that stand in the page itself.
    pub policies: Vec<String>,
    /// Whether it has Google Tag Manager.
    pub has_tag_manager: bool,
    /// What relative addresses are relative to.
    base: Option<Url>,
}

/// The tag of a script of ours.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub src: String,
    pub site: String,
    /// Its `type`, in lower case.
    pub kind: String,
    /// Its `data-consent`.
    pub consent: String,
    pub nonce: String,
}

/// A script without an address.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Inline {
    pub text: String,
    pub nonce: String,
}

impl Page {
    /// Reads HTML as a browser's tokenizer does, so what stands in comments or in texts of scripts
    /// is none of its tags.
    pub fn read(html: &str, at: &Url) -> Self {
        let mut page = Self {
            base: Some(at.clone()),
            ..Self::default()
        };
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut inline = None;
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => inline = page.see(&tag, at),
                Token::String(text) => {
                    if let Some(nonce) = inline.take() {
                        page.hear(&String::from_utf8_lossy(&text), nonce);
                    }
                }
                _ => {}
            }
        }
        page
    }

    /// A tag; gives the nonce of a script whose text is to follow.
    fn see(&mut self, tag: &StartTag<()>, at: &Url) -> Option<String> {
        let attribute = |name: &str| text(tag.attributes.get(name.as_bytes()).map(|is| &is.value));
        match tag.name.as_slice() {
            b"base" => {
                if let Ok(base) = at.join(&attribute("href")) {
                    self.base = Some(base);
                }
            }
            b"meta" if attribute("http-equiv").eq_ignore_ascii_case("content-security-policy") => {
                self.policies.push(attribute("content"));
            }
            b"script" => {
                let src = attribute("src");
                if src.is_empty() {
                    return Some(attribute("nonce"));
                }
                self.has_tag_manager |= src.contains(TAG_MANAGER);
                let path = src.split(['?', '#']).next().unwrap_or_default();
                if path.ends_with(SCRIPT) || path == &SCRIPT[1..] {
                    self.lines.push(Line {
                        src,
                        site: attribute("data-site"),
                        kind: attribute("type").trim().to_ascii_lowercase(),
                        consent: attribute("data-consent"),
                        nonce: attribute("nonce"),
                    });
                }
            }
            _ => {}
        }
        None
    }

    /// A script's text.
    fn hear(&mut self, text: &str, nonce: String) {
        self.has_tag_manager |= text.contains(TAG_MANAGER);
        if text.trim_start().starts_with(STUB) {
            let text = text.to_owned();
            self.stub = Some(Inline { text, nonce });
        }
    }

    /// Where a line's script is.
    pub fn address(&self, line: &Line) -> Result<Url, url::ParseError> {
        match &self.base {
            Some(base) => base.join(&line.src),
            None => Url::parse(&line.src),
        }
    }
}

impl Line {
    /// Whether a browser runs it as a script (HTML standard, JavaScript MIME type essence match).
    pub fn is_script(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "" | "text/javascript" | "application/javascript" | "application/x-javascript"
        )
    }
}

fn text(of: Option<&HtmlString>) -> String {
    of.map(|text| String::from_utf8_lossy(text).into_owned())
        .unwrap_or_default()
}
