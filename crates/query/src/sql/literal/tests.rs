use proptest::prelude::*;
use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::*;

fn tokens(sql: &str) -> Vec<Token> {
    Tokenizer::new(&GenericDialect {}, sql).tokenize().unwrap()
}

proptest! {
    /// Whatever the text, it comes back as one string token and nothing leaks out of its quotes.
    #[test]
    fn a_text_literal_is_one_token_with_the_same_text(raw in any::<String>()) {
        let literal = text(&raw);

        prop_assert_eq!(tokens(&literal), [Token::SingleQuotedString(raw)]);
    }

    #[test]
    fn an_integer_literal_evaluates_to_itself(value in any::<i64>()) {
        let sql = literal(&Value::Integer(value));

        let digits: String = sql.chars().filter(|c| !"()".contains(*c)).collect();
        if value == i64::MIN {
            prop_assert_eq!(sql, "(-9223372036854775807 - 1)");
        } else {
            prop_assert_eq!(digits.parse::<i64>().unwrap(), value);
        }
    }

    #[test]
    fn a_decimal_literal_names_a_type_that_holds_it(mantissa in any::<i64>(), scale in 0_u32..=18) {
        let value = Decimal::new(mantissa, scale);

        let sql = literal(&Value::Decimal(value));

        let inside = sql.strip_prefix("CAST('").unwrap().strip_suffix("))").unwrap();
        let (digits, kind) = inside.split_once("' AS decimal(").unwrap();
        let (precision, written_scale) = kind.split_once(',').unwrap();
        let precision: usize = precision.parse().unwrap();
        let significant = digits.trim_start_matches('-').replace('.', "");
        prop_assert_eq!(digits.parse::<Decimal>().unwrap(), value);
        prop_assert_eq!(written_scale.parse::<u32>().unwrap(), value.scale());
        prop_assert!(significant.trim_start_matches('0').len() <= precision);
    }
}

#[test]
fn p7_hostile_texts_stay_inside_their_quotes() {
    for raw in [
        "' OR ''='",
        "x') OR (1=1",
        "\\' OR 1=1 --",
        "/*",
        ";",
        "?",
        "\"",
        "${}",
        "\u{2bc}",
    ] {
        assert_eq!(
            tokens(&text(raw)),
            [Token::SingleQuotedString(raw.to_owned())],
            "{raw}"
        );
    }
}
