use arrow::array::{ArrayRef, Int64Array, StringArray};
use weir_query::{Cell, CellType};

use super::*;

fn numbers(values: impl IntoIterator<Item = Option<i64>>) -> RecordBatch {
    let array: ArrayRef = Arc::new(values.into_iter().collect::<Int64Array>());
    RecordBatch::try_from_iter_with_nullable([("c0", array, true)]).unwrap()
}

fn promised(kind: CellType, direction: Direction, row_limit: usize) -> Gathered {
    let column = OutputColumn {
        name: "number".to_owned(),
        cell_type: kind,
    };
    let key = SortKey {
        column: 0,
        direction,
    };
    Gathered::for_tests(vec![column], vec![key], row_limit)
}

fn first_cells(export: Export) -> Vec<Cell> {
    let rows = export.flat_map(|batch| batch.unwrap().rows().to_vec());
    rows.map(|row| row[0].clone()).collect()
}

#[test]
fn rows_are_sorted_either_way_with_nulls_last() {
    for (direction, expected) in [
        (Direction::Ascending, [Some(1), Some(2), Some(3), None]),
        (Direction::Descending, [Some(3), Some(2), Some(1), None]),
    ] {
        let mut gathered = promised(CellType::Integer, direction, 10);
        gathered.add(&numbers([Some(2), None])).unwrap();
        gathered.add(&numbers([Some(3), Some(1)])).unwrap();

        let export = gathered
            .sorted()
            .unwrap()
            .into_export(Execution::for_tests());

        let expected = expected.map(|value| value.map_or(Cell::Null, Cell::Integer));
        assert_eq!(first_cells(export), expected);
    }
}

#[test]
fn an_export_is_cut_at_its_limit_and_its_last_batch_says_so() {
    let mut gathered = promised(CellType::Integer, Direction::Ascending, 10_000);
    gathered.add(&numbers((0..9_000).map(Some))).unwrap();
    assert!(!gathered.is_full());
    gathered.add(&numbers((9_000..10_001).map(Some))).unwrap();
    assert!(gathered.is_full());

    let export = gathered.into_export(Execution::for_tests());

    assert!(export.is_truncated());
    assert_eq!(export.rows(), 10_000);
    let batches: Vec<_> = export.map(Result::unwrap).collect();
    let sizes: Vec<_> = batches.iter().map(|batch| batch.rows().len()).collect();
    assert_eq!(sizes, [8_192, 808, 1_000]);
    let told: Vec<_> = batches.iter().map(ResultSet::is_truncated).collect();
    assert_eq!(told, [false, false, true]);
    assert_eq!(batches[2].rows()[999], [Cell::Integer(9_999)]);
}

#[test]
fn as_many_rows_as_may_be_carried_are_all_of_them() {
    let mut gathered = promised(CellType::Integer, Direction::Ascending, 3);
    gathered.add(&numbers((0..3).map(Some))).unwrap();

    let export = gathered.into_export(Execution::for_tests());

    assert!(!export.is_truncated());
    assert_eq!(export.rows(), 3);
}

#[test]
fn what_weighs_too_much_is_refused_and_slices_weigh_what_they_show() {
    let long: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(1 << 20); 4]));
    let all = RecordBatch::try_from_iter_with_nullable([("c0", long, true)]).unwrap();
    let mut gathered = promised(CellType::Text, Direction::Ascending, 1_000);

    // A slice of a quarter, sixty times: far less than four times as much.
    for _ in 0..60 {
        gathered.add(&all.slice(1, 1)).unwrap();
    }
    let error = (0..60).find_map(|_| gathered.add(&all).err());

    assert_eq!(error.unwrap().code(), "question_too_large");
}

#[test]
fn an_export_prints_no_data() {
    let mut gathered = promised(CellType::Integer, Direction::Ascending, 3);
    gathered.add(&numbers([Some(424_242)])).unwrap();

    let shown = format!("{:?}", gathered.into_export(Execution::for_tests()));

    assert!(!shown.contains("424242"), "{shown}");
}
