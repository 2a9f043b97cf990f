//! What says who visitors are, what became of messages, and who asks to be forgotten: each is
//! stored once, however often it comes.

use crate::{
    harness::Database,
    server::{Server, batch, now_ms, stamped},
};
use protocol::{
    envelope::{Proof, append_to_body},
    event::{Action, Identify, IdentifyBy},
    id::{ContactId, Site},
    notice::{Followed, Notice, What},
    token::{Channel, Link, Message, TokenId},
};

const MESSAGE: Message<'_> = Message {
    contact: ContactId::new(42),
    channel: Channel::Whatsapp,
    message_id: "m-1",
    campaign: "סתיו",
};

fn body(envelope: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    append_to_body(&mut body, envelope);
    body
}

const fn says(by: IdentifyBy, value: &str) -> Action<'_> {
    Action::Identify(Identify { by, value })
}

#[tokio::test]
async fn proofs_and_claims_are_kept_apart_from_events() {
    let database = Database::open();
    let server = Server::start(&database);
    let now_ms = now_ms();
    let login = Proof::Login {
        contact: "noa",
        token_id: TokenId(7),
    };
    let landing = Proof::Landing {
        message: MESSAGE,
        token_id: TokenId(8),
    };
    let secret = says(IdentifyBy::Login, "a.secret.token");
    for (number, proof, actions) in [
        (1, Some(login), vec![secret.clone(), Action::SignOut]),
        (2, Some(landing), vec![says(IdentifyBy::Landing, "another")]),
        // The edge didn't accept the token.
        (3, None, vec![secret]),
        (
            4,
            None,
            vec![Action::PageView, says(IdentifyBy::Mail, "dan@example.com")],
        ),
    ] {
        let batch = batch("demo", number, now_ms, &actions);
        for later_ms in [0, 5_000] {
            let envelope = stamped(number, now_ms + later_ms, proof, &batch);
            assert_eq!(server.ingest(body(&envelope)).await.status(), 202);
            server.drained().await;
        }
    }
    let proofs = "SELECT visitor_id, kind, contact, token_id FROM proofs FINAL ORDER BY ALL";
    assert_eq!(
        database.value(proofs).await,
        "1\tlogin\tnoa\t7\n2\tlanding\t9223372036854775850\t8\n4\tmail\tdan@example.com\t0"
    );
    let first =
        format!("SELECT countIf(toUnixTimestamp64Milli(received_at) = {now_ms}) FROM proofs FINAL");
    assert_eq!(
        database.value(&first).await,
        "3",
        "the first showing counts"
    );
    let events = "SELECT visitor_id, type, name FROM events ORDER BY visitor_id, seq";
    assert_eq!(
        database.value(events).await,
        "1\tidentify\tlogin\n1\tsign_out\t\n2\tidentify\tlanding\n3\tidentify\tlogin\n\
         4\tpage_view\t\n4\tidentify\tmail"
    );
    let anywhere = "SELECT countIf(position(toString(tuple(*)), 'secret') > 0) FROM events";
    assert_eq!(database.value(anywhere).await, "0");
}

#[tokio::test]
async fn a_message_is_opened_and_a_link_followed_once() {
    let database = Database::open();
    let server = Server::start(&database);
    let link = Link {
        url: "https://shop.example/sale/",
        topic: "sale",
    };
    // Twice by a person, at different times; before them by a machine.
    for (token, link, machine) in [
        (1, Some(link), true),
        (1, Some(link), false),
        (1, Some(link), false),
        (2, None, false),
        (2, None, false),
    ] {
        let notice = Notice {
            site: Site::new("demo").unwrap(),
            what: What::Message(Followed {
                token_id: TokenId(token),
                message: MESSAGE,
                link,
                machine,
            }),
        };
        let envelope = stamped(0, now_ms(), None, &notice.encode());
        assert_eq!(server.ingest(body(&envelope)).await.status(), 202);
        server.drained().await;
    }
    let rows = "SELECT event, contact_id, message_id, channel, campaign, link, topic, machine
        FROM messages ORDER BY event, machine";
    let clicked =
        "clicked\t9223372036854775850\tm-1\twhatsapp\tסתיו\thttps://shop.example/sale/\tsale";
    assert_eq!(
        database.value(rows).await,
        format!(
            "{clicked}\tfalse\n{clicked}\ttrue\nopened\t9223372036854775850\tm-1\twhatsapp\tסתיו\t\t\tfalse"
        )
    );
}

#[tokio::test]
async fn who_asks_to_be_forgotten_is_written_down() {
    let database = Database::open();
    let server = Server::start(&database);
    let notice = Notice {
        site: Site::new("demo").unwrap(),
        what: What::Forget,
    };
    for _ in 0..2 {
        let envelope = stamped(9, now_ms(), None, &notice.encode());
        assert_eq!(server.ingest(body(&envelope)).await.status(), 202);
        server.drained().await;
    }
    let rows = "SELECT site, visitor_id FROM erasure_requests FINAL";
    assert_eq!(database.value(rows).await, "demo\t9");
}
