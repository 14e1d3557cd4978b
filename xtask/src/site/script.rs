//! Makes JavaScript small: comments and blanks go, local names shrink, dead code is dropped.

use anyhow::{Context, ensure};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// The same module in fewer bytes; exports and properties keep their names.
pub(crate) fn minify(source: &str) -> anyhow::Result<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, source, SourceType::mjs()).parse();
    let faults: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
    ensure!(
        faults.is_empty(),
        "this is not JavaScript: {}",
        faults.join("; ")
    );

    let mut program = parsed.program;
    let minified = Minifier::new(MinifierOptions::default()).minify(&allocator, &mut program);
    let scoping = minified.scoping.context("the minifier renamed nothing")?;
    let printer = Codegen::new().with_options(CodegenOptions::minify());
    let printer = printer
        .with_scoping(Some(scoping))
        .with_private_member_mappings(minified.class_private_mappings);
    Ok(printer.build(&program).code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blanks_go_and_meaning_stays() {
        let small =
            minify("// why\nexport const twice = (n) => {\n  return n - -n;\n};\n").unwrap();

        assert_eq!(small.trim_end(), "export const twice=e=>e- -e;");
    }

    #[test]
    fn text_inside_a_template_is_not_touched() {
        let small = minify("export const t = (a) => `x  // ${a}\n  y`;").unwrap();

        assert!(small.contains("`x  // ${e}\n  y`"), "{small}");
    }

    #[test]
    fn an_element_keeps_its_public_name_and_methods() {
        let source = "class E extends HTMLElement { connectedCallback() { this.go(1); } go(n) { \
                      console.log(n); } } customElements.define('weir-dashboard', E);";

        let small = minify(source).unwrap();

        assert!(small.contains("connectedCallback"), "{small}");
        assert!(small.contains("weir-dashboard"), "{small}");
    }

    #[test]
    fn private_members_shrink_and_public_ones_do_not() {
        let small =
            minify("export class E { #secret = 1; shown() { return this.#secret; } }").unwrap();

        assert!(
            !small.contains("secret") && small.contains("shown"),
            "{small}"
        );
    }

    #[test]
    fn a_syntax_error_is_refused() {
        let error = minify("export const = 1;").unwrap_err();

        assert!(
            format!("{error:#}").starts_with("this is not JavaScript"),
            "{error:#}"
        );
    }
}
