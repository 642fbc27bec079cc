//! The tables in the docs of `ChainError`, `NnError`, `TheoryError` and `testing`, walked: what they say is what
//! happens.

use std::fmt::{Debug, Write};

use fanin::chain::{GradientChain, Layer};
use fanin::nn::{Loss, Network, Tape};
use fanin::testing::{CheckGradientFlow, CheckLaw, check_gradient_flow, check_independent, check_law};
use fanin::theory::{
    Fluctuation, GainMethod, Inputs, LayerLaw, MeanField, NetworkLaw, Precision, critical, critical_points,
    gain_for,
};
use fanin::{Activation, Custom, Fan, He, InitializerExt, LeCun, Normal, Seed, Uniform, Xavier};

const NUMBERS: [(&str, f64); 8] = [
    ("0", 0.0),
    ("1", 1.0),
    ("-1", -1.0),
    ("NaN", f64::NAN),
    ("infinity", f64::INFINITY),
    ("1e-310", 1e-310),
    ("1e39", 1e39),
    ("1e300", 1e300),
];

const COUNTS: [(&str, usize); 4] = [("0", 0), ("1", 1), ("3", 3), ("usize::MAX", usize::MAX)];

/// The name of the error, or "fine".
fn said<T, E: Debug>(result: Result<T, E>) -> String {
    let Err(error) = result else { return "fine".into() };
    let debug = format!("{error:?}");
    debug.split([' ', '(']).next().unwrap().to_owned()
}

/// A number that is none says so.
fn number(value: f64) -> String {
    if value.is_nan() { "NaN".into() } else { "fine".into() }
}

fn table<X: Copy>(of: &str, columns: &[(&str, X)], rows: &[(&str, &dyn Fn(X) -> String)]) -> String {
    let mut table = String::new();
    let names: Vec<&str> = columns.iter().map(|column| column.0).collect();
    writeln!(table, "| {of} | x = {} |\n|{}", names.join(" | "), " --- |".repeat(columns.len() + 1)).unwrap();
    for (text, outcome) in rows {
        let cells: Vec<String> = columns.iter().map(|column| outcome(column.1)).collect();
        writeln!(table, "| {text} | {} |", cells.join(" | ")).unwrap();
    }
    table
}

fn list(of: &str, rows: &[(&str, String)]) -> String {
    let rows: String = rows.iter().map(|(text, outcome)| format!("| {text} | {outcome} |\n")).collect();
    format!("| {of} | outcome |\n| --- | --- |\n{rows}")
}

