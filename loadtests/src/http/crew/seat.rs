//! One place in front of a dashboard: who sits there, and the requests that they make.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use serde_json::{Value, json};

use super::super::action::{Ask, Kind, check};
use super::super::frame::{self, FrameKey};
use super::super::line::{Line, Reply};
use super::super::tally::Tally;
use crate::surroundings::CLIENT;

/// How many values of a filter are used.
const CHOICES: usize = 4;

/// Who sits there, and what they see.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) weir: String,
    pub(super) sub: String,
    pub(super) units: Vec<String>,
    pub(super) locale: &'static str,
    pub(super) dashboard: String,
    pub(super) sight: Arc<Sight>,
}

/// What people of the same units see of one dashboard.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Tiles with figures.
    pub(super) tiles: Vec<String>,
    /// Filters with the values they offer.
    pub(super) choices: Vec<(String, Vec<String>)>,
}

impl Seat {
    /// Opens the page for the first time, and finds out what is on it.
    pub(super) async fn look(&self, line: &Line, cold: &mut Tally) -> anyhow::Result<Sight> {
        let token = self.minted(line).await?;
        let began = std::time::Instant::now();
        let page = self.answered(Kind::Open, self.open(&token), line).await?;
        cold.record(Kind::Open, began.elapsed(), Ok(page.body.len() as u64));
        let page = String::from_utf8_lossy(&page.body).into_owned();
        let (key, token) = self.bound(&token, line).await?;
        let mut sight = Sight::default();
        for tile in attributes(&page, "data-tile=\"") {
            let ask = self.signed(&key, &token, &self.data(&tile), frame::now());
            if let Ok(reply) = line.send(ask).await
                && check(Kind::Tile, &reply).is_ok()
            {
                sight.tiles.push(tile);
            }
        }
        ensure!(!sight.tiles.is_empty(), "not one tile has figures");
        for filter in filters(&page)? {
            let ask = self.signed(&key, &token, &self.values(&filter), frame::now());
            let reply = self.answered(Kind::Values, ask, line).await?;
            sight.choices.push((filter, choices(&reply.json())));
        }
        sight.choices.retain(|(_, values)| !values.is_empty());
        Ok(sight)
    }

    pub(super) async fn minted(&self, line: &Line) -> anyhow::Result<String> {
        let reply = self.answered(Kind::Mint, self.mint(), line).await?;
        reply.text("token").context("the answer has no token")
    }

    pub(super) async fn bound(
        &self,
        launch: &str,
        line: &Line,
    ) -> anyhow::Result<(FrameKey, String)> {
        let key = FrameKey::new();
        let ask = self.bind(&key, launch);
        let reply = self.answered(Kind::Bind, ask, line).await?;
        let token = reply.text("token").context("the answer has no token")?;
        Ok((key, token))
    }

    async fn answered(&self, kind: Kind, ask: Ask, line: &Line) -> anyhow::Result<Reply> {
        let reply = match line.send(ask).await {
            Ok(reply) => reply,
            Err(failure) => bail!("{kind}: {failure}"),
        };
        if let Err(failure) = check(kind, &reply) {
            let said: String = String::from_utf8_lossy(&reply.body)
                .chars()
                .take(500)
                .collect();
            bail!("{kind}: {failure}: {said}");
        }
        Ok(reply)
    }

    pub(super) fn mint(&self) -> Ask {
        let (id, secret, origin) = CLIENT;
        let wish = json!({
            "dashboard": self.dashboard, "subject": { "sub": self.sub },
            "business_units": self.units, "locale": self.locale, "origin": origin,
            "rights": ["export_csv"],
        });
        let credential = STANDARD.encode(format!("{id}:{secret}"));
        let authorization = format!("Basic {credential}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
        ];
        self.ask(
            Method::POST,
            "/api/v1/embed-tokens",
            &headers,
            wish.to_string(),
        )
    }

