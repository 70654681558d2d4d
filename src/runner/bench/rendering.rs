//! Rendering beside handlebars alone: one mail of the size that is shipped, with the same final texts
//! and the same data in both.

use std::hint::black_box;

use handlebars::{Context, Handlebars, no_escape};
use serde_json::{Value as Json, json};

use super::real;
use crate::clock::Stopwatch;
use crate::message::{TemplateSource, Templates};
use crate::runner::RunError;

/// The two take turns, so that what else the machine does meets both.
const ROUNDS: usize = 9;
const LANGUAGE: &str = "da";
const NAME: &str = "place";

/// A mail as the shipped ones are: layout, style, a fact box, a list, a button. Helpers of ours are left
/// out, since handlebars alone has none of them.
const FILES: [(&str, &str); 8] = [
    (
        "partials/layout.html.hbs",
        include_str!("../../../email-templates/partials/layout.html.hbs"),
    ),
    (
        "partials/layout.txt.hbs",
        include_str!("../../../email-templates/partials/layout.txt.hbs"),
    ),
    (
        "partials/mail.css",
        include_str!("../../../email-templates/partials/mail.css"),
    ),
    (
        "da/partials/sent_by.hbs",
        include_str!("../../../email-templates/da/partials/sent_by.hbs"),
    ),
    ("da/place/subject.hbs", "Velkommen på {{cohort.title}}"),
    (
        "da/place/why.hbs",
        "Du får denne mail, fordi du er optaget på {{cohort.title}}.\n",
    ),
    (
        "da/place/body.txt.hbs",
        "Hej {{recipient.first_name}}\n\nVelkommen! Du har fået en plads på holdet.\n\n\
         {{#if meeting.place}}Sted: {{meeting.place}}\n{{/if}}\n{{#each people}}\n- {{name}}, {{organisation}}\n{{/each}}\n\n\
         {{#if link}}Åbn sagen (kræver login):\n{{link}}\n{{/if}}\nVenlig hilsen\n{{contact.name}}\n",
    ),
    (
        "da/place/body.html.hbs",
        "<p>Hej {{recipient.first_name}}</p>\n<p>Velkommen! Du har fået en plads på holdet.</p>\n\
         <div class=\"facts\">\n<p><strong>Hold:</strong> {{cohort.title}}</p>\n\
         {{#if meeting.place}}<p><strong>Sted:</strong> {{meeting.place}}</p>{{/if}}\n</div>\n\
         <ul>\n{{#each people}}\n<li>{{name}}, {{organisation}}</li>\n{{/each}}\n</ul>\n\
         {{#if link}}<p class=\"button\"><a href=\"{{link}}\">Åbn sagen (kræver login)</a></p>{{/if}}\n\
         <p class=\"signature\">Venlig hilsen<br>\n<strong>{{contact.name}}</strong></p>\n",
    ),
];

/// Mails a second: ours, and handlebars alone; the round with the median ratio.
pub(super) fn beside_handlebars(mails: usize) -> Result<(f64, f64), RunError> {
    let files = FILES.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let source = TemplateSource {
        files: files.into(),
    };
    let broken = |error: &dyn std::fmt::Display| RunError::BadTemplates(error.to_string());
    let templates = Templates::compile(&source).map_err(|problems| {
        broken(
            &problems
                .first()
                .map_or_else(String::new, ToString::to_string),
        )
    })?;
    let data = data();
    let rendered = templates
        .render(LANGUAGE, NAME, &data)
        .map_err(|error| broken(&error))?;
    let (plain, markup) = alone(&source).map_err(|error| broken(&error))?;
    let by_handlebars = |part: &str, registry: &Handlebars<'_>, context: &Context| {
        registry
            .render_with_context(part, context)
            .map_err(|error| broken(&error))
    };
    let context = Context::from(data.clone());
    if by_handlebars("html", &markup, &context)? != rendered.html {
        return Err(broken(&"the two do not say the same"));
    }
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Stopwatch::start();
        for _ in 0..mails {
            let rendered = templates.render(LANGUAGE, NAME, &data);
            black_box(rendered.map_err(|error| broken(&error))?);
        }
        let ours = real(mails) / begun.elapsed().as_secs_f64();
        let begun = Stopwatch::start();
        for _ in 0..mails {
            let context = Context::from(data.clone());
            black_box(by_handlebars("subject", &plain, &context)?);
            black_box(by_handlebars("text", &plain, &context)?);
            black_box(by_handlebars("html", &markup, &context)?);
        }
        rounds.push((ours, real(mails) / begun.elapsed().as_secs_f64()));
    }
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    rounds
        .get(ROUNDS / 2)
        .copied()
        .ok_or_else(|| broken(&"no round"))
}

/// The final texts in registries that hold nothing else.
fn alone(
    source: &TemplateSource,
) -> Result<(Handlebars<'static>, Handlebars<'static>), handlebars::TemplateError> {
    let (mut plain, mut markup) = (Handlebars::new(), Handlebars::new());
    for registry in [&mut plain, &mut markup] {
        registry.set_strict_mode(true);
    }
    plain.register_escape_fn(no_escape);
    let [subject, text, html] = source.final_texts(LANGUAGE, NAME);
    plain.register_template_string("subject", subject)?;
    plain.register_template_string("text", text)?;
    markup.register_template_string("html", html)?;
    Ok((plain, markup))
}

fn data() -> Json {
    json!({
        "language": LANGUAGE,
        "logo": null,
        "organisation": "SOSU-indgangen",
        "workflow": {"id": "bench", "title": "Introforløb"},
        "recipient": {"first_name": "Anna"},
        "cohort": {"title": "Hold 3"},
        "meeting": {"place": "Lokale 2, Skolevej 1"},
        "people": (1..=8).map(|n| json!({"name": format!("Medarbejder {n}"), "organisation": "Bøgely & Søn"})).collect::<Vec<_>>(),
        "link": "https://tovholder.example/sager/0193",
        "contact": {"name": "Mette Lundsø"},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is a mail of the size that is shipped, and what is measured is the same on both sides.
    #[test]
    fn the_two_say_the_same() {
        let files = FILES.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let source = TemplateSource {
            files: files.into(),
        };
        let [_, _, html] = source.final_texts(LANGUAGE, NAME);
        assert!((3_500..8_000).contains(&html.len()), "{}", html.len());
        let (ours, alone) = beside_handlebars(20).expect("both render");
        assert!(ours > 0.0 && alone > 0.0, "{ours} {alone}");
        println!("{:.2}", ours / alone);
    }
}
