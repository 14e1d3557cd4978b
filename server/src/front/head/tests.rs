use super::*;

fn judged(text: &str) -> Result<Option<Rest>, Slug> {
    let head = read(text.as_bytes(), true)?;
    Ok(head.map(|head| head.rest))
}

fn with(lines: &str) -> String {
    format!("POST /x HTTP/1.1\r\nHost: weir.example\r\n{lines}\r\n")
}

#[test]
fn a_head_says_what_comes_behind_it() {
    assert_eq!(judged(&with("")), Ok(Some(Rest::Body(0))));
    assert_eq!(
        judged(&with("Content-Length: 7\r\n")),
        Ok(Some(Rest::Body(7)))
    );
    assert_eq!(
        judged(&with("content-length:7 \r\n")),
        Ok(Some(Rest::Body(7)))
    );
    assert_eq!(
        judged(&with("Transfer-Encoding: Chunked\r\n")),
        Ok(Some(Rest::Chunks))
    );
    assert_eq!(
        judged("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Ok(Some(Rest::Frames))
    );
}

#[test]
fn a_head_ends_at_its_empty_line_and_not_before() {
    let whole = with("A: b\r\n");
    for end in 0..whole.len() {
        let part = whole.get(..end).unwrap_or_default();
        assert_eq!(judged(part), Ok(None), "{part:?}");
    }
    let longer = format!("{whole}the body");
    let head = read(longer.as_bytes(), true).unwrap_or_default();
    assert_eq!(head.map(|head| head.length), Some(whole.len()));
}

#[test]
fn http_2_begins_a_connection_or_not_at_all() {
    let preface = b"PRI * HTTP/2.0\r\n\r\n";
    assert!(read(preface, false).is_err());
}

#[test]
fn what_two_parsers_could_read_differently_is_refused() {
    let lines = [
        "Host: other.example\r\n",
        "Content-Length: 1\r\nContent-Length: 1\r\n",
        "Content-Length: 1, 1\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: -2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "A: b\r\n c\r\n",
        " A: b\r\n",
        "A b\r\n",
        ": b\r\n",
        "A: b\0c\r\n",
        "A: b\rc\r\n",
        "A: b\u{b}c\r\n",
        "A\u{e9}: b\r\n",
        "A: b\n",
    ];
    for line in lines {
        assert_eq!(judged(&with(line)), Err(Slug::InvalidRequest), "{line:?}");
    }
    let whole = [
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\n\r\n",
        "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\tHTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    ];
    for text in whole {
        assert_eq!(judged(text), Err(Slug::InvalidRequest), "{text:?}");
    }
}

#[test]
fn methods_that_no_route_can_have_are_refused_as_methods() {
    for method in ["TRACE", "CONNECT", "get", "PRI", "PROPFIND"] {
        let text = format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(judged(&text), Err(Slug::MethodNotAllowed), "{method}");
    }
}

#[test]
fn heads_have_limits() {
    let target = "a".repeat(LONGEST_TARGET);
    let text = format!("GET /{target} HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(judged(&text), Err(Slug::UriTooLong));
    assert_eq!(
        judged(&format!("GET /{}", "a".repeat(LONGEST))),
        Err(Slug::UriTooLong)
    );
    let many = "A: b\r\n".repeat(MOST_HEADERS);
    assert_eq!(judged(&with(&many)), Err(Slug::HeadersTooLarge));
    let fits = "A: b\r\n".repeat(MOST_HEADERS - 1);
    assert_eq!(judged(&with(&fits)), Ok(Some(Rest::Body(0))));
    let long = format!("A: {}\r\n", "b".repeat(LONGEST));
    assert_eq!(judged(&with(&long)), Err(Slug::HeadersTooLarge));
    let open = format!("POST / HTTP/1.1\r\nA: {}", "b".repeat(LONGEST));
    assert_eq!(judged(&open), Err(Slug::HeadersTooLarge));
}
