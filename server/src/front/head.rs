//! The head of an HTTP/1 request as bytes (RFC 9112), before any parser that forgives reads it.
//! Two parsers that forgive differently are how requests are smuggled past a proxy (H3 to H6).

use crate::problem::Slug;

/// The longest head, in bytes.
pub(crate) const LONGEST: usize = 16 << 10;

/// The longest request target, in bytes; more parameters than fit are nobody's dashboard.
pub(crate) const LONGEST_TARGET: usize = 8 << 10;

/// The most header lines.
pub(crate) const MOST_HEADERS: usize = 64;

/// A head that may be handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its bytes, with the empty line.
    pub(crate) length: usize,
    /// What comes behind it.
    pub(crate) rest: Rest,
}

/// What comes behind a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// So many bytes of body, then the next head.
    Body(u64),
    /// A body in chunks.
    Chunks,
    /// HTTP/2 (RFC 9113 §3.4), until the connection ends.
    Frames,
}

/// The head in what has `arrived`; `None` when it is not whole yet. Only the `first` words on a
/// connection can say that it speaks HTTP/2.
///
/// # Errors
/// The name of its flaw, as soon as it shows.
pub(crate) fn read(arrived: &[u8], first: bool) -> Result<Option<Head>, Slug> {
    let (mut lines, mut length) = (Vec::new(), 0);
    for piece in arrived.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = piece.strip_suffix(b"\n") else {
            break;
        };
        let line = line.strip_suffix(b"\r").ok_or(Slug::InvalidRequest)?;
        length += piece.len();
        if length > LONGEST || lines.len() > MOST_HEADERS + 1 {
            break;
        }
        if line.is_empty() {
            let rest = rest(&lines, first)?;
            return Ok(Some(Head { length, rest }));
        }
        lines.push(line);
    }
    let no_target = lines.is_empty() && arrived.len() > LONGEST_TARGET + LONGEST_WORDS;
    if no_target {
        return Err(Slug::UriTooLong);
    }
    if arrived.len() > LONGEST || lines.len() > MOST_HEADERS + 1 {
        return Err(Slug::HeadersTooLarge);
    }
    Ok(None)
}

/// Method, version and blanks beside a target.
const LONGEST_WORDS: usize = 32;

fn rest(lines: &[&[u8]], first: bool) -> Result<Rest, Slug> {
    let (request, headers) = lines.split_first().ok_or(Slug::InvalidRequest)?;
    if first && *request == b"PRI * HTTP/2.0" && headers.is_empty() {
        return Ok(Rest::Frames);
    }
    let modern = request_line(request)?;
    if headers.len() > MOST_HEADERS {
        return Err(Slug::HeadersTooLarge);
    }
    let mut said = Said::default();
    for line in headers {
        said.add(line)?;
    }
    said.rest(modern)
}

/// Whether it is HTTP/1.1.
fn request_line(line: &[u8]) -> Result<bool, Slug> {
    let mut words = line.split(|byte| *byte == b' ');
    let words = (words.next(), words.next(), words.next(), words.next());
    let (Some(method), Some(target), Some(version), None) = words else {
        return Err(Slug::InvalidRequest);
    };
    if target.len() > LONGEST_TARGET {
        return Err(Slug::UriTooLong);
    }
    // A fragment never leaves a browser; whoever reads it differently reads another path (H8).
    let plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'#';
    if target.is_empty() || !target.iter().all(plain) {
        return Err(Slug::InvalidRequest);
    }
    let modern = match version {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        _ => return Err(Slug::InvalidRequest),
    };
    if METHODS.contains(&method) {
        Ok(modern)
    } else if !method.is_empty() && method.iter().copied().all(is_of_a_token) {
        Err(Slug::MethodNotAllowed)
    } else {
        Err(Slug::InvalidRequest)
    }
}

/// Methods that some route could have. They are case-sensitive (RFC 9110 §9.1).
const METHODS: [&[u8]; 7] = [
    b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS",
];

/// What header lines say about where the request ends and whom it is for.
#[derive(Debug, Default)]
struct Said {
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
}

impl Said {
    fn add(&mut self, line: &[u8]) -> Result<(), Slug> {
        let colon = line.iter().position(|byte| *byte == b':');
        let parts = colon.and_then(|at| line.split_at_checked(at));
        let (name, value) = parts.ok_or(Slug::InvalidRequest)?;
        // A blank before the colon, or at the start of a folded line, is not of a token.
        if name.is_empty() || !name.iter().copied().all(is_of_a_token) {
            return Err(Slug::InvalidRequest);
        }
        if value
            .iter()
            .any(|byte| byte.is_ascii_control() && *byte != b'\t')
        {
            return Err(Slug::InvalidRequest);
        }
        let value = value.strip_prefix(b":").unwrap_or_default().trim_ascii();
        if name.eq_ignore_ascii_case(b"host") {
            self.hosts += 1;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            self.length(value)?;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.encoding(value)?;
        }
        Ok(())
    }

    fn length(&mut self, value: &[u8]) -> Result<(), Slug> {
        let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let number = std::str::from_utf8(value).ok().filter(|_| digits);
        let number = number.and_then(|digits| digits.parse().ok());
        let known = self.length.replace(number.ok_or(Slug::InvalidRequest)?);
        known.map_or(Ok(()), |_| Err(Slug::InvalidRequest))
    }

    fn encoding(&mut self, value: &[u8]) -> Result<(), Slug> {
        let once = !std::mem::replace(&mut self.chunked, true);
        let known = once && value.eq_ignore_ascii_case(b"chunked");
        known.then_some(()).ok_or(Slug::InvalidRequest)
    }

    fn rest(self, modern: bool) -> Result<Rest, Slug> {
        match (self.hosts, self.chunked, self.length) {
            (1, false, length) => Ok(Rest::Body(length.unwrap_or(0))),
            (1, true, None) if modern => Ok(Rest::Chunks),
            _ => Err(Slug::InvalidRequest),
        }
    }
}

/// RFC 9110 §5.6.2.
fn is_of_a_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
