//! Functions that Athena has and the embedded engine does not, as far as Weir's compiler names them.

use std::any::Any;
use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::sql::OWN_PREFIX;

/// All of them.
pub(crate) fn all() -> Vec<Arc<ScalarUDF>> {
    let named = |which: Which| {
        let own = Own {
            name: format!("{OWN_PREFIX}{}", which.name()),
            signature: Signature::exact(which.takes(), Volatility::Immutable),
            which,
        };
        Arc::new(ScalarUDF::from(own))
    };
    [
        Which::ToUtf8,
        Which::FromHex,
        Which::ToHex,
        Which::HmacSha256,
    ]
    .map(named)
    .to_vec()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Which {
    ToUtf8,
    FromHex,
    ToHex,
    HmacSha256,
}

impl Which {
    fn name(self) -> &'static str {
        match self {
            Self::ToUtf8 => "to_utf8",
            Self::FromHex => "from_hex",
            Self::ToHex => "to_hex",
            Self::HmacSha256 => "hmac_sha256",
        }
    }

    fn takes(self) -> Vec<DataType> {
        match self {
            Self::ToUtf8 | Self::FromHex => vec![DataType::Utf8],
            Self::ToHex => vec![DataType::Binary],
            Self::HmacSha256 => vec![DataType::Binary, DataType::Binary],
        }
    }

    fn gives(self) -> DataType {
        match self {
            Self::ToHex => DataType::Utf8,
            Self::ToUtf8 | Self::FromHex | Self::HmacSha256 => DataType::Binary,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Own {
    name: String,
    signature: Signature,
    which: Which,
}

impl ScalarUDFImpl for Own {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.which.gives())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let array: ArrayRef = match (self.which, arrays.as_slice()) {
            (Which::ToUtf8, [texts]) => binary(texts.len(), |row| {
                let texts = texts.as_string::<i32>();
                Ok(texts
                    .is_valid(row)
                    .then(|| texts.value(row).as_bytes().to_vec()))
            })?,
            (Which::FromHex, [texts]) => binary(texts.len(), |row| {
                let texts = texts.as_string::<i32>();
                let text = texts.is_valid(row).then(|| texts.value(row));
                text.map(from_hex).transpose()
            })?,
            (Which::ToHex, [bytes]) => to_hex(bytes),
            (Which::HmacSha256, [bytes, keys]) => binary(bytes.len(), |row| {
                let (bytes, keys) = (bytes.as_binary::<i32>(), keys.as_binary::<i32>());
                let known = bytes.is_valid(row) && keys.is_valid(row);
                Ok(known.then(|| hmac(bytes.value(row), keys.value(row))))
            })?,
            _ => return exec_err!("{} takes other arguments", self.name),
        };
        Ok(ColumnarValue::Array(array))
    }
}

fn binary(rows: usize, value: impl Fn(usize) -> Result<Option<Vec<u8>>>) -> Result<ArrayRef> {
    let mut builder = BinaryBuilder::new();
    for row in 0..rows {
        builder.append_option(value(row)?);
    }
    Ok(Arc::new(builder.finish()))
}

/// Upper case, as Athena writes it.
fn to_hex(bytes: &ArrayRef) -> ArrayRef {
    let mut builder = StringBuilder::new();
    for bytes in bytes.as_binary::<i32>() {
        let digits = bytes.map(|bytes| {
            bytes.iter().fold(String::new(), |mut digits, byte| {
                // Writing into a string cannot fail.
                let _ = write!(digits, "{byte:02X}");
                digits
            })
        });
        builder.append_option(digits);
    }
    Arc::new(builder.finish())
}

fn from_hex(text: &str) -> Result<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    };
    let bytes: Option<_> = digits.map(byte).collect();
    let Some(bytes) = bytes else {
        return exec_err!("from_hex takes pairs of hexadecimal digits");
    };
    Ok(bytes)
}

fn hmac(bytes: &[u8], key: &[u8]) -> Vec<u8> {
    // Keys of every length are fine (RFC 2104 §2).
    let keyed = <Hmac<Sha256> as Mac>::new_from_slice(key);
    keyed.map_or_else(
        |_| Vec::new(),
        |keyed| keyed.chain_update(bytes).finalize().into_bytes().to_vec(),
    )
}
