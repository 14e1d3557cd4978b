//! Expressions: the ones of the compiler, each written in one way.

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DuplicateTreatment, ExactNumberInfo, Expr, Function,
    FunctionArg, FunctionArgExpr, FunctionArguments, Ident, TimezoneInfo, TypedString,
    UnaryOperator, Value,
};

use super::SyntaxError;

/// Aggregates, which may be filtered.
const AGGREGATES: [&str; 4] = ["sum", "min", "max", "count"];

/// Functions that the embedded engine knows under the same name, with the same meaning.
const SHARED: [&str; 2] = ["nullif", "lower"];

/// Functions that the simulator brings itself; [`crate::functions`] has them under this prefix.
const OWN: [&str; 4] = ["to_utf8", "from_hex", "to_hex", "hmac_sha256"];

/// What the simulator's own functions are called in the embedded engine.
pub(crate) const OWN_PREFIX: &str = "athena_";

/// Writes `expression` for the embedded engine.
pub(super) fn write(expression: &Expr) -> Result<String, SyntaxError> {
    match expression {
        Expr::Identifier(name) => identifier(name),
        Expr::Value(value) => literal(&value.value),
        Expr::TypedString(typed) => typed_string(typed),
        Expr::Nested(inner) => Ok(format!("({})", write(inner)?)),
        Expr::UnaryOp { op, expr } => unary(*op, expr),
        Expr::BinaryOp { left, op, right } => Ok(format!(
            "{} {} {}",
            write(left)?,
            operator(op)?,
            write(right)?
        )),
        Expr::IsNull(inner) => Ok(format!("{} IS NULL", write(inner)?)),
        Expr::InList {
            expr,
            list,
            negated: false,
        } => Ok(format!("{} IN ({})", write(expr)?, all(list)?)),
        Expr::Like {
            negated: false,
            any: false,
            expr,
            pattern,
            escape_char: Some(escape),
        } => {
            let (text, pattern) = (write(expr)?, write(pattern)?);
            Ok(format!("{text} LIKE {pattern} ESCAPE {}", literal(escape)?))
        }
        Expr::Substring {
            expr,
            substring_from: Some(from),
            substring_for: Some(length),
            special: true,
            shorthand: true,
        } => Ok(format!(
            "substr({}, {}, {})",
            write(expr)?,
            write(from)?,
            write(length)?
        )),
        Expr::Cast {
            kind: CastKind::Cast,
            expr,
            data_type,
            array: false,
            format: None,
        } => cast(expr, data_type),
        Expr::Function(function) => call(function),
        _ => Err(SyntaxError::outside("an expression like this")),
    }
}

/// Names are lower case to Athena, quoted or not.
pub(super) fn identifier(name: &Ident) -> Result<String, SyntaxError> {
    if name.value.is_empty() {
        return Err(SyntaxError::new(
            "Zero-length delimited identifier not allowed",
        ));
    }
    let lower = name.value.to_lowercase();
    Ok(format!("\"{}\"", lower.replace('"', "\"\"")))
}

fn all(list: &[Expr]) -> Result<String, SyntaxError> {
    let written: Result<Vec<_>, _> = list.iter().map(write).collect();
    Ok(written?.join(", "))
}

fn literal(value: &Value) -> Result<String, SyntaxError> {
    match value {
        Value::Number(digits, false) => number(digits),
        Value::SingleQuotedString(text) => Ok(format!("'{}'", text.replace('\'', "''"))),
        Value::Boolean(true) => Ok("TRUE".to_owned()),
        Value::Boolean(false) => Ok("FALSE".to_owned()),
        Value::Null => Ok("NULL".to_owned()),
        _ => Err(SyntaxError::outside("a literal like this")),
    }
}

/// `1.5` is a decimal to Athena and a double to the embedded engine, so it is not taken.
fn number(digits: &str) -> Result<String, SyntaxError> {
    let exponent = digits.contains(['e', 'E']);
    if exponent || digits.chars().all(|c| c.is_ascii_digit()) {
        return Ok(digits.to_owned());
    }
    Err(SyntaxError::outside("a bare decimal"))
}

fn typed_string(typed: &TypedString) -> Result<String, SyntaxError> {
    let text = literal(&typed.value.value)?;
    match (&typed.data_type, typed.uses_odbc_syntax) {
        (DataType::Date, false) => Ok(format!("DATE {text}")),
        (DataType::Timestamp(None, TimezoneInfo::None), false) => {
            Ok(format!("CAST({text} AS TIMESTAMP(3))"))
        }
        _ => Err(SyntaxError::outside("a typed literal like this")),
    }
}

fn unary(operator: UnaryOperator, inner: &Expr) -> Result<String, SyntaxError> {
    match operator {
        UnaryOperator::Not => Ok(format!("NOT {}", write(inner)?)),
        UnaryOperator::Minus => Ok(format!("-{}", write(inner)?)),
        _ => Err(SyntaxError::outside("an operator like this")),
    }
}

