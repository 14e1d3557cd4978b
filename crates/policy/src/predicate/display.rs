//! The readable form: `business_unit in {auto, home} and not legal_hold`.

use std::fmt;

use super::{Comparison, Predicate};
use crate::value::Value;

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eq => "=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        })
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Never => f.write_str("never"),
            Self::Compare {
                column,
                op: Comparison::Eq,
                value: Value::Boolean(known),
            } => {
                write!(f, "{}{column}", if *known { "" } else { "not " })
            }
            Self::Compare { column, op, value } => write!(f, "{column} {op} {value}"),
            Self::In { column, values } => write!(f, "{column} in {}", Set(values)),
            Self::IsNull(column) => write!(f, "{column} is null"),
            Self::LikePrefix { column, prefix } => write!(f, "{column} starts with {prefix:?}"),
            Self::All(parts) => joined(f, parts, " and "),
            Self::Any(parts) => joined(f, parts, " or "),
            Self::Not(part) => negated(f, part),
        }
    }
}

fn negated(f: &mut fmt::Formatter<'_>, part: &Predicate) -> fmt::Result {
    match part {
        Predicate::Compare {
            column,
            op: Comparison::Eq,
            value,
        } => {
            write!(f, "{column} != {value}")
        }
        Predicate::In { column, values } => write!(f, "{column} not in {}", Set(values)),
        Predicate::IsNull(column) => write!(f, "{column} is not null"),
        other => write!(f, "not ({other})"),
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Predicate], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        match part {
            Predicate::All(_) | Predicate::Any(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

struct Set<'a>(&'a std::collections::BTreeSet<Value>);

impl fmt::Display for Set<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, value) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{value}")?;
        }
        f.write_str("}")
    }
}