#[test]
fn theory() {
    let field = MeanField::new(Activation::Tanh, 1.5, 0.1).unwrap();
    let tanh = &Activation::Tanh;
    let law = NetworkLaw::dense(&[8; 5], tanh, |fan| LeCun::normal(fan).law()).unwrap();
    let predicted = |mean_square: f64| law.predict(&Inputs::alike(mean_square, 0.0)?);
    let rows: [(&str, &dyn Fn(f64) -> String); 14] = [
        ("`MeanField::new(.., x, 0.0)`", &|x| said(MeanField::new(Activation::Relu, x, 0.0))),
        ("`MeanField::new(.., 1.0, x)`", &|x| said(MeanField::new(Activation::Relu, 1.0, x))),
        ("`length_map(x)`, of tanh", &|x| number(field.length_map(x))),
        ("`chi(x)`, of tanh", &|x| number(field.chi(x))),
        ("`correlation_map(x, 0.5)`, of tanh", &|x| number(field.correlation_map(x, 0.5))),
        ("`correlation_map(1.0, x)`, of tanh", &|x| number(field.correlation_map(1.0, x))),
        ("`fixed_point_from(x)`, of tanh", &|x| said(field.fixed_point_from(x))),
        ("`correlation_point(x)`, of tanh", &|x| said(field.correlation_point(x))),
        ("`critical_points(&tanh, x)`", &|x| said(critical_points(tanh, x))),
        ("`Fluctuation::leaky_relu(8, x)`", &|x| said(Fluctuation::leaky_relu(8, x))),
        ("`Inputs::alike(x, 0.0)`", &|x| said(Inputs::alike(x, 0.0))),
        ("`Inputs::alike(1.0, x)`", &|x| said(Inputs::alike(1.0, x))),
        ("`predict`, for inputs of mean square x", &|x| said(predicted(x))),
        ("`Precision::F32.magnitude(x)`", &|x| format!("{:?}", Precision::F32.magnitude(x))),
    ];
    let numbers = table("theory, numbers", &NUMBERS, &rows);

    let normal = Normal::new(0.0, 0.1).law();
    let inputs = Inputs::alike(1.0, 0.0).unwrap();
    let layer = |inputs: usize, width: usize| LayerLaw::dense(inputs, width, normal, Activation::Relu);
    let rows: [(&str, &dyn Fn(usize) -> String); 5] = [
        ("`Fluctuation::relu(x)`", &|x| said(Fluctuation::relu(x))),
        ("`Inputs::from_batch(&[1.0; 6], x)`", &|x| said(Inputs::from_batch(&[1.0; 6], x))),
        ("`LayerLaw::dense(x, 2, ..)` in a `NetworkLaw`", &|x| said(NetworkLaw::new([layer(x, 2)]))),
        ("`LayerLaw::dense(2, x, ..)` in a `NetworkLaw`", &|x| said(NetworkLaw::new([layer(2, x)]))),
        ("`NetworkLaw::dense` of x widths of 4", &|x| {
            said(NetworkLaw::dense(&[4; 3][..x.min(3)], &Activation::Relu, |_| normal))
        }),
    ];
    let counts = table("theory, counts", &COUNTS, &rows);

    let nan = Activation::from(Custom::new("nan", |_| f64::NAN, |_| f64::NAN));
    let jumpy = Activation::from(Custom::new("constant", |_| 1.0, |_| 0.0));
    let with = |activation: &Activation| NetworkLaw::dense(&[4; 4], activation, |_| normal).unwrap();
    let shifted = Uniform::new(0.0, 1.0).law();
    let conv =
        NetworkLaw::new((0..3).map(|_| LayerLaw::conv(Fan::conv(2, 2, [3]), normal, Activation::Relu)));
    let odd = [layer(3, 4), layer(5, 2)];
    let list = list(
        "theory",
        &[
            ("`gain_for`, an activation that returns NaN", said(gain_for(&nan, GainMethod::Forward))),
            ("`critical`, an activation that returns NaN", said(critical(&nan))),
            ("`critical`, an activation that is constant", said(critical(&jumpy))),
            ("`predict`, an activation that returns NaN", said(with(&nan).predict(&inputs))),
            ("`band`, an activation that is constant", said(with(&jumpy).band(&inputs))),
            ("`band` of a convolution", said(conv.unwrap().band(&inputs))),
            ("`Inputs::from_batch`, an empty batch", said(Inputs::from_batch::<f32>(&[], 4))),
            ("`Inputs::from_batch`, NaN in the batch", said(Inputs::from_batch(&[1.0, f64::NAN], 2))),
            ("`cosines` of a single sample", said(law.cosines(&Inputs::from_batch(&[1.0, 2.0], 2).unwrap()))),
            ("`NetworkLaw`, weights of mean 1/2", {
                said(NetworkLaw::dense(&[4; 3], &Activation::Relu, |_| shifted))
            }),
            ("`NetworkLaw`, dense layers that do not fit", said(NetworkLaw::new(odd))),
        ],
    );
    let table = [numbers, counts, list].join("\n");
    assert_eq!(
        include_str!("../../src/theory/bad_input.md"),
        table,
        "src/theory/bad_input.md should read\n{table}"
    );
}

