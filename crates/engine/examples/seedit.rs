//! scratch
fn main() {
    let rt = tokio::runtime::Runtime::new().unwrap();
    let t = std::time::Instant::now();
    let a: Vec<String> = std::env::args().collect();
    let plan = weir_engine::lake::seed::SeedPlan { dir: a[1].clone().into(), rows: a[2].parse().unwrap(), seed: 7 };
    let r = rt.block_on(weir_engine::lake::seed::seed(&plan, &|_| ()));
    println!("{r:#?} {:?}", t.elapsed());
}
