//! What the platform itself writes: comments in the authority's language, and the lines beside a code on a letter.

use domain::languages::Language;
use domain::territory::Office;

/// The comment on an invitation that doesn't arrive.
pub(super) fn undeliverable(language: Language, failure: &str, is_tried_on: bool) -> String {
    match (language, is_tried_on) {
        (Language::De, true) => {
            format!(
                "Die Einladung konnte seit sechs Stunden nicht zugestellt werden ({failure}). Sie wird weiter versucht."
            )
        }
        (Language::De, false) => format!("Die Einladung wurde vom Mailserver abgelehnt ({failure})."),
        (Language::En, true) => {
            format!("The invitation could not be delivered for six hours ({failure}). It is still being tried.")
        }
        (Language::En, false) => format!("The mail server refused the invitation ({failure})."),
        (Language::Tr, true) => {
            format!("Davet altı saattir teslim edilemedi ({failure}). Denemeler sürüyor.")
        }
        (Language::Tr, false) => format!("Posta sunucusu daveti reddetti ({failure})."),
    }
}

/// The comment on a mail that went by itself, and never will arrive.
pub(super) fn mail_refused(language: Language, failure: &str) -> String {
    match language {
        Language::De => format!("Eine Mail an die Person wurde vom Mailserver abgelehnt ({failure})."),
        Language::En => format!("The mail server refused a mail to the person ({failure})."),
        Language::Tr => format!("Posta sunucusu kişiye gönderilen bir e-postayı reddetti ({failure})."),
    }
}

/// The comment on somebody who lives where another authority is responsible.
pub(super) fn lives_elsewhere(language: Language, postcode: &str, office: &Office) -> String {
    let said = match language {
        Language::De => format!("Wohnt nach eigener Angabe in {postcode} und bittet um Übergabe. Zuständig:"),
        Language::En => format!("Says that they live in {postcode}, and asks to be handed over. Responsible:"),
        Language::Tr => format!("{postcode} bölgesinde oturduğunu söylüyor ve devir istiyor. Yetkili:"),
    };
    let mut text = format!("{said}\n{}", office.name);
    for line in [&office.address, &office.phone, &office.email].into_iter().filter(|line| !line.is_empty()) {
        text.push('\n');
        text.push_str(line);
    }
    text
}

/// What to do with a code on a letter.
pub(super) fn beside_code(language: Language) -> &'static str {
    match language {
        Language::De => "Mit der Kamera des Telefons aufnehmen, oder die Adresse öffnen und diesen Code eingeben:",
        Language::En => "Point your phone's camera at the picture, or open the address and type this code:",
        Language::Tr => "Telefonunuzun kamerasıyla okutun ya da adresi açıp bu kodu girin:",
    }
}
