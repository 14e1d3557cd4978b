//! What is decided before there is a syntax tree: which characters may stand in a text at all, what
//! stands for question marks, which snapshots tables are pinned to.

use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::{SyntaxError, Unload};

/// The tokens of `text`, without the space between them, if every one is known.
pub(super) fn read(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let tokens = Tokenizer::new(&GenericDialect {}, text)
        .tokenize()
        .map_err(|error| SyntaxError::new(error.to_string()))?;
    let glued = |pair: &[Token]| matches!(pair, [Token::Number(..), Token::Word(_)]);
    if tokens.windows(2).any(glued) {
        return Err(SyntaxError::new("identifiers must not start with a digit"));
    }
    let mut kept = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::Whitespace(_) => {}
            token if is_known(&token) => kept.push(token),
            token => return Err(mismatched(&token)),
        }
    }
    no_offset_after_limit(&kept)?;
    Ok(kept)
}

fn mismatched(token: &Token) -> SyntaxError {
    SyntaxError::new(format!("mismatched input '{token}'"))
}

fn is_known(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(word.quote_style, None | Some('"')),
        Token::Number(_, long) => !long,
        Token::Placeholder(mark) => mark == "?",
        Token::SingleQuotedString(_)
        | Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::LtEq
        | Token::Gt
        | Token::GtEq
        | Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::Mod
        | Token::StringConcat => true,
        _ => false,
    }
}

/// Athena wants `OFFSET` first; parsers that don't care would take both orders.
fn no_offset_after_limit(tokens: &[Token]) -> Result<(), SyntaxError> {
    let limit = tokens.iter().position(|token| is_word(token, "LIMIT"));
    let offset = tokens.iter().rposition(|token| is_word(token, "OFFSET"));
    match (limit, offset) {
        (Some(limit), Some(offset)) if limit < offset => Err(SyntaxError::new(
            "mismatched input 'OFFSET'. Expecting: <EOF>",
        )),
        _ => Ok(()),
    }
}

/// Puts each parameter, which must be one literal, in the place of its question mark.
pub(super) fn with_parameters(
    tokens: Vec<Token>,
    parameters: &[String],
) -> Result<Vec<Token>, SyntaxError> {
    let marks = tokens.iter().filter(|token| is_mark(token)).count();
    if marks != parameters.len() {
        return Err(SyntaxError::new(format!(
            "Incorrect number of parameters: expected {marks} but found {}",
            parameters.len()
        )));
    }
    let mut parameters = parameters.iter();
    let mut filled = Vec::with_capacity(tokens.len());
    for token in tokens {
        match is_mark(&token).then(|| parameters.next()).flatten() {
            Some(parameter) => filled.extend(literal(parameter)?),
            None => filled.push(token),
        }
    }
    Ok(filled)
}

fn is_mark(token: &Token) -> bool {
    matches!(token, Token::Placeholder(_))
}

/// A parameter's text is an expression. Only literals are understood; text without its quotes, the
/// usual mistake, is taken for a column.
fn literal(parameter: &str) -> Result<Vec<Token>, SyntaxError> {
    let tokens = read(parameter)?;
    let known = match tokens.as_slice() {
        [Token::SingleQuotedString(_) | Token::Number(..)] | [Token::Minus, Token::Number(..)] => {
            true
        }
        [word] => ["TRUE", "FALSE", "NULL"]
            .iter()
            .any(|known| is_word(word, known)),
        [word, Token::SingleQuotedString(_)] => is_word(word, "DATE") || is_word(word, "TIMESTAMP"),
        _ => false,
    };
    if known {
        return Ok([vec![Token::LParen], tokens, vec![Token::RParen]].concat());
    }
    let message = format!("Column '{parameter}' cannot be resolved");
    Err(SyntaxError::new(message))
}

/// The query inside `UNLOAD (…) TO '…' WITH (format = 'PARQUET', compression = 'ZSTD')`.
pub(super) fn unload(tokens: Vec<Token>) -> Result<(Vec<Token>, Option<Unload>), SyntaxError> {
    if !tokens.first().is_some_and(|token| is_word(token, "UNLOAD")) {
        return Ok((tokens, None));
    }
    let refused = || SyntaxError::outside("this form of UNLOAD");
    let end = tokens.iter().rposition(|token| is_word(token, "TO"));
    let (query, target) = tokens.split_at(end.ok_or_else(refused)?);
    let [_, Token::LParen, query @ .., Token::RParen] = query else {
        return Err(refused());
    };
    let [_, Token::SingleQuotedString(to), options @ ..] = target else {
        return Err(refused());
    };
    let options: String = options
        .iter()
        .map(|token| token.to_string().to_lowercase())
        .collect();
    let (format, compression) = ("format='parquet'", "compression='zstd'");
    let accepted = [
        format!("with({format},{compression})"),
        format!("with({compression},{format})"),
    ];
    if !accepted.contains(&options) || !to.starts_with("s3://") || !to.ends_with('/') {
        return Err(refused());
    }
    Ok((query.to_vec(), Some(Unload { to: to.clone() })))
}

/// The tokens without their `FOR VERSION AS OF n`, and the numbers, in their order.
pub(super) fn without_pins(tokens: &[Token]) -> Result<(Vec<Token>, Vec<String>), SyntaxError> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut pins = Vec::new();
    let mut rest = tokens;
    while let Some((token, behind)) = rest.split_first() {
        rest = behind;
        if is_word(token, "FOR") {
            if !matches!(kept.as_slice(), [.., Token::Period, Token::Word(_)]) {
                return Err(mismatched(token));
            }
            let (number, behind) = pin(behind)?;
            pins.push(number);
            rest = behind;
        } else if is_word(token, "VERSION") || is_word(token, "TIMESTAMP") && as_of(behind) {
            // What Spark and Databricks write.
            return Err(mismatched(token));
        } else {
            kept.push(token.clone());
        }
    }
    Ok((kept, pins))
}

fn pin(tokens: &[Token]) -> Result<(String, &[Token]), SyntaxError> {
    let refused = || SyntaxError::outside("any FOR clause but FOR VERSION AS OF a number");
    let [version, rest @ ..] = tokens else {
        return Err(refused());
    };
    match rest {
        [_, _, Token::Number(number, _), behind @ ..]
            if is_word(version, "VERSION")
                && as_of(rest)
                && number.chars().all(|c| c.is_ascii_digit()) =>
        {
            Ok((number.clone(), behind))
        }
        _ => Err(refused()),
    }
}

fn as_of(tokens: &[Token]) -> bool {
    matches!(tokens, [first, second, ..] if is_word(first, "AS") && is_word(second, "OF"))
}

/// Whether a token is this word, written without quotes.
fn is_word(token: &Token, wanted: &str) -> bool {
    matches!(token, Token::Word(word)
        if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(wanted))
}
