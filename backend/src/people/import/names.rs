//! What people call the columns of their customers' files, in Hebrew and in English.

use crate::people::identifier::clean;

/// A name as it is compared: small letters and digits, without blanks, points and the like.
#[must_use]
pub fn folded(text: &str) -> String {
    let text = clean(text).to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A file that has both has mobile numbers here, which messages can be sent to.
pub const MOBILE: &[&str] = &[
    "mobile",
    "mobilephone",
    "mobilenumber",
    "cell",
    "cellphone",
    "cellular",
    "נייד",
    "טלפוןנייד",
    "מספרנייד",
    "טלנייד",
    "מסנייד",
    "סלולרי",
    "סלולר",
    "טלפוןסלולרי",
    "פלאפון",
    "פלאפוןנייד",
];

/// Names of a first name alone, or of a whole one.
pub const NAME: &[&str] = &["name", "שם"];

/// Folded names, by what a column of that name is.
pub const NAMES: &[(&str, &[&str])] = &[
    (
        "id",
        &[
            "id",
            "customerid",
            "clientid",
            "contactid",
            "memberid",
            "userid",
            "externalid",
            "customernumber",
            "customerno",
            "membernumber",
            "מזהה",
            "מזההלקוח",
            "מספרלקוח",
            "מסלקוח",
            "קודלקוח",
            "מספרחבר",
            "מספרחברמועדון",
            "מספרמועדון",
        ],
    ),
    (
        "updated_at",
        &[
            "updatedat",
            "updated",
            "lastupdated",
            "lastupdate",
            "modifiedat",
            "lastmodified",
            "עדכוןאחרון",
            "תאריךעדכון",
            "תאריךעדכוןאחרון",
            "עודכןב",
        ],
    ),
    (
        "full_name",
        &[
            "fullname",
            "customername",
            "clientname",
            "contactname",
            "שםמלא",
            "שםהלקוח",
            "שםלקוח",
            "שםלקוחה",
            "שםפרטיומשפחה",
            "שםומשפחה",
            "שםאישקשר",
        ],
    ),
    (
        "first_name",
        &[
            "firstname",
            "givenname",
            "forename",
            "fname",
            "שםפרטי",
            "פרטי",
        ],
    ),
    (
        "last_name",
        &[
            "lastname",
            "surname",
            "familyname",
            "lname",
            "שםמשפחה",
            "משפחה",
        ],
    ),
    (
        "mail",
        &[
            "mail",
            "email",
            "emailaddress",
            "mailaddress",
            "מייל",
            "אימייל",
            "אימיל",
            "דואל",
            "דואראלקטרוני",
            "כתובתמייל",
            "כתובתאימייל",
            "כתובתדואל",
            "כתובתדואראלקטרוני",
        ],
    ),
    (
        "phone",
        &[
            "phone",
            "phonenumber",
            "telephone",
            "tel",
            "טלפון",
            "טל",
            "מספרטלפון",
            "מסטלפון",
            "מסטל",
        ],
    ),
    ("gender", &["gender", "sex", "מגדר", "מין"]),
    (
        "birthday",
        &[
            "birthday",
            "birthdate",
            "dateofbirth",
            "dob",
            "תאריךלידה",
            "תאריךהולדת",
            "יוםהולדת",
            "תלידה",
        ],
    ),
    (
        "anniversary",
        &[
            "anniversary",
            "weddinganniversary",
            "weddingdate",
            "יוםנישואין",
            "יוםנישואים",
            "תאריךנישואין",
            "תאריךנישואים",
            "תאריךחתונה",
        ],
    ),
    (
        "family_status",
        &["familystatus", "maritalstatus", "מצבמשפחתי", "סטטוסמשפחתי"],
    ),
    (
        "street",
        &[
            "street",
            "streetaddress",
            "address",
            "address1",
            "addressline1",
            "רחוב",
            "כתובת",
            "כתובתמגורים",
        ],
    ),
    (
        "city",
        &["city", "town", "עיר", "עירמגורים", "ישוב", "יישוב"],
    ),
    (
        "region",
        &[
            "region",
            "state",
            "district",
            "province",
            "אזור",
            "איזור",
            "מחוז",
        ],
    ),
    (
        "postal_code",
        &["postalcode", "postcode", "zip", "zipcode", "מיקוד"],
    ),
    ("country", &["country", "ארץ", "מדינה"]),
    ("language", &["language", "lang", "שפה"]),
    (
        "source",
        &[
            "source",
            "signupsource",
            "leadsource",
            "מקור",
            "מקורהצטרפות",
            "מקורההצטרפות",
            "מקורהגעה",
            "מקורהגעת",
        ],
    ),
    (
        "created_at",
        &[
            "createdat",
            "created",
            "createddate",
            "signupdate",
            "signedup",
            "registrationdate",
            "registeredat",
            "joindate",
            "joined",
            "dateadded",
            "תאריךהצטרפות",
            "תאריךהרשמה",
            "תאריךיצירה",
            "הצטרףב",
            "נרשםב",
        ],
    ),
    (
        "consent_mail",
        &[
            "consentmail",
            "mailconsent",
            "emailconsent",
            "emailoptin",
            "acceptsemailmarketing",
            "אישורדיוור",
            "מאשרדיוור",
            "אישורמייל",
            "אישורדואל",
            "אישורדיוורבמייל",
        ],
    ),
    (
        "consent_sms",
        &[
            "consentsms",
            "smsconsent",
            "smsoptin",
            "acceptssmsmarketing",
            "אישורsms",
            "מאשרsms",
            "אישורסמס",
        ],
    ),
    (
        "consent_whatsapp",
        &[
            "consentwhatsapp",
            "whatsappconsent",
            "whatsappoptin",
            "אישורwhatsapp",
            "אישורוואטסאפ",
            "אישורווטסאפ",
        ],
    ),
];

/// Columns of numbers that look like phones' and are none of a shop's business: what is in them
/// is not looked at.
pub const OTHERS: &[&str] = &[
    "תז",
    "תעודתזהות",
    "מספרזהות",
    "מסזהות",
    "idnumber",
    "nationalid",
    "passport",
    "דרכון",
    "fax",
    "פקס",
];

/// What people write where there is no mail address or phone number.
pub const NOTHING: &[&str] = &[
    "אין",
    "איןמייל",
    "איןאימייל",
    "איןדואל",
    "איןטלפון",
    "איןנייד",
    "ללא",
    "לאידוע",
    "none",
    "na",
    "unknown",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_and_stand_for_one_thing() {
        let all = NAMES.iter().flat_map(|(_, names)| *names);
        let mut all: Vec<_> = all.chain(MOBILE).chain(NAME).chain(OTHERS).collect();
        assert!(all.iter().all(|name| folded(name) == **name));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn signs_make_no_difference() {
        assert_eq!(folded(" E-Mail: "), "email");
        assert_eq!(folded("דוא״ל"), folded("דוא\"ל"));
        assert_eq!(folded("First_Name"), "firstname");
    }
}