#[test]
fn chain() {
    let good = || Layer::new("", 2, &[1.0, 2.0, 3.0, 4.0]);
    let of = |layer: Layer| said(GradientChain::from_layers([good(), layer, good()]));
    let verdict = |delta: f64| {
        let layers = [1.0, delta, 1.0].map(|delta| Layer::new("", 1, &[delta]));
        format!("{:?}", GradientChain::from_layers(layers).unwrap().verdict()).replace(['{', '}'], "")
    };
    let numbers = table(
        "three layers, the middle delta",
        &NUMBERS,
        &[("`verdict()`", &|x| verdict(x).split_whitespace().next().unwrap().to_owned())],
    );
    let counts = table(
        "chain",
        &COUNTS,
        &[("`Layer::new(.., x, ..)`, 4 deltas", &|x| of(Layer::new("", x, &[1.0; 4])))],
    );
    let list = list(
        "`GradientChain::from_layers`",
        &[
            ("no layers", said(GradientChain::from_layers([]))),
            ("no deltas", of(Layer::new("", 2, &[0.0; 0]))),
            ("another number of samples", of(Layer::new("", 2, &[1.0; 6]))),
            ("z of another length", of(good().with_z(&[1.0; 3]))),
            ("h of another length", of(good().with_h(&[1.0; 3]))),
            ("dL/dh of another length", of(good().with_dl_dh(&[1.0; 3]))),
            ("saturation of another length", of(good().with_saturated(&[1.0; 3], |_| true))),
            ("an empty dW", of(good().with_d_weight(&[0.0; 0]))),
        ],
    );
    let table = [numbers, counts, list].join("\n");
    assert_eq!(
        include_str!("../../src/chain/bad_input.md"),
        table,
        "src/chain/bad_input.md should read\n{table}"
    );
}

#[test]
fn networks() {
    let of = |inputs: usize, width: usize| {
        said(Network::<f32>::new(inputs).dense(width, Activation::Relu).init(He::normal, 1))
    };
    let counts = table(
        "`Network::<f32>`, then `init`",
        &COUNTS,
        &[("`new(x).dense(2, ..)`", &|x| of(x, 2)), ("`new(2).dense(x, ..)`", &|x| of(2, x))],
    );
    let net = || {
        let net = Network::<f64>::new(3).dense(4, Activation::Tanh).dense(2, Activation::Identity);
        net.init(Xavier::normal, 1).unwrap()
    };
    let single = || Network::<f32>::new(3).dense(2, Activation::Identity);
    let labels = [0, 1];
    let batch = [1.0; 2 * 3];
    let loss = Loss::SoftmaxCrossEntropy;
    let of = |x: f64, loss| said(net().loss(&batch, &[0.5, 0.5, x, 0.5], loss));
    let numbers = table(
        "`Network`",
        &NUMBERS,
        &[
            ("`init` by `Normal::new(0.0, x)`", &|x| {
                said(Network::<f64>::new(3).dense(2, Activation::Relu).init(|_| Normal::new(0.0, x), 1))
            }),
            ("`train_step(.., learning_rate: x, ..)`", &|x| {
                said(net().train_step(&batch, &labels, loss, x, &mut Tape::new()))
            }),
            ("`Network::<f32>::train_step(.., learning_rate: x, ..)`", &|x| {
                said(single().train_step(&[0.0; 6], &labels, loss, x, &mut Tape::new()))
            }),
            ("`loss` of a target of x, mean-squared error", &|x| of(x, Loss::MeanSquaredError)),
            ("`loss` of a target of x, cross-entropy", &|x| of(x, Loss::SoftmaxCrossEntropy)),
            ("`gradient_chain` of a batch of x, `is_healthy()`", &|x| {
                let chain = net().gradient_chain(&batch.map(|one| one * x), &labels, loss).unwrap();
                chain.verdict().is_healthy().to_string()
            }),
        ],
    );
    let list = list(
        "`Network`",
        &[
            ("`init`, no layers", said(Network::<f32>::new(3).init(He::normal, 1))),
            ("`init`, a distribution that refuses", {
                said(Network::<f32>::new(3).dense(2, Activation::Relu).init(|_| He::normal(0), 1))
            }),
            ("`forward`, an empty batch", said(net().forward(&[0.0; 0]))),
            ("`forward`, rows that are too short", said(net().forward(&[[1.0; 2]; 2]))),
            ("`forward`, values that are not whole samples", said(net().forward(&[1.0; 5]))),
            ("`loss`, too few labels", said(net().loss(&batch, &labels[..1], loss))),
            ("`loss`, a label that is no class", said(net().loss(&batch, &[0_u8, 2], loss))),
            ("`loss`, a negative label", said(net().loss(&batch, &[0, -1], loss))),
            ("`loss`, rows of targets of another width", said(net().loss(&batch, &[[0.0; 3]; 2], loss))),
            ("`loss`, too few values", said(net().loss(&batch, &[0.0; 2], loss))),
            ("`loss`, values that are not whole rows", said(net().loss(&batch, &[0.0; 3], loss))),
            ("`chain_of`, a tape of another network", said(net().chain_of(&Tape::new()))),
        ],
    );
    let table = [counts, numbers, list].join("\n");
    assert_eq!(include_str!("../../src/nn/bad_input.md"), table, "src/nn/bad_input.md should read\n{table}");
}

