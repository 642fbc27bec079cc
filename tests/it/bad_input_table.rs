//! The table of inputs and outcomes in the docs of `InitError`, walked: what it says is what happens.

use std::fmt::Write;

use fanin::{
    Constant, Fan, FanMode, He, InitError, Initializer, InitializerExt, Layout, LeCun, Normal, Scalar, Seed,
    TruncatedNormal, Uniform, VarianceScaling, Xavier,
};

/// "fills", or the name of the error; that nothing was written beside an error is asserted.
fn outcome<T: Scalar>(initializer: &dyn Initializer<T>) -> String {
    let mut w = [T::one() + T::one(); 3];
    match initializer.fill_shard(Seed::from(1), 0, &mut w) {
        Ok(()) => {
            assert!(w.iter().all(|w| w.is_finite()));
            "fills".into()
        }
        Err(error) => {
            assert!(w.iter().all(|&w| w == T::one() + T::one()), "{error}, and yet something was written");
            name(error)
        }
    }
}

fn name(error: InitError) -> String {
    let debug = format!("{error:?}");
    debug.split([' ', '(']).next().unwrap().to_owned()
}

type NumberRow = (&'static str, fn(f64) -> Box<dyn Initializer<f32>>, fn(f64) -> Box<dyn Initializer<f64>>);

type CountRow = (&'static str, fn(usize) -> Box<dyn Initializer<f32>>);

macro_rules! number_rows {
    ($($text:literal => $make:expr),* $(,)?) => {
        [$(($text, |x: f64| Box::new($make(x)), |x: f64| Box::new($make(x)))),*]
    };
}

fn numbers(table: &mut String) {
    let columns = [
        ("0", 0.0),
        ("1", 1.0),
        ("-1", -1.0),
        ("NaN", f64::NAN),
        ("infinity", f64::INFINITY),
        ("1e-310", 1e-310),
        ("1e39", 1e39),
    ];
    let rows: [NumberRow; 12] = number_rows! {
        "`Uniform::new(x, 2.0)`" => |x| Uniform::new(x, 2.0),
        "`Uniform::new(0.0, x)`" => |x| Uniform::new(0.0, x),
        "`Normal::new(x, 1.0)`" => |x| Normal::new(x, 1.0),
        "`Normal::new(0.0, x)`" => |x| Normal::new(0.0, x),
        "`TruncatedNormal::new(x, 1.0)`" => |x| TruncatedNormal::new(x, 1.0),
        "`TruncatedNormal::new(0.0, x)`" => |x| TruncatedNormal::new(0.0, x),
        "`TruncatedNormal::new(0.0, 1.0).bounds(x, x + 1.0)`" => |x| TruncatedNormal::new(0.0, 1.0).bounds(x, x + 1.0),
        "`Constant::new(x)`" => Constant::new,
        "`He::normal(8).gain(x)`" => |x: f64| He::normal(8).gain(x),
        "`He::normal(8).negative_slope(x)`" => |x| He::normal(8).negative_slope(x),
        "`Xavier::uniform((8, 8)).gain(x)`, `LeCun` likewise" => |x: f64| Xavier::uniform((8, 8)).gain(x),
        "`VarianceScaling::normal(x, ..)`" => |x| VarianceScaling::normal(x, FanMode::FanIn, Fan::dense(8, 8)),
    };
    writeln!(table, "| filling `f32` from | x = {} |", columns.map(|c| c.0).join(" | ")).unwrap();
    writeln!(table, "|{}", " --- |".repeat(columns.len() + 1)).unwrap();
    for (text, make, make_f64) in rows {
        let cells = columns.map(|(_, x)| match (outcome(&*make(x)), outcome(&*make_f64(x))) {
            (single, double) if single == double => single,
            (single, double) => format!("{single} (`f64`: {double})"),
        });
        writeln!(table, "| {text} | {} |", cells.join(" | ")).unwrap();
    }
}

fn counts(table: &mut String) {
    let columns = [("0", 0), ("1", 1), ("3", 3), ("usize::MAX", usize::MAX)];
    let rows: [CountRow; 10] = [
        ("`He::normal(n)`, `LeCun` likewise", |n| Box::new(He::normal(n))),
        ("`LeCun::truncated_normal(n)`", |n| Box::new(LeCun::truncated_normal(n))),
        ("`Xavier::normal((n, 1))`", |n| Box::new(Xavier::normal((n, 1)))),
        ("`Xavier::normal((1, n))`", |n| Box::new(Xavier::normal((1, n)))),
        ("`Fan::dense(n, 1)`", |n| Box::new(He::normal(Fan::dense(n, 1)))),
        ("`Fan::conv(n, 1, [3])`", |n| Box::new(He::normal(Fan::conv(n, 1, [3])))),
        ("`Fan::conv(1, 1, [n, n])`", |n| Box::new(He::normal(Fan::conv(1, 1, [n, n])))),
        ("`Fan::conv(4, 4, [3]).groups(n)`", |n| Box::new(He::normal(Fan::conv(4, 4, [3]).groups(n)))),
        ("`Fan::from_shape(&[n, n], ..)`", |n| Box::new(He::normal(Fan::from_shape(&[n, n], Layout::OutIn)))),
        ("`Fan::from_shape(&[n], ..)`", |n| Box::new(He::normal(Fan::from_shape(&[n], Layout::InOut)))),
    ];
    writeln!(table, "\n| filling from | n = {} |", columns.map(|c| c.0).join(" | ")).unwrap();
    writeln!(table, "|{}", " --- |".repeat(columns.len() + 1)).unwrap();
    for (text, make) in rows {
        writeln!(table, "| {text} | {} |", columns.map(|(_, n)| outcome(&*make(n))).join(" | ")).unwrap();
    }
}

fn buffers(table: &mut String) {
    writeln!(table, "\n| filling | outcome |\n| --- | --- |").unwrap();
    let mut row = |text: &str, outcome: String| writeln!(table, "| {text} | {outcome} |").unwrap();
    let said = |result: Result<(), InitError>| result.map_or_else(name, |()| "fills".into());
    let normal = Normal::new(0.0, 1.0);
    row("an empty slice", said(normal.seed(1).try_fill(&mut [0.0_f32; 0])));
    row(
        "an empty slice, of a distribution that is wrong",
        said(He::normal(0).seed(1).try_fill(&mut [0.0_f32; 0])),
    );
    row(
        "a shard that ends at element 2^63",
        said(normal.fill_shard(1.into(), (1 << 63) - 2, &mut [0.0_f32; 2])),
    );
    row("a shard that ends beyond", said(normal.fill_shard(1.into(), (1 << 63) - 1, &mut [0.0_f32; 2])));
    row("a shard at offset `u64::MAX`", said(normal.fill_shard(1.into(), u64::MAX, &mut [0.0_f32; 2])));
    let mut strided = ndarray::Array2::<f32>::zeros((4, 6));
    let transposed = &mut strided.view_mut().reversed_axes();
    row("a transposed or strided view of ndarray", said(normal.seed(1).try_fill(transposed)));
    let mut short = [half::f16::ZERO; 2];
    row("`f16` with `Normal::new(0.0, 1e4)`", said(Normal::new(0.0, 1e4).seed(1).try_fill(&mut short)));
    row("`f16` with `Constant::new(65504.0)`", said(Constant::new(65504.0).seed(1).try_fill(&mut short)));
    row("`f16` with `Constant::new(65520.0)`", said(Constant::new(65520.0).seed(1).try_fill(&mut short)));
}

#[test]
fn the_table_says_what_happens() {
    let mut table = String::new();
    numbers(&mut table);
    counts(&mut table);
    buffers(&mut table);
    let written = include_str!("../../src/bad_input.md");
    assert_eq!(written, table, "src/bad_input.md should read\n{table}");
}
