//! Style written into the elements of an HTML template, once, when it is compiled: many mail programs
//! read no style sheet. Rules inside `@media` go into the head.
//!
//! The tags of the template are taken out first and put back afterwards: in text a comment stands for
//! a tag, in a value or a title a word. They come back in the order in which they went, or the
//! template's HTML is such that a browser would have moved things around.

use css_inline::{CSSInliner, InlineOptions};

use super::layout::tag_end;

/// Stands for a tag within a value; no template says it.
const WORD: &str = "hbs-";
const COMMENT_OPEN: &str = "<!--hbs-";
const COMMENT_CLOSE: &str = "-->";

/// What went wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadStyle {
    /// A tag of the template did not come back where it was: the HTML around it is not whole.
    Moved(String),
    /// The style or the document could not be read.
    Unreadable(String),
}

/// Writes one style sheet into documents.
pub(super) struct Stylist<'c> {
    inliner: CSSInliner<'c>,
}

impl<'c> Stylist<'c> {
    pub fn new(css: &'c str) -> Self {
        let options = InlineOptions {
            extra_css: Some(css.into()),
            keep_at_rules: true,
            load_remote_stylesheets: false,
            ..InlineOptions::default()
        };
        Self {
            inliner: CSSInliner::new(options),
        }
    }

    /// The same template with style in its elements.
    pub fn styled(&self, html: &str) -> Result<String, BadStyle> {
        let (inert, tags) = taken_out(html);
        let styled = self.inliner.inline(&inert);
        let styled = styled.map_err(|error| BadStyle::Unreadable(error.to_string()))?;
        put_back(&rules_last(&styled), &tags)
    }
}

/// The rules for media at the end of the head: what says how the text is written has to come first.
fn rules_last(styled: &str) -> String {
    let end = "</style>";
    let Some((before, rules, after)) = styled.find("<style>").and_then(|from| {
        let to = from + styled[from..].find(end)? + end.len();
        Some((&styled[..from], &styled[from..to], &styled[to..]))
    }) else {
        return styled.to_owned();
    };
    let after = after.replacen("</head>", &format!("{rules}\n</head>"), 1);
    format!("{before}{after}")
}

/// Where in HTML a tag of the template stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Text,
    /// Between `<` and `>`, outside of any value.
    Element,
    Value(char),
    Comment,
    /// A title knows no elements and no comments.
    Title,
}

fn taken_out(html: &str) -> (String, Vec<&str>) {
    let (mut inert, mut tags) = (String::with_capacity(html.len()), Vec::new());
    let (mut rest, mut within) = (html, Within::Text);
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("{{") {
            let (tag, after) = rest.split_at(tag_end(rest));
            let number = tags.len();
            inert.push_str(&match within {
                Within::Text => format!("{COMMENT_OPEN}{number}{COMMENT_CLOSE}"),
                Within::Element => format!(" {WORD}{number}- "),
                Within::Value(_) | Within::Comment | Within::Title => format!("{WORD}{number}-"),
            });
            tags.push(tag);
            rest = after;
            continue;
        }
        within = match (within, c) {
            (Within::Text, '<') if rest.starts_with("<!--") => Within::Comment,
            (Within::Text, '<') if rest.starts_with("<title>") => Within::Title,
            (Within::Text, '<') => Within::Element,
            (Within::Element, '>') => Within::Text,
            (Within::Element, '"' | '\'') => Within::Value(c),
            (Within::Value(quote), _) if c == quote => Within::Element,
            (Within::Comment, '-') if rest.starts_with("-->") => Within::Element,
            (Within::Title, '<') if rest.starts_with("</title>") => Within::Element,
            (within, _) => within,
        };
        inert.push(c);
        rest = &rest[c.len_utf8()..];
    }
    (inert, tags)
}