    /// What a browser sends when the SDK's form opens the dashboard in its frame.
    pub(super) fn open(&self, token: &str) -> Ask {
        let form = self.form(token);
        let (_, _, origin) = CLIENT;
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", origin),
            ("accept", "text/html"),
            ("sec-fetch-dest", "iframe"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-site", "cross-site"),
        ];
        self.ask(
            Method::POST,
            &format!("/embed/{}", self.dashboard),
            &headers,
            form,
        )
    }

    pub(super) fn form(&self, token: &str) -> String {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .append_pair("locale", self.locale)
            .finish()
    }

    pub(super) fn bind(&self, key: &FrameKey, launch: &str) -> Ask {
        let path = format!("/embed/{}/bind", self.dashboard);
        let address = format!("{}{path}", self.weir);
        let proof = key.proof("POST", &address, launch, frame::now());
        let authorization = format!("Bearer {launch}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("dpop", proof.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.ask(Method::POST, &path, &headers, String::new())
    }

    pub(super) fn data(&self, tile: &str) -> String {
        format!("/api/v1/dashboards/{}/tiles/{tile}/data", self.dashboard)
    }

    pub(super) fn export(&self, tile: &str) -> String {
        format!(
            "/api/v1/dashboards/{}/tiles/{tile}/export?format=csv",
            self.dashboard
        )
    }

    pub(super) fn values(&self, filter: &str) -> String {
        format!(
            "/api/v1/dashboards/{}/filters/{filter}/values",
            self.dashboard
        )
    }

    pub(super) fn tile(&self, tile: &str, (filter, value): (&str, &str)) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(filter, value)
            .append_pair("locale", self.locale)
            .finish();
        format!("/embed/{}/tiles/{tile}?{query}", self.dashboard)
    }

    /// A `GET` with the frame's token, and a proof that is good at `at`.
    pub(super) fn signed(&self, key: &FrameKey, token: &str, target: &str, at: Duration) -> Ask {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        let proof = key.proof("GET", &format!("{}{path}", self.weir), token, at);
        let authorization = format!("DPoP {token}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("dpop", proof.as_str()),
            ("sec-fetch-site", "same-origin"),
        ];
        self.ask(Method::GET, target, &headers, String::new())
    }

    /// Everything here is made of what is fit for a request; what is not would ask for nothing and
    /// be seen as a failure.
    pub(super) fn ask(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Ask {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.weir));
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        request
            .body(Full::from(Bytes::from(body)))
            .unwrap_or_default()
    }
}

/// The values of an attribute in a page, each once, in their order.
fn attributes(page: &str, start: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for rest in page.split(start).skip(1) {
        if let Some((value, _)) = rest.split_once('"')
            && !found.iter().any(|known| known == value)
        {
            found.push(value.to_owned());
        }
    }
    found
}

/// The filters that the page tells its script about. The period has no values to ask for.
fn filters(page: &str) -> anyhow::Result<Vec<String>> {
    let (_, rest) = page
        .split_once("id=\"weir-frame\"")
        .context("the page has nothing for the frame's script")?;
    let facts = rest
        .split_once('>')
        .and_then(|(_, rest)| rest.split_once("</script>"))
        .map(|(facts, _)| facts)
        .context("what the page has for the frame's script has no end")?;
    let facts: Value = serde_json::from_str(facts)?;
    let names = facts.get("filters").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    Ok(names
        .filter(|name| *name != "period")
        .map(str::to_owned)
        .collect())
}

fn choices(answer: &Value) -> Vec<String> {
    let values = answer.get("values").and_then(Value::as_array);
    let values = values.into_iter().flatten();
    values
        .filter_map(|option| option.get("value")?.as_str())
        .take(CHOICES)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_and_filters_are_read_from_the_page() {
        let page = "<section data-tile=\"a\" data-state=\"ready\"></section><p data-tile=\"b\">\
                    <script type=\"application/json\" id=\"weir-frame\" nonce=\"x\">\
                    {\"filters\":[\"period\",\"region\"]}</script><i data-tile=\"a\">";

        assert_eq!(attributes(page, "data-tile=\""), ["a", "b"]);
        assert_eq!(filters(page).unwrap(), ["region"]);
    }
}