#[test]
fn kit() {
    let he = He::normal(8);
    let mut good = [0.0_f32; 8];
    he.seed(1).fill(&mut good);
    let with = |x: f64| {
        let mut w = good;
        w[3] = x as f32;
        w
    };
    let panics = |call: &dyn Fn() -> CheckGradientFlow| {
        let call = std::panic::AssertUnwindSafe(call);
        if std::panic::catch_unwind(call).is_err() { "panics" } else { "fine" }.to_owned()
    };
    let layer = |delta: f64| Layer::new("", 1, &[delta]);
    let range = |x: f64| {
        let model = |_: Seed| GradientChain::from_layers([1.0; 3].map(layer)).unwrap();
        said(check_gradient_flow(&model, x..=1.0))
    };
    let numbers = table(
        "`testing`",
        &NUMBERS,
        &[
            ("`check_law`, one weight is x as `f32`", &|x| said(check_law(&with(x), &he))),
            ("`check_law`, the law is `Normal::new(0.0, x)`", &|x| {
                said(check_law(&good, &Normal::new(0.0, x)))
            }),
            ("`check_independent`, one weight is x as `f32`", &|x| {
                said(check_independent(&with(x), &[1.0; 8]))
            }),
            ("`check_gradient_flow`, expected x..=1.0, met 0.0", &range),
            ("`CheckLaw::at_rate(x)`", &|x| {
                panics(&|| {
                    let _ = CheckLaw::default().at_rate(x);
                    CheckGradientFlow::default()
                })
            }),
            ("`CheckGradientFlow::at_rate(x)`", &|x| panics(&|| CheckGradientFlow::default().at_rate(x))),
        ],
    );
    let counts = table(
        "`testing`",
        &COUNTS,
        &[
            ("`check_law`, x weights", &|x| said(check_law(&good[..x.min(8)], &he))),
            ("`check_independent`, x weights", &|x| said(check_independent(&good[..x.min(8)], &[1.0; 9]))),
            ("`check_gradient_flow`, x seeds", &|x| {
                let model = |_: Seed| GradientChain::from_layers([1.0; 3].map(layer)).unwrap();
                said(CheckGradientFlow::default().seeds(x.min(20)).check(&model, -1.0..=1.0))
            }),
        ],
    );
    let table = [numbers, counts].join("\n");
    assert_eq!(
        include_str!("../../src/testing/bad_input.md"),
        table,
        "src/testing/bad_input.md should read\n{table}"
    );
}
