//! Workflows, simulated holds and years of holds as pictures: SVG for people, Mermaid and DOT for other programs.
//!
//! Pure: a [`Workflow`](crate::definition::model::Workflow), or the
//! [`Report`](crate::runner::simulate::Report) of a simulation, or a
//! [`Year`](crate::runner::desk::Year), goes in and text comes out, the same
//! text every time. Nothing is measured by a browser or laid out by another program: `glyphs` knows
//! how wide letters are, `chart` and `band` decide where things stand, and `svg` writes it down.
//! A picture says everything twice, by colour and by a word or a shape, and follows the reader's
//! choice of light or dark.
//!
//! ```
//! # let text = include_str!("../../workflows/holstebro-introforloeb.yaml");
//! let workflow = tovholder::definition::read("holstebro.yaml", text).workflow.unwrap();
//! let picture = tovholder::picture::svg(&workflow);
//! assert!(picture.starts_with("<svg ") && picture.contains("Afsluttende praktik"));
//! ```

mod band;
mod chart;
mod dot;
mod flags;
mod glyphs;
mod graph;
mod mermaid;
pub mod phases;
mod route;
pub mod season;
mod style;
mod svg;
pub mod wheel;
mod words;

pub use self::dot::dot;
pub use self::graph::svg;
pub use self::mermaid::mermaid;
pub(crate) use self::words::Words;
