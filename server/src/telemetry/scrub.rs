//! Takes out of a text for the log what must not stand there, whoever wrote it: tokens, e-mail
//! addresses, and what is quoted as a value. Weir's own messages hold none of these; a message of an
//! engine, a database or an identity provider may (rows E9, O4).

use std::borrow::Cow;

/// What stands in place of it.
const GONE: char = '…';

/// How long a run of letters, digits and `-_.` is that may be a token.
const TOKEN: usize = 40;

/// `text` without tokens, addresses and quoted values.
pub(super) fn scrubbed(text: &str) -> Cow<'_, str> {
    if !text.contains(['\'', '@']) && !text.contains("Utf8") && !has_token(text) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(without_words(&without_quotes(text)))
}

fn has_token(text: &str) -> bool {
    text.split(is_between).any(is_secret)
}

/// Leaves single-quoted texts out (SQL writes values so), and `Utf8("…")` (the embedded engine does).
fn without_quotes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, open, after)) = next_quote(rest) {
        kept.push_str(before);
        kept.push_str(open);
        kept.push(GONE);
        let close = if open.ends_with('\'') { '\'' } else { '"' };
        let end = end_of_quote(after, close);
        rest = after.get(end..).unwrap_or_default();
        if let Some(closed) = rest.strip_prefix(close) {
            kept.push(close);
            rest = closed;
        }
    }
    kept.push_str(rest);
    kept
}

/// What is before the next quotation, how it opens, and what follows.
fn next_quote(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(['\'', '"']).map(|at| from + at) {
        let before = text.get(..at)?;
        let open = text.get(at..=at)?;
        let is_value = if open == "'" {
            // Not the apostrophe of a word.
            !before.ends_with(char::is_alphanumeric)
        } else {
            before.ends_with("Utf8(") || before.ends_with("Utf8View(")
        };
        if is_value {
            return Some((before, open, text.get(at + 1..)?));
        }
        from = at + 1;
    }
    None
}

/// Where the quotation ends; all of the text where it never does. A
/// doubled mark is part of it.
fn end_of_quote(text: &str, close: char) -> usize {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(close)) {
        let end = from + at;
        let after = text.get(end + 1..).unwrap_or_default();
        if !after.starts_with(close) {
            return end;
        }
        from = end + 2;
    }
    text.len()
}

/// Leaves tokens and e-mail addresses out.
fn without_words(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_between) {
        let word = piece.trim_end_matches(is_between);
        if is_secret(word) || is_address(word) {
            kept.push(GONE);
            kept.push_str(piece.get(word.len()..).unwrap_or_default());
        } else {
            kept.push_str(piece);
        }
    }
    kept
}

/// What separates words.
fn is_between(c: char) -> bool {
    c.is_whitespace() || "\"'`<>()[]{},;=&?:/|\\".contains(c)
}

/// A signed token, or a long word with small and large letters and digits, as random secrets are.
/// Ids, hashes and names have one kind of letters.
fn is_secret(word: &str) -> bool {
    if word.len() > 20 && word.starts_with("eyJ") {
        return true;
    }
    let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(&kind);
    word.len() >= TOKEN
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
}

fn is_address(word: &str) -> bool {
    let Some((name, host)) = word.split_once('@') else {
        return false;
    };
    let host = host.trim_end_matches('.');
    !name.is_empty() && host.contains('.') && !host.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e9_tokens_addresses_and_quoted_values_are_left_out() {
        let token = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJl";
        let secret = "uSm8Zx2Cd4EfAq0Xn5jzv5JjJ2vQ0oGm1b8s4yT3m6t";
        for (said, left) in [
            (
                format!("Bearer {token} was refused"),
                "Bearer … was refused",
            ),
            (
                format!("https://weir.example/embed/x?code={secret}"),
                "https://weir.example/embed/x?code=…",
            ),
            (
                "no account for jo.doe@example.com.".to_owned(),
                "no account for …",
            ),
            (
                "can't cast 'QC secret' to a number".to_owned(),
                "can't cast '…' to a number",
            ),
            (
                "it is 'O''Brien', isn't it".to_owned(),
                "it is '…', isn't it",
            ),
            (
                "region = Utf8(\"QC\") AND x".to_owned(),
                "region = Utf8(\"…\") AND x",
            ),
            ("open 'and never closed".to_owned(), "open '…"),
        ] {
            assert_eq!(scrubbed(&said), left);
        }
    }

    #[test]
    fn what_operators_need_stays() {
        for said in [
            "the registry can't be used: it doesn't answer",
            "execution 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b failed",
            "fingerprint 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "column \"region\" of `gold.statements`",
            "server/src/telemetry/scrub.rs:12:5",
        ] {
            assert_eq!(scrubbed(said), said);
        }
    }
}
