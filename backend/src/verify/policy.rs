//! Whether a page's Content-Security-Policy lets the pixel run.

use super::{
    check::{Check, Code},
    page::{Line, Page},
    visit::Answer,
};
use content_security_policy::{
    CheckResult, CspList, Destination, Element, Initiator, InlineCheckType, ParserMetadata,
    PolicyDisposition, PolicySource, Request,
};
use reqwest::Url;

/// What the pixel's other files are fetched and sent as: any name beside the loader's will do.
const FILE: &str = "pixel.js";
/// Where batches go.
const BATCHES: &str = "e";

/// Asks the page's policies of all that the line does, in the order in which it does it.
pub(super) fn check(answer: &Answer, page: &Page, line: &Line, script: &Url) -> Check {
    let policies = policies(answer, page);
    if policies.0.is_empty() {
        let says = "the page has no Content-Security-Policy";
        return Check::new(Code::PolicyNone, "", says.into());
    }
    let source = if answer.url.origin() == script.origin() {
        "'self'".to_owned()
    } else {
        script.origin().ascii_serialization()
    };
    let lacks = |code, directive: &str, source: &str, then: &str| {
        let value = format!("{directive} {source}");
        let says =
            format!("the page's Content-Security-Policy {then}; add {source} to {directive}");
        Check::new(code, value, says)
    };
    let refusing = |request: Request| {
        let (_, violations) = policies.should_request_be_blocked(&request);
        violations.into_iter().next()
    };
    let at = &answer.url;
    if let Some(violation) = refusing(loads(at, script.clone(), &line.nonce)) {
        // Where scripts hand trust on, addresses count for nothing (CSP3, 8.2).
        let sources = &violation.directive.value;
        if sources.iter().any(|source| source == "'strict-dynamic'") {
            let says = "the page's Content-Security-Policy has 'strict-dynamic', so it runs what carries the page's nonce; \
                        give it to the line's tags";
            return Check::new(Code::PolicyNeedsNonce, "", says.into());
        }
        return lacks(
            Code::PolicyRefusesScript,
            "script-src",
            &source,
            "refuses the line's script",
        );
    }
    if let Ok(file) = script.join(FILE)
        && refusing(imports(at, file)).is_some()
    {
        return lacks(
            Code::PolicyRefusesScript,
            "script-src",
            &source,
            "lets the line's script run, by its nonce or hash, but not the files that it imports",
        );
    }
    if let Ok(batches) = script.join(BATCHES)
        && refusing(connects(at, batches)).is_some()
    {
        return lacks(
            Code::PolicyRefusesConnect,
            "connect-src",
            &source,
            "refuses what the pixel sends",
        );
    }
    if let Some(stub) = &page.stub {
        let nonce = (!stub.nonce.is_empty()).then(|| stub.nonce.as_str().into());
        let (result, _) = policies.should_elements_inline_type_behavior_be_blocked(
            &Element { nonce },
            InlineCheckType::Script,
            &stub.text,
        );
        if result == CheckResult::Blocked {
            let says = "the page's Content-Security-Policy refuses the line's first tag, so calls of crumb() before the \
                        pixel is there fail; give the tag the page's nonce, or leave it out and call crumb() later";
            return Check::new(Code::PolicyRefusesInline, "script-src", says.into());
        }
    }
    let (wasm, _) = policies.is_wasm_evaluation_allowed();
    if wasm == CheckResult::Blocked {
        return lacks(
            Code::PolicyRefusesWasm,
            "script-src",
            "'wasm-unsafe-eval'",
            "refuses WebAssembly, so the pixel loads as plain JS, 16 KB instead of 12",
        );
    }
    let says = "the page's Content-Security-Policy lets the pixel run and send";
    Check::new(Code::PolicyAllows, "", says.into())
}

/// Those that are enforced: of the answer's headers, and of the page.
fn policies(answer: &Answer, page: &Page) -> CspList {
    let enforced = PolicyDisposition::Enforce;
    let mut all = CspList(Vec::new());
    for policy in &answer.policies {
        all.append(CspList::parse(policy, PolicySource::Header, enforced));
    }
    for policy in &page.policies {
        all.append(CspList::parse(policy, PolicySource::Meta, enforced));
    }
    all
}

/// The line's own script.
fn loads(page: &Url, url: Url, nonce: &str) -> Request {
    Request {
        nonce: nonce.to_owned(),
        parser_metadata: ParserMetadata::ParserInserted,
        ..request(page, url, Destination::Script, Initiator::None)
    }
}

/// What it imports.
fn imports(page: &Url, url: Url) -> Request {
    request(page, url, Destination::Script, Initiator::None)
}

/// What it sends, and fetches as bytes.
fn connects(page: &Url, url: Url) -> Request {
    request(page, url, Destination::None, Initiator::Fetch)
}

fn request(page: &Url, url: Url, destination: Destination, initiator: Initiator) -> Request {
    Request {
        current_url: url.clone(),
        url,
        origin: page.origin(),
        redirect_count: 0,
        destination,
        initiator,
        nonce: String::new(),
        integrity_metadata: String::new(),
        parser_metadata: ParserMetadata::NotParserInserted,
    }
}
