//! The words and signs of Athena SQL that Weir's statements are made of, and nothing else. What the
//! grammars around let pass although Athena reads it otherwise, or not at all, stands here.

/// Every word that is no name in quotes.
const WORDS: &[&str] = &[
    "AND",
    "AS",
    "ASC",
    "BY",
    "CAST",
    "COUNT",
    "DATE",
    "DESC",
    "DISTINCT",
    "ESCAPE",
    "FALSE",
    "FILTER",
    "FOR",
    "FROM",
    "GROUP",
    "IN",
    "IS",
    "LAST",
    "LIKE",
    "LIMIT",
    "MAX",
    "MIN",
    "NOT",
    "NULL",
    "NULLIF",
    "NULLS",
    "OF",
    "OR",
    "ORDER",
    "SELECT",
    "SUM",
    "TIMESTAMP",
    "TRUE",
    "VERSION",
    "WHERE",
    // Functions, in the case that they are written in.
    "date_trunc",
    "from_hex",
    "hmac_sha256",
    "lower",
    "substr",
    "to_hex",
    "to_utf8",
    // Types and names of the compiler's own.
    "bigint",
    "boolean",
    "date",
    "decimal",
    "double",
    "one",
    "t",
    "timestamp",
    "varchar",
];

const SIGNS: &[&str] = &[
    "(", ")", ",", ".", "*", "=", "<", "<=", ">", ">=", "+", "-", "/", "%", "||", "?",
];

/// A word, sign, literal or name, as it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Word(String),
    Number(String),
    Text(String),
    Name(String),
    Sign(String),
}

impl Token {
    fn is(&self, what: &str) -> bool {
        matches!(self, Self::Word(word) | Self::Sign(word) if word == what)
    }
}

/// The tokens of `sql`.
///
/// # Errors
/// What is no token of the lexicon.
pub(crate) fn tokens(sql: &str) -> Result<Vec<Token>, String> {
    let mut rest = sql;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ' ' => 1,
            '\'' | '"' => quoted(rest, first).ok_or("a quote without its end")?,
            _ if first.is_ascii_digit() => until(rest, |c| !c.is_ascii_alphanumeric() && c != '.'),
            _ if first.is_ascii_alphabetic() => {
                until(rest, |c| !c.is_ascii_alphanumeric() && c != '_')
            }
            _ => sign(rest).ok_or_else(|| format!("the sign `{first}`"))?,
        };
        let (raw, behind) = rest.split_at(length);
        rest = behind;
        tokens.extend(token(raw, first)?);
    }
    Ok(tokens)
}

fn token(raw: &str, first: char) -> Result<Option<Token>, String> {
    let own = raw.to_owned();
    match first {
        ' ' => Ok(None),
        '\'' => Ok(Some(Token::Text(own))),
        '"' => Ok(Some(Token::Name(own))),
        _ if first.is_ascii_digit() && is_number(raw) => Ok(Some(Token::Number(own))),
        _ if first.is_ascii_digit() => Err(format!("the number `{raw}`")),
        _ if first.is_ascii_alphabetic() && is_known(raw) => Ok(Some(Token::Word(own))),
        _ if first.is_ascii_alphabetic() => Err(format!("the word `{raw}`")),
        _ => Ok(Some(Token::Sign(own))),
    }
}

/// Whole, or the one double there is: engines differ about what `0.1` is.
fn is_number(raw: &str) -> bool {
    raw == "0E0" || raw.chars().all(|c| c.is_ascii_digit())
}

/// A word of the list, or the name of an output: `c0`, `c1`, ….
fn is_known(raw: &str) -> bool {
    let output = raw.strip_prefix('c').map(str::parse::<u8>);
    WORDS.contains(&raw) || output.is_some_and(|number| number.is_ok())
}

fn until(rest: &str, ends: impl Fn(char) -> bool) -> usize {
    rest.find(ends).unwrap_or(rest.len())
}

