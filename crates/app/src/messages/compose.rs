//! A message's texts: templates filled with values, in the recipient's language, then a line, then the authority's, in a
//! fixed frame.
//!
//! A template can name what its kind of message has, and nothing else: a name that isn't there is an error, not a gap. In
//! HTML what values hold is escaped, and a template can't turn that off. It can't run for long either.

use super::{defaults, wording};
use crate::error::{AppError, Result};
use domain::languages::Language;
use domain::messages::{MessageKind, SubjectLine, Values, Variable};
use domain::public_texts::PublicTextKind;
use jiff::tz::TimeZone;
use minijinja::{Environment, HtmlEscape, UndefinedBehavior, Value};
use std::collections::BTreeMap;
use storage::message_templates::Texts;

/// Steps that a template may take: a hundred times what the longest of ours does.
const FUEL: u64 = 20_000;
/// Longest template of an authority, in characters.
const MOST_CHARS: usize = 20_000;

/// The finished texts of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composed {
    /// Subject.
    pub subject: SubjectLine,
    /// Text.
    pub text: String,
    /// A whole page of HTML.
    pub html: String,
}

/// The finished text of a letter in one language.
pub(crate) struct TextApart {
    pub(crate) language: Language,
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// For whom, and by whose clock.
pub(super) struct Frame<'f> {
    pub(super) authority: &'f str,
    pub(super) zone: &'f TimeZone,
    /// Where anybody reads who writes and what becomes of what is told: the text and its address.
    pub(super) pages: &'f [(PublicTextKind, String)],
}

/// The texts of one language, filled.
struct Part {
    language: Language,
    subject: SubjectLine,
    text: String,
    html: String,
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.remove_filter("safe");
    environment
}

fn filled(field: &'static str, name: &str, template: &str, values: &BTreeMap<&'static str, String>) -> Result<String> {
    if template.chars().count() > MOST_CHARS {
        let reason = format!("it may have {MOST_CHARS} characters at most");
        return Err(AppError::Invalid { field, reason });
    }
    if template.contains("autoescape") {
        let reason = "it can't change how values are escaped".to_owned();
        return Err(AppError::Invalid { field, reason });
    }
    let context = Value::from_pairs(values.iter().map(|(name, value)| (*name, value.as_str())));
    environment().render_named_str(name, template, context).map_err(|error| {
        // The kind of error, not its text: that may repeat what stands in the template, or a value.
        let line = error.line().map_or_else(String::new, |line| format!("line {line}: "));
        AppError::Invalid { field, reason: format!("{line}{}", error.kind()) }
    })
}

fn part(frame: &Frame<'_>, kind: MessageKind, language: Language, texts: &Texts, values: &Values) -> Result<Part> {
    let mut written = BTreeMap::new();
    for variable in kind.variables() {
        let text = match (variable, values.get(*variable)) {
            (Variable::Authority, _) => frame.authority.to_owned(),
            (_, Some(value)) => wording::write(value, language, frame.zone),
            (_, None) => {
                let reason = format!("a message of the kind {kind} needs it");
                return Err(AppError::Invalid { field: variable.as_str(), reason });
            }
        };
        written.insert(variable.as_str(), text);
    }
    let subject = filled("subject", "subject.txt", &texts.subject, &written)?;
    let subject = SubjectLine::new(&subject)
        .map_err(|error| AppError::Invalid { field: "subject", reason: error.to_string() })?;
    let text = filled("text", "text.txt", &texts.text, &written)?.trim().to_owned();
    let html = filled("html", "html.html", &texts.html, &written)?.trim().to_owned();
    for (field, body) in [("text", &text), ("html", &html)] {
        if body.is_empty() && !(field == "html" && kind.is_printed()) {
            return Err(AppError::Invalid { field, reason: "it says nothing".to_owned() });
        }
    }
    Ok(Part { language, subject, text, html })
}

/// Composes a message from the texts of each language, the recipient's first.
pub(super) fn compose(
    frame: &Frame<'_>,
    kind: MessageKind,
    texts: &[(Language, Texts)],
    values: &Values,
) -> Result<Composed> {
    let parts = texts
        .iter()
        .map(|(language, texts)| part(frame, kind, *language, texts, values))
        .collect::<Result<Vec<Part>>>()?;
    let first = parts.first().ok_or(AppError::NotFound("text"))?;
    let phone = match values.get(Variable::Phone) {
        Some(value) if kind.variables().contains(&Variable::Phone) => wording::write(value, first.language, frame.zone),
        _ => String::new(),
    };
    let text = framed_text(frame, &phone, first.language, &parts);
    let html = framed_html(frame, &phone, first, &parts);
    Ok(Composed { subject: first.subject.clone(), text, html })
}

