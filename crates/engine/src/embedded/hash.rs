//! `weir_hash`: the keyed hash mask as a function of the engine.

use std::any::Any;
use std::sync::Arc;

use arrow::array::{AsArray, StringBuilder};
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use weir_query::sql::HASH_FUNCTION;

use crate::mask_key::MaskKey;

/// The function, and the key it hashes with.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct HashMask {
    key: MaskKey,
    signature: Signature,
}

impl HashMask {
    /// The function as `DataFusion` registers it.
    pub(super) fn function(key: MaskKey) -> Arc<ScalarUDF> {
        let signature = Signature::exact(vec![DataType::Utf8], Volatility::Immutable);
        Arc::new(ScalarUDF::from(Self { key, signature }))
    }
}

impl ScalarUDFImpl for HashMask {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn name(&self) -> &'static str {
        HASH_FUNCTION
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Scalar(ScalarValue::Utf8(text))] => {
                let masked = text.as_deref().map(|text| self.key.mask(text));
                Ok(ColumnarValue::Scalar(ScalarValue::Utf8(masked)))
            }
            [ColumnarValue::Array(texts)] => {
                let Some(texts) = texts.as_string_opt::<i32>() else {
                    return exec_err!("{HASH_FUNCTION} takes text");
                };
                let mut masked = StringBuilder::new();
                for text in texts {
                    masked.append_option(text.map(|text| self.key.mask(text)));
                }
                Ok(ColumnarValue::Array(Arc::new(masked.finish())))
            }
            _ => exec_err!("{HASH_FUNCTION} takes one text"),
        }
    }
}