fn operator(operator: &BinaryOperator) -> Result<&'static str, SyntaxError> {
    Ok(match operator {
        BinaryOperator::Plus => "+",
        BinaryOperator::Minus => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
        BinaryOperator::StringConcat => "||",
        BinaryOperator::Eq => "=",
        BinaryOperator::NotEq => "<>",
        BinaryOperator::Lt => "<",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Gt => ">",
        BinaryOperator::GtEq => ">=",
        BinaryOperator::And => "AND",
        BinaryOperator::Or => "OR",
        _ => return Err(SyntaxError::outside("an operator like this")),
    })
}

fn cast(inner: &Expr, to: &DataType) -> Result<String, SyntaxError> {
    let name = match to {
        DataType::Boolean => "boolean".to_owned(),
        DataType::BigInt(None) => "bigint".to_owned(),
        DataType::Double(ExactNumberInfo::None) => "double".to_owned(),
        DataType::Decimal(ExactNumberInfo::PrecisionAndScale(precision, scale)) => {
            format!("decimal({precision},{scale})")
        }
        // How numbers and times become text differs between the engines.
        DataType::Varchar(None) if matches!(inner, Expr::Value(_)) => "varchar".to_owned(),
        DataType::Date => return as_date(inner),
        DataType::Timestamp(None, TimezoneInfo::None) => "timestamp(3)".to_owned(),
        _ => return Err(SyntaxError::outside("a cast like this")),
    };
    Ok(format!("CAST({} AS {name})", write(inner)?))
}

/// `date_trunc` of a date is a date to Athena and a timestamp to the embedded engine. Around it the
/// compiler writes a cast, and only there it is taken.
fn as_date(inner: &Expr) -> Result<String, SyntaxError> {
    let Expr::Function(function) = inner else {
        return Ok(format!("CAST({} AS date)", write(inner)?));
    };
    let arguments = match (
        function.name.to_string().to_lowercase().as_str(),
        arguments(function)?,
    ) {
        ("date_trunc", (None, arguments)) if function.filter.is_none() => arguments,
        _ => return Ok(format!("CAST({} AS date)", call(function)?)),
    };
    let [unit, date] = arguments.as_slice() else {
        return Err(SyntaxError::new(
            "Unexpected parameters for function date_trunc",
        ));
    };
    let units = ["'day'", "'week'", "'month'", "'quarter'", "'year'"];
    if !units.contains(&unit.as_str()) {
        return Err(SyntaxError::new(format!(
            "{unit} is not a valid DATE field"
        )));
    }
    Ok(format!("CAST(date_trunc({unit}, {date}) AS date)"))
}

type Arguments = (Option<DuplicateTreatment>, Vec<String>);

fn call(function: &Function) -> Result<String, SyntaxError> {
    let (treatment, arguments) = arguments(function)?;
    let name = function.name.to_string().to_lowercase();
    let known = |list: &[&str]| list.contains(&name.as_str());
    if known(&AGGREGATES) {
        let distinct = match treatment {
            Some(DuplicateTreatment::Distinct) => "DISTINCT ",
            _ => "",
        };
        let filter = match &function.filter {
            Some(condition) => format!(" FILTER (WHERE {})", write(condition)?),
            None => String::new(),
        };
        return Ok(format!(
            "{name}({distinct}{}){filter}",
            arguments.join(", ")
        ));
    }
    if treatment.is_some() || function.filter.is_some() {
        return Err(SyntaxError::outside("a function call like this"));
    }
    if known(&SHARED) {
        return Ok(format!("{name}({})", arguments.join(", ")));
    }
    if known(&OWN) {
        return Ok(format!("{OWN_PREFIX}{name}({})", arguments.join(", ")));
    }
    Err(SyntaxError::new(format!(
        "Function '{name}' not registered"
    )))
}

fn arguments(function: &Function) -> Result<Arguments, SyntaxError> {
    let refused = || SyntaxError::outside("a function call like this");
    let Function {
        name: _,
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(list),
        filter: _,
        null_treatment: None,
        over: None,
        within_group,
    } = function
    else {
        return Err(refused());
    };
    if !within_group.is_empty() || !list.clauses.is_empty() {
        return Err(refused());
    }
    let argument = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => write(expression),
        FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Ok("*".to_owned()),
        _ => Err(refused()),
    };
    let written: Result<Vec<_>, _> = list.args.iter().map(argument).collect();
    Ok((list.duplicate_treatment, written?))
}

/// Whether an aggregate stands in `expression`, in one of the ways the compiler puts it there.
pub(super) fn is_aggregate(expression: &Expr) -> bool {
    match expression {
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            let inside = || match &function.args {
                FunctionArguments::List(list) => list.args.iter().any(|argument| {
                    matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(inner))
                        if is_aggregate(inner))
                }),
                _ => false,
            };
            AGGREGATES.contains(&name.as_str()) || inside()
        }
        Expr::Cast { expr, .. } | Expr::Nested(expr) => is_aggregate(expr),
        Expr::BinaryOp { left, right, .. } => is_aggregate(left) || is_aggregate(right),
        _ => false,
    }
}
