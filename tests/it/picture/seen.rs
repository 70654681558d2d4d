//! A picture as another program reads it: its elements, with their attributes and their text.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde::Deserialize;

/// Reads all pictures with Python's own XML parser, in one go.
const READER: &str = "
import json, sys, xml.etree.ElementTree as tree
def seen(element):
    name = element.tag.split('}')[1]
    return [{'name': name, 'with': dict(element.attrib), 'text': element.text or ''}] + [
        inner for child in element for inner in seen(child)]
json.dump([seen(tree.fromstring(text)) for text in json.load(sys.stdin)], sys.stdout)
";

/// An element.
#[derive(Clone, Debug, Deserialize)]
pub struct Element {
    pub name: String,
    pub with: BTreeMap<String, String>,
    pub text: String,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub fn meets(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    pub fn holds(self, other: Self) -> bool {
        self.left <= other.left
            && other.right <= self.right
            && self.top <= other.top
            && other.bottom <= self.bottom
    }

    /// Whether a point lies on the border.
    pub fn touches(self, (x, y): (f64, f64)) -> bool {
        let across = (self.left..=self.right).contains(&x);
        let down = (self.top..=self.bottom).contains(&y);
        let on = |a: f64, b: f64| (a - b).abs() < 0.01;
        down && (on(x, self.left) || on(x, self.right))
            || across && (on(y, self.top) || on(y, self.bottom))
    }
}

impl Element {
    pub fn number(&self, name: &str) -> f64 {
        let value = self.with.get(name).map_or("0", String::as_str);
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} of {self:?}"))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.with.get(name).map(String::as_str)
    }

    pub fn is(&self, class: &str) -> bool {
        let classes = self.get("class").unwrap_or_default();
        classes.split(' ').any(|one| one == class)
    }

    /// Where a rectangle, a circle or a line of text stands; text by what its letters take.
    pub fn rect(&self) -> Option<Rect> {
        let (x, y) = (self.number("x"), self.number("y"));
        let rect = |left: f64, top: f64, right: f64, bottom: f64| Rect {
            left,
            top,
            right,
            bottom,
        };
        match self.name.as_str() {
            "rect" => Some(rect(
                x,
                y,
                x + self.number("width"),
                y + self.number("height"),
            )),
            "circle" => {
                let (x, y, r) = (self.number("cx"), self.number("cy"), self.number("r"));
                Some(rect(x - r, y - r, x + r, y + r))
            }
            "text" => {
                let sizes = [
                    ("title", 20.0),
                    ("heading", 15.0),
                    ("name", 14.0),
                    ("small", 12.0),
                ];
                let size = sizes.iter().find(|(class, _)| self.is(class));
                let size = size
                    .unwrap_or_else(|| panic!("a text without a size: {self:?}"))
                    .1;
                let right = x + self.number("textLength");
                Some(rect(x, y - 0.75 * size, right, y + 0.22 * size))
            }
            _ => None,
        }
    }

    /// The corners of a way.
    pub fn points(&self) -> Vec<(f64, f64)> {
        let words = self.get("data-points").unwrap_or_default().split(' ');
        let point = |word: &str| {
            let (x, y) = word.split_once(',').expect("a point");
            (x.parse().expect("x"), y.parse().expect("y"))
        };
        words.filter(|word| !word.is_empty()).map(point).collect()
    }

    /// The straight pieces of a way, as rectangles without area.
    pub fn pieces(&self) -> Vec<Rect> {
        let points = self.points();
        points
            .windows(2)
            .map(|two| Rect {
                left: two[0].0.min(two[1].0),
                top: two[0].1.min(two[1].1),
                right: two[0].0.max(two[1].0),
                bottom: two[0].1.max(two[1].1),
            })
            .collect()
    }
}

/// The elements of each picture.
pub fn all(pictures: &[String]) -> Vec<Vec<Element>> {
    let mut child = Command::new("python3")
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed to read the pictures");
    let json = serde_json::to_vec(pictures).expect("JSON");
    let mut stdin = child.stdin.take().expect("its input");
    let writer = std::thread::spawn(move || stdin.write_all(&json).expect("it reads"));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("written");
    assert!(output.status.success(), "the pictures are not well-formed");
    serde_json::from_slice(&output.stdout).expect("what was seen")
}
