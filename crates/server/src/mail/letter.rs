//! A mail as it goes over the wire: head, text and HTML.

use app::messages::OutgoingMail;
use domain::messages::DisplayName;
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use std::time::{Duration, SystemTime};

/// Writes a mail; `None` if the mail library takes no mail that is made so.
pub(super) fn write(
    mail: &OutgoingMail,
    from: &Address,
    from_name: Option<&DisplayName>,
    to: &Address,
) -> Option<Vec<u8>> {
    let name = mail.sender_name.as_ref().or(from_name).map(|name| name.as_str().to_owned());
    let written_at = u64::try_from(mail.written_at.as_second()).unwrap_or(0);
    let mut builder = Message::builder()
        .from(Mailbox::new(name, from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(mail.subject.expose())
        // The same each time that it is sent, so that a receiver knows a second copy.
        .message_id(Some(format!("<{}@{}>", mail.message_id, from.domain())))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(written_at))
        // Nobody's out-of-office note need answer it (RFC 3834).
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    if let Some(reply_to) = &mail.reply_to {
        let address = Address::new(reply_to.local_part(), reply_to.domain()).ok()?;
        builder = builder.reply_to(Mailbox::new(None, address));
    }
    let parts = MultiPart::alternative_plain_html(mail.text.expose().clone(), mail.html.expose().clone());
    builder.multipart(parts).ok().map(|message| message.formatted())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::ids::MessageId;
    use domain::languages::Language;
    use domain::messages::{MailAddress, SubjectLine};
    use domain::persons::Personal;

    #[test]
    fn the_head_names_sender_and_recipient_once_and_the_same_id_each_time() {
        let mail = OutgoingMail {
            message_id: MessageId::mint("2026-03-01T12:00:00Z".parse().unwrap(), [7; 10]),
            to: MailAddress::new("kim@example.org").unwrap(),
            sender_name: Some(DisplayName::new("Gesundheitsamt Süd, Höh \"Ä\"").unwrap()),
            reply_to: Some(MailAddress::new("amt@example.org").unwrap()),
            subject: SubjectLine::new("Ihr Zugang: Höh-Şahin").unwrap(),
            text: Personal::new("Grüße\n.\nzwei".to_owned()),
            html: Personal::new("<p>Grüße</p>".to_owned()),
            language: Language::De,
            written_at: "2026-03-01T12:00:00Z".parse().unwrap(),
        };
        let from: Address = "epitrace@example.org".parse().unwrap();
        let to: Address = "kim@example.org".parse().unwrap();
        let text = String::from_utf8(write(&mail, &from, None, &to).unwrap()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        let count = |name: &str| head.lines().filter(|line| line.starts_with(name)).count();
        for name in ["From: ", "To: ", "Reply-To: ", "Subject: ", "Message-ID: ", "Date: ", "Auto-Submitted: "] {
            assert_eq!(count(name), 1, "{name}\n{head}");
        }
        assert!(head.contains(&format!("Message-ID: <{}@example.org>", mail.message_id)), "{head}");
        assert!(head.contains("Date: Sun, 01 Mar 2026 12:00:00 +0000"), "{head}");
        assert!(text.is_ascii(), "so that any server takes it");
    }
}