fn put_back(styled: &str, tags: &[&str]) -> Result<String, BadStyle> {
    let mut whole = String::with_capacity(styled.len() * 2);
    let mut rest = styled;
    let mut next = 0;
    while let Some(at) = rest.find(WORD) {
        let (before, after) = rest.split_at(at);
        let digits = after[WORD.len()..].split('-').next().unwrap_or_default();
        let tag = tags.get(next).copied().unwrap_or_default();
        if digits.parse() != Ok(next) {
            return Err(BadStyle::Moved(tag.to_owned()));
        }
        let mut after = &after[WORD.len() + digits.len()..];
        let before = match before.strip_suffix("<!--") {
            Some(before) if after.starts_with(COMMENT_CLOSE) => {
                after = &after[COMMENT_CLOSE.len()..];
                before
            }
            _ => {
                after = after.strip_prefix('-').unwrap_or(after);
                // A word alone in an element has become a name without a value.
                after = after.strip_prefix("=\"\"").unwrap_or(after);
                before
            }
        };
        whole.push_str(before);
        whole.push_str(tag);
        rest = after;
        next += 1;
    }
    if let Some(tag) = tags.get(next) {
        return Err(BadStyle::Moved((*tag).to_owned()));
    }
    whole.push_str(rest);
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSS: &str = "p { margin: 0 } .b a { color: #ffffff } @media (min-width: 1px) { p { color: red !important } }";

    fn styled(body: &str) -> Result<String, BadStyle> {
        let html = format!(
            "<!doctype html><html lang=\"{{{{l}}}}\"><head><title>{{{{t}}}}</title></head><body>{body}</body></html>"
        );
        let styled = Stylist::new(CSS).styled(&html)?;
        let (_, body) = styled.split_once("<body>").expect("a body");
        let (body, _) = body.split_once("</body>").expect("its end");
        Ok(body.to_owned())
    }

    #[test]
    fn style_is_written_in_and_tags_stay_as_they_were() {
        for (body, expect) in [
            (
                "<p>Hej {{name}}</p>",
                "<p style=\"margin: 0;\">Hej {{name}}</p>",
            ),
            (
                "{{#if a}}<p class=\"b\"><a href=\"{{b.c}}\">{{!-- \" > --}}x</a></p>{{else}}-{{/if}}",
                "{{#if a}}<p class=\"b\" style=\"margin: 0;\"><a href=\"{{b.c}}\" style=\"color: #ffffff;\">{{!-- \" > --}}x</a></p>{{else}}-{{/if}}",
            ),
            (
                "<ul>{{#each a}}<li>{{list b field=\"c\"}}</li>{{/each}}</ul>",
                "<ul>{{#each a}}<li>{{list b field=\"c\"}}</li>{{/each}}</ul>",
            ),
            (
                "<table><tbody>{{#each a}}<tr><td>{{x}}</td></tr>{{/each}}</tbody></table>",
                "<table><tbody>{{#each a}}<tr><td>{{x}}</td></tr>{{/each}}</tbody></table>",
            ),
            (
                "<!--[if mso]>{{x}}<![endif]--><a {{#if a}}href=\"{{b}}\"{{/if}}>x</a>",
                "<!--[if mso]>{{x}}<![endif]--><a {{#if a}} href=\"{{b}}\" {{/if}}>x</a>",
            ),
        ] {
            assert_eq!(styled(body).as_deref(), Ok(expect), "{body}");
        }
    }

    #[test]
    fn html_that_is_not_whole_is_seen() {
        let moved = styled(
            "<table>{{#if a}}<tr><td>x</td></tr>{{else}}<p title=\"{{y}}\">z</p>{{/if}}</table>",
        );
        assert!(matches!(moved, Err(BadStyle::Moved(_))), "{moved:?}");
    }

    #[test]
    fn rules_for_media_are_kept_in_the_head() {
        let html = "<!doctype html><html><head></head><body><p>x</p></body></html>";
        let styled = Stylist::new(CSS).styled(html).expect("styled");
        let head = styled.split_once("</head>").expect("a head").0;
        assert!(
            head.contains("@media") && head.contains("!important"),
            "{styled}"
        );
        assert!(!head.contains("margin"), "{styled}");
    }
}
