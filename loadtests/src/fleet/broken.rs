//! What somebody was not given: which page or tile, when, and what the replica wrote about it.

use std::fmt;

/// How much of a text is kept: a tile's words, a line of a log.
const LONGEST: usize = 400;

/// A page or a tile that somebody was not given.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// What it was.
    pub what: What,
    /// The page's dashboard.
    pub dashboard: &'static str,
    /// The reader's business unit.
    pub unit: &'static str,
    /// Seconds from when everybody asked until the page ended.
    pub ended: f64,
    /// The page's request, if anybody answered it.
    pub request: Option<String>,
    /// What replicas wrote about that request.
    pub logged: Vec<String>,
}

/// What somebody was not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The whole page; with what was said instead.
    Page(String),
    /// One tile of it; with what is said at its place.
    Tile(String, String),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page(said) => write!(f, "the page: {said}"),
            Self::Tile(tile, said) => write!(f, "tile `{tile}`: {said}"),
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dashboard,
            unit,
            ended,
            ..
        } = self;
        write!(
            f,
            "`{dashboard}` for {unit} after {ended:.1} s, {}",
            self.what
        )?;
        for line in &self.logged {
            write!(f, " ({line})")?;
        }
        Ok(())
    }
}

impl Broken {
    /// Adds those of a replica's lines that are about its request.
    pub(super) fn look_up(&mut self, replica: &str, log: &str) {
        let Some(request) = self.request.as_deref().filter(|id| !id.is_empty()) else {
            return;
        };
        let tile = match &self.what {
            What::Tile(tile, _) => format!("\"{tile}\""),
            What::Page(_) => String::new(),
        };
        let lines = log.lines();
        let lines = lines.filter(|line| line.contains(request) && line.contains(&tile));
        let lines = lines.map(|line| format!("{replica}: {}", cut(line)));
        self.logged.extend(lines);
    }
}

/// The tiles of a page that say that they can't be shown: their names, and what is said there.
pub(super) fn tiles(page: &str) -> Vec<What> {
    let pieces = page.split("data-tile=\"").skip(1);
    let broken = pieces.filter_map(|piece| {
        let (tile, rest) = piece.split_once('"')?;
        let (head, inside) = rest.split_once('>')?;
        let inside = inside.split("</section>").next()?;
        let is_broken = head.contains("data-state=\"error\"");
        is_broken.then(|| What::Tile(tile.to_owned(), cut(&words(body(inside)))))
    });
    broken.collect()
}

/// What was answered instead of a page: its status, and the slug of the problem if it is one.
pub(super) fn refusal(status: u16, body: &str) -> String {
    let problem: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let kind = problem.get("type").and_then(serde_json::Value::as_str);
    match kind.and_then(|kind| kind.rsplit('/').next()) {
        Some(slug) => format!("{status}, {slug}"),
        None => format!("{status}, {}", cut(&words(body))),
    }
}

/// What is below a tile's head.
fn body(tile: &str) -> &str {
    tile.split_once("class=\"body\">")
        .map_or(tile, |(_, body)| body)
}

/// The text between the tags.
fn words(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            _ if !is_tag => text.push(letter),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_that_broke_is_named_with_its_words_and_what_the_replica_wrote() {
        let page = "<section data-tile=\"loss\" data-state=\"ready\"><div class=\"body\">7</div></section>\
            <section data-tile=\"paid\" data-state=\"error\"><h2>Paid</h2><div class=\"body\">\
            <p>Can't be <b>shown</b></p></div></section>";
        let log = "{\"request_id\":\"r-1\",\"tile\":\"paid\",\"code\":\"deadline\"}\n\
            {\"request_id\":\"r-1\",\"tile\":\"loss\"}\n{\"request_id\":\"r-2\",\"tile\":\"paid\"}";

        let found = tiles(page);
        let mut broken = Broken {
            what: found.first().unwrap().clone(),
            dashboard: "finance-overview",
            unit: "auto",
            ended: 30.25,
            request: Some("r-1".to_owned()),
            logged: Vec::new(),
        };
        broken.look_up("replica 2", log);

        assert_eq!(found.len(), 1);
        assert_eq!(
            broken.to_string(),
            "`finance-overview` for auto after 30.2 s, tile `paid`: Can't be shown \
             (replica 2: {\"request_id\":\"r-1\",\"tile\":\"paid\",\"code\":\"deadline\"})"
        );
    }

    #[test]
    fn a_refused_page_says_its_status_and_the_slug_of_its_problem() {
        let problem = "{\"type\":\"https://weir.example/problems/registry-unavailable\"}";

        assert_eq!(refusal(503, problem), "503, registry-unavailable");
        assert_eq!(refusal(502, "<h1>Bad</h1> <p>gateway"), "502, Bad gateway");
    }
}