fn framed_text(frame: &Frame<'_>, phone: &str, language: Language, parts: &[Part]) -> String {
    let bodies: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let mut text = bodies.join("\n\n----------\n\n");
    // Two hyphens and a space: what follows is a signature.
    text.push_str("\n\n-- \n");
    text.push_str(frame.authority);
    text.push('\n');
    if !phone.is_empty() {
        text.push_str(phone);
        text.push('\n');
    }
    text.extend(frame.pages.iter().map(|(kind, address)| format!("{}: {address}\n", kind.name(language))));
    text
}

fn framed_html(frame: &Frame<'_>, phone: &str, first: &Part, parts: &[Part]) -> String {
    let body = |part: &Part| format!("<div lang=\"{}\">\n{}\n</div>\n", part.language, part.html);
    let bodies = parts.iter().map(body).collect::<Vec<_>>().join("<hr>\n");
    let phone = if phone.is_empty() { String::new() } else { format!("<br>{}", HtmlEscape(phone)) };
    let page = |(kind, address): &(PublicTextKind, String)| {
        let (name, address) = (kind.name(first.language), HtmlEscape(address));
        format!("<br><a href=\"{address}\">{}</a>", HtmlEscape(name))
    };
    let pages: String = frame.pages.iter().map(page).collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"font-family: sans-serif; line-height: 1.5; max-width: 40em\">\n{bodies}\
         <p style=\"border-top: 1px solid; padding-top: 0.5em\">{}{phone}{pages}</p>\n</body>\n</html>\n",
        first.language,
        HtmlEscape(first.subject.expose()),
        HtmlEscape(frame.authority),
    )
}

/// Composes a letter: the texts of each language by themselves, the recipient's first.
pub(super) fn compose_apart(
    frame: &Frame<'_>,
    kind: MessageKind,
    texts: &[(Language, Texts)],
    values: &Values,
) -> Result<Vec<TextApart>> {
    let apart =
        |part: Part| TextApart { language: part.language, subject: part.subject.expose().to_owned(), text: part.text };
    texts.iter().map(|(language, texts)| part(frame, kind, *language, texts, values).map(apart)).collect()
}

/// Checks the texts that an author wrote, by filling them with samples. Returns what they look like.
pub(super) fn preview(frame: &Frame<'_>, kind: MessageKind, language: Language, texts: &Texts) -> Result<Composed> {
    let values = wording::sample(kind);
    let checked = part(frame, kind, language, texts, &values)?;
    for variable in kind.must_name() {
        let Some(value) = values.get(*variable) else { continue };
        let written = wording::write(value, language, frame.zone);
        let escaped = HtmlEscape(&written).to_string();
        let names = [("text", checked.text.contains(&written)), ("html", checked.html.contains(&escaped))];
        for (field, names_it) in names.into_iter().filter(|(field, _)| *field == "text" || !kind.is_printed()) {
            if !names_it {
                let reason = format!("it must name {{{{ {variable} }}}}, else nobody can do what it asks for");
                return Err(AppError::Invalid { field, reason });
            }
        }
    }
    compose(frame, kind, &[(language, texts.clone())], &values)
}