/// How long the quoted text at the start of `rest` is; a doubled quote belongs to it.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut at = 1;
    loop {
        at += rest.get(at..)?.find(quote)? + 1;
        if !rest.get(at..)?.starts_with(quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// The longest sign at the start of `rest`; comments begin with none.
fn sign(rest: &str) -> Option<usize> {
    let known = |sign: &&&str| rest.starts_with(**sign);
    let longest = SIGNS.iter().filter(known).map(|sign| sign.len()).max()?;
    let comment = rest.starts_with("--") || rest.starts_with("/*");
    (!comment).then_some(longest)
}

/// Why Athena must not see `sql`; `None` where nothing speaks against it.
pub(crate) fn refusal(sql: &str) -> Option<String> {
    match tokens(sql) {
        Ok(tokens) => grammar(&tokens),
        Err(what) => Some(what),
    }
}

/// Meanings that differ between engines, told by what stands beside what.
fn grammar(tokens: &[Token]) -> Option<String> {
    let misread = (0..tokens.len()).find(|at| is_misread(tokens, *at));
    if let Some(at) = misread {
        return Some(format!("{:?} where it stands, token {at}", tokens[at]));
    }
    let count = |word: &str| tokens.iter().filter(|token| token.is(word)).count();
    let one_of = ["LIMIT", "VERSION"].iter().find(|word| count(word) != 1);
    one_of.map(|word| format!("not one {word}"))
}

fn is_misread(tokens: &[Token], at: usize) -> bool {
    let says = |from: usize, words: &[&str]| {
        let beside = tokens.get(from..from + words.len());
        beside.is_some_and(|beside| beside.iter().zip(words).all(|(token, word)| token.is(word)))
    };
    let has_form = |form| tokens.get(at + 1).is_some_and(|next| is_form(next, form));
    let (Token::Word(word) | Token::Sign(word)) = &tokens[at] else {
        return false;
    };
    match word.as_str() {
        // A day and an instant are written in one form; an instant has no zone.
        "DATE" => !has_form("dddd-dd-dd"),
        "TIMESTAMP" => !has_form("dddd-dd-dd dd:dd:dd.ddd"),
        // `DECIMAL '1.10'` has another scale on another engine.
        "decimal" => !says(at + 1, &["("]),
        // Whole numbers would be divided without remainder.
        "/" => {
            !(says(at.saturating_sub(3), &["AS", "double", ")"]) && says(at + 1, &["NULLIF", "("]))
        }
        // One engine puts them first when it sorts downwards.
        "ASC" | "DESC" => !says(at + 1, &["NULLS", "LAST"]),
        // Two signs, which some read as one.
        "=" => says(at + 1, &["="]),
        "LIKE" => !says(at + 2, &["ESCAPE"]),
        "FROM" => {
            let pinned = says(at + 2, &["."]) && says(at + 4, &["FOR", "VERSION", "AS", "OF"]);
            !(pinned || says(at + 1, &["(", "SELECT"]))
        }
        "LIMIT" => at + 2 != tokens.len(),
        _ => false,
    }
}

/// Whether a literal has the form, in which `d` is a digit.
fn is_form(token: &Token, form: &str) -> bool {
    let Token::Text(raw) = token else {
        return false;
    };
    let inside = raw.trim_matches('\'');
    let fits = |(c, wanted): (char, char)| c == wanted || (wanted == 'd' && c.is_ascii_digit());
    inside.len() == form.len() && inside.chars().zip(form.chars()).all(fits)
}

/// The text with its values blanked out: what is the same for two viewers who chose otherwise.
pub(crate) fn shape(sql: &str) -> String {
    let mut shape = String::new();
    for token in tokens(sql).unwrap() {
        let blank = match &token {
            Token::Text(_) => "'…'",
            Token::Number(_) => "0",
            Token::Word(raw) | Token::Name(raw) | Token::Sign(raw) => raw,
        };
        let repeated = ["'…' , ", "0 , "]
            .iter()
            .find(|list| shape.ends_with(*list));
        // A list of values is as good as its first.
        if let Some(list) = repeated
            && list.starts_with(blank)
        {
            shape.truncate(shape.len() - ", ".len());
            continue;
        }
        shape.push_str(blank);
        shape.push(' ');
    }
    shape
}
