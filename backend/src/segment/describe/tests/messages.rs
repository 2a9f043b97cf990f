//! Messages, and the latest of facts.

use super::{check, duration, not};
use expect_test::expect;
use serde_json::{Value, json};

#[test]
fn messages() {
    let types = [
        "sent",
        "delivered",
        "opened",
        "clicked",
        "read",
        "answered",
        "bounced",
        "unsubscribed",
    ];
    let channels = [
        Some("mail"),
        Some("sms"),
        Some("whatsapp"),
        Some("push"),
        None,
    ];
    let mut definitions = Vec::new();
    for (index, event) in types.iter().enumerate() {
        let message = |latest: bool, channel: Option<&str>| {
            let mut leaf = json!({"kind": "message", "event": event, "latest": latest});
            if let Some(channel) = channel {
                leaf["channel"] = json!(channel);
            }
            leaf
        };
        definitions.push(message(false, channels[index % 5]));
        definitions.push(message(true, channels[(index + 1) % 5]));
        definitions.push(not(message(true, channels[(index + 3) % 5])));
    }
    definitions.push(not(json!({"kind": "message", "event": "opened"})));
    definitions.push(
        json!({"kind": "message", "channel": "mail", "event": ["opened", "clicked"],
        "where": [{"field": "campaign", "op": "eq", "value": "Spring"}], "compare": {"gte": 3},
        "window": {"last": duration(1, "month")}}),
    );
    definitions.push(not(
        json!({"kind": "message", "event": "read", "compare": {"gte": 3}}),
    ));
    check(
        &definitions,
        &expect![[r#"
            People who had a mail sent to them.
            אנשים שנשלח אליהם מייל.
            People who had the last SMS they were sent sent to them.
            אנשים שנשלחה אליהם הודעת ה־SMS האחרונה שנשלחה אליהם.
            People who did not have the last push notification they were sent sent to them.
            אנשים שלא נשלחה אליהם ההתראה האחרונה שנשלחה אליהם.
            People who got an SMS.
            אנשים שקיבלו הודעת SMS.
            People who got the last WhatsApp message they were sent.
            אנשים שקיבלו את הודעת הוואטסאפ האחרונה שנשלחה אליהם.
            People who did not get the last message they were sent.
            אנשים שלא קיבלו את ההודעה האחרונה שנשלחה אליהם.
            People who opened a WhatsApp message.
            אנשים שפתחו הודעת וואטסאפ.
            People who opened the last push notification they were sent.
            אנשים שפתחו את ההתראה האחרונה שנשלחה אליהם.
            People who did not open the last mail they were sent.
            אנשים שלא פתחו את המייל האחרון שנשלח אליהם.
            People who clicked in a push notification.
            אנשים שלחצו על קישור בהתראה.
            People who clicked in the last message they were sent.
            אנשים שלחצו על קישור בהודעה האחרונה שנשלחה אליהם.
            People who did not click in the last SMS they were sent.
            אנשים שלא לחצו על קישור בהודעת ה־SMS האחרונה שנשלחה אליהם.
            People who read a message.
            אנשים שקראו הודעה.
            People who read the last mail they were sent.
            אנשים שקראו את המייל האחרון שנשלח אליהם.
            People who did not read the last WhatsApp message they were sent.
            אנשים שלא קראו את הודעת הוואטסאפ האחרונה שנשלחה אליהם.
            People who answered a mail.
            אנשים שהשיבו למייל.
            People who answered the last SMS they were sent.
            אנשים שהשיבו להודעת ה־SMS האחרונה שנשלחה אליהם.
            People who did not answer the last push notification they were sent.
            אנשים שלא השיבו להתראה האחרונה שנשלחה אליהם.
            People who had an SMS bounce.
            אנשים שחזרה הודעת SMS שנשלחה אליהם.
            People who had the last WhatsApp message they were sent bounce.
            אנשים שחזרה הודעת הוואטסאפ האחרונה שנשלחה אליהם.
            People who did not have the last message they were sent bounce.
            אנשים שלא חזרה ההודעה האחרונה שנשלחה אליהם.
            People who unsubscribed through a WhatsApp message.
            אנשים שביקשו הסרה מדיוור דרך הודעת וואטסאפ.
            People who unsubscribed through the last push notification they were sent.
            אנשים שביקשו הסרה מדיוור דרך ההתראה האחרונה שנשלחה אליהם.
            People who did not unsubscribe through the last mail they were sent.
            אנשים שלא ביקשו הסרה מדיוור דרך המייל האחרון שנשלח אליהם.
            People who never opened a message.
            אנשים שמעולם לא פתחו הודעה.
            People who (opened a mail or clicked in a mail) (the campaign is “Spring”) at least 3 times in the last month.
            אנשים ש(פתחו מייל או לחצו על קישור במייל) (הקמפיין הוא ”Spring”) לפחות 3 פעמים בחודש האחרון.
            People who read a message fewer than 3 times (or not at all).
            אנשים שקראו הודעה פחות מ־3 פעמים (או בכלל לא).
        "#]],
    );
}

#[test]
fn latest_facts() {
    let window = json!({"between_ago": [duration(2, "month"), duration(60, "month")]});
    let last = |of: Value, window: &Value| json!({"kind": "last", "of": of, "window": window});
    let message = json!({"kind": "message", "channel": "sms", "event": "clicked"});
    check(
        &[
            last(json!("visit"), &window),
            not(last(json!("visit"), &window)),
            last(json!("visit"), &json!("ever")),
            not(last(json!("visit"), &json!("ever"))),
            last(
                json!({"kind": "order"}),
                &json!({"last": duration(1, "year")}),
            ),
            last(message, &json!({"calendar": "this_month"})),
        ],
        &expect![[r#"
            People who last visited the site more than 2 months ago (up to 60 months back).
            אנשים שהפעם האחרונה שביקרו באתר הייתה לפני יותר מחודשיים (ועד 60 חודשים לאחור).
            People for whom the last time they visited the site, if any, was not more than 2 months ago (up to 60 months back).
            אנשים שהפעם האחרונה שביקרו באתר, אם הייתה, לא הייתה לפני יותר מחודשיים (ועד 60 חודשים לאחור).
            People who visited the site.
            אנשים שביקרו באתר.
            People who never visited the site.
            אנשים שמעולם לא ביקרו באתר.
            People who last bought in the last year.
            אנשים שהפעם האחרונה שקנו הייתה בשנה האחרונה.
            People who last clicked in an SMS this month.
            אנשים שהפעם האחרונה שלחצו על קישור בהודעת SMS הייתה החודש.
        "#]],
    );
}
