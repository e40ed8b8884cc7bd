//! The texts that the program has for each kind of message, in each language; an authority may put its own in their place.
//!
//! A text is paragraphs with blank lines between them. Its HTML is made from it, so that both say the same; letters have
//! none, and lines that begin with `- ` are points there.

mod de;
mod en;
mod tr;

use domain::languages::Language;
use domain::messages::MessageKind;
use storage::message_templates::Texts;

/// Returns the texts of a kind in a language, as templates.
pub(super) fn texts(kind: MessageKind, language: Language) -> Texts {
    let (subject, text) = match language {
        Language::De => de::texts(kind),
        Language::En => en::texts(kind),
        Language::Tr => tr::texts(kind),
    };
    let html = if kind.is_printed() { String::new() } else { html_of(text) };
    Texts { subject: subject.to_owned(), text: text.to_owned(), html }
}

/// Makes paragraphs and links. The texts of the program hold no character that means something in HTML.
fn html_of(text: &str) -> String {
    let paragraph = |part: &str| format!("<p>{}</p>", part.replace('\n', "<br>"));
    let html: Vec<String> = text.split("\n\n").map(paragraph).collect();
    html.join("\n").replace("{{ link }}", "<a href=\"{{ link }}\">{{ link }}</a>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_the_program_holds_what_html_would_take_for_its_own() {
        for kind in MessageKind::ALL {
            for language in Language::ALL {
                let texts = texts(*kind, *language);
                let prose = texts.text.replace("{%", "").replace("%}", "");
                assert!(!prose.contains(['<', '>', '&', '"']), "{kind} {language}");
                assert_eq!(texts.text, texts.text.trim(), "{kind} {language}");
            }
        }
    }
}
