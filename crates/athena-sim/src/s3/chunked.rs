//! Uploads in signed chunks (`aws-chunked`): each says its length, and perhaps its signature.

use bytes::Bytes;

/// The chunks of `body`, joined; `None` when they are cut short.
pub(super) fn joined(body: &Bytes) -> Option<Bytes> {
    let mut rest = body.as_ref();
    let mut joined = Vec::with_capacity(rest.len());
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let (line, behind) = (rest.get(..end)?, rest.get(end + 2..)?);
        let length = line.split(|byte| *byte == b';').next()?;
        let length = usize::from_str_radix(std::str::from_utf8(length).ok()?, 16).ok()?;
        if length == 0 {
            // What follows are checksums.
            return Some(joined.into());
        }
        joined.extend_from_slice(behind.get(..length)?);
        rest = behind.get(length..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_a_short_one_is_noticed() {
        let body =
            Bytes::from("5;chunk-signature=x\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum: y\r\n\r\n");

        assert_eq!(joined(&body).unwrap(), "hello!");
        assert_eq!(joined(&body.slice(..24)), None);
    }
}
