//! What a click is: by what was clicked, and where it leads.

use crate::{
    bytes::Bytes,
    lines::{As, Lines, NOWHERE, has, same},
};
use protocol::event::ClickKind;

/// Files that are downloaded rather than shown: those of GA4, and what shops offer besides.
const FILES: &[u8] = b".pdf.xls.xlsx.doc.docx.ppt.pptx.pps.key.txt.rtf.csv.epub\
    .zip.rar.7z.gz.exe.pkg.dmg.apk.avi.mov.mp4.mpg.mpeg.wmv.mp3.wav.mid.midi.wma.ics.";

/// Parts of other sites' addresses, host and path, that share the page that the visitor is
/// on: Facebook, LinkedIn, Telegram; X; Facebook; Pinterest; Reddit.
const SHARING: &[u8] = b"/share
/intent/
/dialog/
/pin/create
reddit.com/submit";

/// The tag of a click on the wire.
const CLICK: u8 = 2;

/// Writes a click. Lines: the text, the name of the call to action, `1` for a download; then
/// the link's protocol (empty where it is no link), its host with its path, its host, its
/// path, its query, and what its path ends in (`.pdf.`).
pub fn click(out: &mut Bytes, page_host: &[u8], lines: Lines<'_>) {
    let kind = kind(page_host, lines);
    // What stands behind these is somebody's address or number.
    let is_personal = matches!(
        kind,
        ClickKind::Mail | ClickKind::Phone | ClickKind::Whatsapp
    );
    out.push(CLICK);
    out.push(kind as u8);
    out.field(lines, 0, As::Prose);
    out.field(lines, 5, As::Code);
    out.field(lines, if is_personal { NOWHERE } else { 6 }, As::Path);
    out.field(lines, 1, As::Prose);
    // No props.
    out.push(0);
}

/// Writes that the page was shared, by the site's own word.
pub fn shared(out: &mut Bytes, method: &[u8]) {
    out.push(CLICK);
    out.push(ClickKind::Share as u8);
    out.text(method, As::Prose);
    // No host, no path, no call to action, no props.
    out.add(&[0; 4]);
}

fn kind(page_host: &[u8], lines: Lines<'_>) -> ClickKind {
    let (protocol, host, path) = (lines.nth(3), lines.nth(5), lines.nth(6));
    let is_elsewhere = !same(host, page_host);
    let mut shares = false;
    let mut sharing = Lines(SHARING);
    while is_elsewhere && !sharing.is_done() {
        shares |= has(lines.nth(4), sharing.nth(0));
        sharing.skip(1);
    }
    let kind = if protocol.is_empty() {
        ClickKind::Button
    } else if same(protocol, b"mailto:") {
        // A message to nobody yet is one to pass the page on.
        shares = path.is_empty();
        ClickKind::Mail
    } else if has(b"tel: sms: callto:", protocol) {
        ClickKind::Phone
    } else if same(protocol, b"whatsapp:")
        || same(host, b"wa.me")
        || same(host, b"api.whatsapp.com")
    {
        shares = path.len() < 2 || (path.starts_with(b"/send") && !has(lines.nth(7), b"phone="));
        ClickKind::Whatsapp
    } else if !lines.nth(2).is_empty() || (lines.nth(8).len() > 2 && has(FILES, lines.nth(8))) {
        ClickKind::Download
    } else if protocol.starts_with(b"http") && is_elsewhere {
        ClickKind::Outbound
    } else {
        ClickKind::Link
    };
    if shares { ClickKind::Share } else { kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(link: [&str; 4], download: bool, expected: ClickKind) {
        let [protocol, host, path, query] = link;
        let download = if download { "1" } else { "" };
        let address = format!("{host}{path}");
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        let ending = format!(".{}.", extension.to_lowercase());
        let lines = [
            "text", "", download, protocol, &address, host, path, query, &ending,
        ];
        let lines = lines.join("\n");
        assert_eq!(
            kind(b"a.example", Lines(lines.as_bytes())),
            expected,
            "{link:?}"
        );
    }

    #[test]
    fn a_click_is_what_was_clicked() {
        use ClickKind::{Button, Download, Link, Mail, Outbound, Phone, Share, Whatsapp};
        let https = |host, path| ["https:", host, path, ""];
        for (link, expected) in [
            (["", "", "", ""], Button),
            (https("a.example", "/x"), Link),
            (https("a.example", ""), Link),
            (https("b.example", "/x"), Outbound),
            (https("a.example", "/size-guide.PDF"), Download),
            (https("a.example", "/v1.2/about"), Link),
            (https("a.example", "/pdf"), Link),
            (https("a.example", "/a."), Link),
            (["mailto:", "", "dan@example.com", ""], Mail),
            (["mailto:", "", "", "?body=look"], Share),
            (["tel:", "", "+97235551234", ""], Phone),
            (https("wa.me", "/972501234567"), Whatsapp),
            (["https:", "wa.me", "/", "?text=look"], Share),
            (
                ["https:", "api.whatsapp.com", "/send", "?phone=972&text=x"],
                Whatsapp,
            ),
            (["https:", "api.whatsapp.com", "/send", "?text=x"], Share),
            (["whatsapp:", "send", "", "?text=x"], Share),
            (https("www.facebook.com", "/sharer/sharer.php"), Share),
            (https("www.facebook.com", "/ourshop"), Outbound),
            (https("twitter.com", "/intent/tweet"), Share),
            (https("t.me", "/share/url"), Share),
            (https("a.example", "/shared/list"), Link),
            (["javascript:", "", "void(0)", ""], Link),
        ] {
            check(link, false, expected);
        }
        check(https("a.example", "/x"), true, Download);
    }
}