/// Returns the texts that the program has.
pub(super) fn default_texts(kind: MessageKind, language: Language) -> Texts {
    defaults::texts(kind, language)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::messages::MessageValue;

    static ZONE: TimeZone = TimeZone::UTC;

    fn frame() -> Frame<'static> {
        Frame { authority: "Gesundheitsamt \"Süd\" & Co", zone: &ZONE, pages: &[] }
    }

    fn own(subject: &str, text: &str, html: &str) -> Texts {
        Texts { subject: subject.to_owned(), text: text.to_owned(), html: html.to_owned() }
    }

    fn refused(texts: &Texts) -> &'static str {
        match preview(&frame(), MessageKind::Invitation, Language::De, texts) {
            Err(AppError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_text_of_the_program_can_be_filled_in_every_language() {
        for kind in MessageKind::ALL {
            for language in Language::ALL {
                let made = preview(&frame(), *kind, *language, &default_texts(*kind, *language)).unwrap();
                assert!(!made.text.contains("{{") && !made.html.contains("{{"), "{kind} {language}");
                assert!(made.html.contains(&format!("<html lang=\"{language}\">")));
            }
        }
    }

    #[test]
    fn what_a_value_holds_is_escaped_in_html_and_left_in_text() {
        let texts = default_texts(MessageKind::Invitation, Language::De);
        let made = preview(&frame(), MessageKind::Invitation, Language::De, &texts).unwrap();
        assert!(made.text.contains("Kim O'Neill <Höh-Şahin>"));
        assert!(made.html.contains("Kim O&#x27;Neill &lt;Höh-Şahin&gt;"), "{}", made.html);
        assert!(made.html.contains("Gesundheitsamt &quot;Süd&quot; &amp; Co"), "{}", made.html);
        for trick in ["{{ name|safe }}{{ link }}", "{% autoescape false %}{{ name }}{% endautoescape %}{{ link }}"] {
            assert_eq!(refused(&own("S", "{{ link }}", trick)), "html", "{trick}");
        }
    }

    #[test]
    fn the_recipients_language_comes_first_then_a_line_then_the_authoritys() {
        let texts =
            [Language::Tr, Language::De].map(|language| (language, default_texts(MessageKind::Release, language)));
        let values = wording::sample(MessageKind::Release);
        let made = compose(&frame(), MessageKind::Release, &texts, &values).unwrap();
        assert_eq!(made.subject.expose(), "Karantinanız sona eriyor");
        let (turkish, german) = made.text.split_once("\n\n----------\n\n").unwrap();
        assert!(turkish.starts_with("Sayın Kim") && german.starts_with("Guten Tag Kim"), "{}", made.text);
        assert!(made.text.ends_with("-- \nGesundheitsamt \"Süd\" & Co\n0621 12345\n"), "{}", made.text);
        assert!(made.html.find("<div lang=\"tr\">").unwrap() < made.html.find("<hr>").unwrap());
    }

    #[test]
    fn below_a_mail_stands_where_anybody_reads_who_writes_and_what_becomes_of_it() {
        let pages = [(PublicTextKind::Imprint, "https://a.example/MA/about/imprint?x=1&y=2".to_owned())];
        let frame = Frame { pages: &pages, ..frame() };
        let texts = [(Language::De, default_texts(MessageKind::Release, Language::De))];
        let made = compose(&frame, MessageKind::Release, &texts, &wording::sample(MessageKind::Release)).unwrap();
        assert!(made.text.ends_with("\nImpressum: https://a.example/MA/about/imprint?x=1&y=2\n"), "{}", made.text);
        let escaped = HtmlEscape(&pages[0].1).to_string();
        assert!(made.html.contains(&format!("<br><a href=\"{escaped}\">Impressum</a></p>")), "{}", made.html);
    }

    #[test]
    fn a_text_that_names_what_is_not_there_is_refused_with_its_place() {
        for name in ["password", "user_name", "born", "lnk", "self"] {
            assert_eq!(
                refused(&own("S", &format!("{{{{ link }}}}\n{{{{ {name} }}}}"), "{{ link }}")),
                "text",
                "{name}"
            );
        }
        assert_eq!(refused(&own("{{ slot }}", "{{ link }}", "{{ link }}")), "subject", "another kind's");
        assert_eq!(refused(&own("S", "{{ link", "{{ link }}")), "text");
        assert_eq!(refused(&own("S", "{% include 'x' %}", "{{ link }}")), "text");
        assert_eq!(refused(&own("S", "no link", "{{ link }}")), "text");
        assert_eq!(refused(&own("S", "{{ link }}", " ")), "html");
    }

    #[test]
    fn a_subject_stays_on_one_line_whatever_a_value_holds() {
        assert_eq!(refused(&own("a\nBcc: b@example.org", "{{ link }}", "{{ link }}")), "subject");
        let texts = [(Language::De, own("An {{ name }}", "x", "x"))];
        let values = wording::sample(MessageKind::NewContactCase)
            .with(Variable::Name, MessageValue::Text("Kim\r\nBcc: b@example.org".to_owned()));
        let made = compose(&frame(), MessageKind::NewContactCase, &texts, &values);
        assert!(matches!(made, Err(AppError::Invalid { field: "subject", .. })));
    }

    #[test]
    fn a_template_that_runs_for_long_is_stopped() {
        let long = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}{{ link }}";
        assert_eq!(refused(&own("S", long, "{{ link }}")), "text");
        assert_eq!(refused(&own("S", &"x".repeat(20_001), "{{ link }}")), "text");
    }

    #[test]
    fn a_message_that_lacks_a_value_is_not_sent_with_a_gap() {
        let texts = [(Language::De, default_texts(MessageKind::Reset, Language::De))];
        let made = compose(&frame(), MessageKind::Reset, &texts, &Values::default().text(Variable::Phone, ""));
        assert!(matches!(made, Err(AppError::Invalid { field: "link", .. })));
    }
}
