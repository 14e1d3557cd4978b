//! What must not type-check (invariant 4).

#[test]
fn invariant_4_a_tile_cannot_be_compiled_without_a_grant() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
