//! Texts that people write with a light hand: paragraphs, headings, lists, links, emphasis (CommonMark).
//!
//! Whoever may write a text may not write a page: HTML in the source is shown as it was typed, pictures are their
//! description, and a link leads to the web, a mail address or a telephone, to nowhere else. Headings begin one level
//! lower, because the page around the text has a title of its own.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// Where links may lead.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// Returns the HTML of a text; it holds no script, no style, no picture and no HTML of the source.
#[must_use]
pub fn to_html(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + source.len() / 4);
    html::push_html(&mut out, Parser::new_ext(source, Options::empty()).filter_map(safe));
    out
}

fn safe(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        // A block of HTML is what was typed, as a paragraph.
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = if leads_out(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
            Some(Event::Start(Tag::Link { link_type, dest_url, title, id }))
        }
        Event::Start(Tag::Heading { level, .. }) => {
            Some(Event::Start(Tag::Heading { level: lower(level), id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
        other => Some(other),
    }
}

fn leads_out(link: &str) -> bool {
    let link = link.to_ascii_lowercase();
    SCHEMES.iter().any(|scheme| link.starts_with(scheme))
        || (link.contains('@') && !link.contains([':', '/', '?', '#']))
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_headings_lists_and_links_are_what_they_look_like() {
        let html = to_html("# Hello\n\nWe *help*.\n\n- one\n- two\n\n[us](https://example.org) <kim@example.org>");
        assert_eq!(
            html,
            "<h2>Hello</h2>\n<p>We <em>help</em>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n\
             <p><a href=\"https://example.org\">us</a> <a href=\"mailto:kim@example.org\">kim@example.org</a></p>\n"
        );
    }

    #[test]
    fn html_of_the_source_is_shown_as_it_was_typed() {
        for source in
            ["<script>alert(1)</script>", "a <b onclick=x>b</b>", "<img src=x onerror=y>", "<!-- c -->", "<iframe>\n"]
        {
            let html = to_html(source);
            let tags = html.replace("<p>", "").replace("</p>", "");
            assert!(!tags.contains('<'), "{html}");
            assert!(html.contains("&lt;"), "{html}");
        }
    }

    #[test]
    fn a_link_leads_to_the_web_a_mail_address_or_a_telephone_only() {
        for (link, leads) in [
            ("https://example.org", true),
            ("HTTP://example.org", true),
            ("tel:+496211", true),
            ("mailto:a@example.org", true),
            ("javascript:alert(1)", false),
            ("JaVaScRiPt:alert(1)", false),
            ("data:text/html,x", false),
            ("/api/v1/session", false),
            ("//example.org", false),
        ] {
            let html = to_html(&format!("[x]({link})"));
            assert_eq!(!html.contains("href=\"#\""), leads, "{html}");
        }
    }

    #[test]
    fn a_picture_is_its_description() {
        assert_eq!(to_html("![our house](https://example.org/a.png)"), "<p>our house</p>\n");
    }
}
