//! Twins: what the libraries in use draw, from the formulas of their own code, beside what is drawn here. The table where we differ by
//! choice is that of `docs/initializers.md`. `tests/twins.py` reads both and draws from the libraries themselves.

use fanin::{Axis, Fan, FanMode, He, Initializer, Law, Layout, LeCun, VarianceScaling, Xavier};

/// (fan_in, fan_out) as a library computes them from the shape of a tensor alone.
type Fans = fn(&[usize]) -> (f64, f64);

/// PyTorch 2.15, torch/nn/init.py, `_calculate_fan_in_and_fan_out`; timm 1.0.31 calls it, too.
fn torch(shape: &[usize]) -> (f64, f64) {
    let field: usize = shape[2..].iter().product();
    ((shape[1] * field) as f64, (shape[0] * field) as f64)
}

/// Keras 3.15, keras/src/initializers/random_initializers.py, `compute_fans`.
fn keras(shape: &[usize]) -> (f64, f64) {
    let (kernel, channels) = shape.split_at(shape.len() - 2);
    let field: usize = kernel.iter().product();
    ((channels[0] * field) as f64, (channels[1] * field) as f64)
}

/// JAX 0.10, jax/_src/nn/initializers.py, `_compute_fans` with `in_axis=-2, out_axis=-1`, no batch axis.
fn jax(shape: &[usize]) -> (f64, f64) {
    let size: usize = shape.iter().product();
    let (inputs, outputs) = (shape[shape.len() - 2], shape[shape.len() - 1]);
    let field = size as f64 / inputs as f64 / outputs as f64;
    (inputs as f64 * field, outputs as f64 * field)
}

/// The name of a twin, its variance from (fan_in, fan_out) by the library's own code, and the initializer here.
type Twin = (&'static str, fn(f64, f64) -> f64, fn(Fan) -> Law);

/// `calculate_gain('leaky_relu', a)` of PyTorch, squared.
const fn leaky(a: f64) -> f64 {
    2.0 / (1.0 + a * a)
}

const TORCH: [Twin; 7] = [
    ("xavier_uniform_(w)", |i, o| (6.0 / (i + o)) / 3.0, |fan| Xavier::uniform(fan).law()),
    ("xavier_normal_(w, 2)", |i, o| 4.0 * 2.0 / (i + o), |fan| Xavier::normal(fan).gain(2.0).law()),
    ("kaiming_uniform_(w)", |i, _| (3.0 * 2.0 / i) / 3.0, |fan| He::uniform(fan).law()),
    ("kaiming_normal_(w, a=0.2)", |i, _| leaky(0.2) / i, |fan| He::normal(fan).negative_slope(0.2).law()),
    (
        "kaiming_normal_(w, mode=\"fan_out\")",
        |_, o| 2.0 / o,
        |fan| He::normal(fan).mode(FanMode::FanOut).law(),
    ),
    (
        "kaiming_uniform_(w, a=sqrt(5)), the default of layers",
        |i, _| leaky(5_f64.sqrt()) / i,
        |fan| He::uniform(fan).negative_slope(5_f64.sqrt()).law(),
    ),
    ("timm lecun_normal_(w)", |i, _| 1.0 / i, |fan| LeCun::truncated_normal(fan).law()),
];

/// Keras and JAX give their names to the same formulas; He and LeCun normal are truncated ones.
const KERAS: [Twin; 6] = [
    ("GlorotUniform, xavier_uniform", |i, o| 2.0 / (i + o), |fan| Xavier::uniform(fan).law()),
    ("GlorotNormal, xavier_normal", |i, o| 2.0 / (i + o), |fan| Xavier::truncated_normal(fan).law()),
    ("HeNormal, kaiming_normal", |i, _| 2.0 / i, |fan| He::truncated_normal(fan).law()),
    ("HeUniform, kaiming_uniform", |i, _| 2.0 / i, |fan| He::uniform(fan).law()),
    ("LecunNormal, lecun_normal", |i, _| 1.0 / i, |fan| LeCun::truncated_normal(fan).law()),
    (
        "VarianceScaling(3, \"fan_out\", \"untruncated_normal\")",
        |_, o| 3.0 / o,
        |fan| VarianceScaling::normal(3.0, FanMode::FanOut, fan).law(),
    ),
];

/// A kind of layer: the fans here, and the shape that each library gives to its tensor.
struct Kind {
    name: &'static str,
    fan: fn() -> Fan,
    torch: &'static [usize],
    keras: &'static [usize],
    jax: &'static [usize],
}

const KINDS: [Kind; 6] = [
    Kind { name: "dense, 4 to 6", fan: || Fan::dense(4, 6), torch: &[6, 4], keras: &[4, 6], jax: &[4, 6] },
    Kind {
        name: "convolution, 4 to 6, 3 x 3",
        fan: || Fan::conv(4, 6, [3, 3]),
        torch: &[6, 4, 3, 3],
        keras: &[3, 3, 4, 6],
        jax: &[3, 3, 4, 6],
    },
    Kind {
        name: "in 2 groups",
        fan: || Fan::conv(4, 6, [3, 3]).groups(2),
        torch: &[6, 2, 3, 3],
        keras: &[3, 3, 2, 6],
        jax: &[3, 3, 2, 6],
    },
    Kind {
        name: "depthwise, 4 channels",
        fan: || Fan::conv(4, 4, [3, 3]).groups(4),
        torch: &[4, 1, 3, 3],
        keras: &[3, 3, 4, 1],
        jax: &[3, 3, 1, 4],
    },
    Kind {
        name: "transposed, 4 to 6",
        fan: || Fan::conv_transposed(4, 6, [3, 3]),
        torch: &[4, 6, 3, 3],
        keras: &[3, 3, 6, 4],
        jax: &[3, 3, 4, 6],
    },
    Kind {
        name: "3 stacked experts, 4 to 6",
        fan: || Fan::from_shape(&[3, 4, 6], Layout::axes(&[Axis::Batch, Axis::In, Axis::Out])),
        torch: &[3, 4, 6],
        keras: &[3, 4, 6],
        jax: &[3, 4, 6],
    },
];

fn same(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < 1e-12
}

#[test]
fn formulas_of_the_twins_are_ours_where_the_fans_are() {
    for kind in &KINDS {
        let fan = (kind.fan)();
        let ours = (fan.fan_in() as f64, fan.fan_out() as f64);
        let libraries: [(Fans, &[usize], &[Twin]); 3] =
            [(torch, kind.torch, &TORCH), (keras, kind.keras, &KERAS), (jax, kind.jax, &KERAS)];
        for (fans, shape, twins) in libraries {
            let theirs = fans(shape);
            for (name, variance, law) in twins {
                let found = law(fan).variance();
                assert!(same(variance(ours.0, ours.1), found), "{name}, {}", kind.name);
                // With their fans given as they are, their numbers come out for every kind of layer.
                let theirs_here = law(Fan::dense(theirs.0 as usize, theirs.1 as usize)).variance();
                assert!(same(variance(theirs.0, theirs.1), theirs_here), "{name}, {}", kind.name);
                if theirs == ours {
                    assert!(same(variance(theirs.0, theirs.1), found), "{name}, {}", kind.name);
                }
            }
        }
    }
    // That the comparison sees a fault: half-widths for standard deviations.
    assert!(!same(6.0 / 10.0, Xavier::uniform((4, 6)).law().variance()));
}

/// The fans of the libraries where they are not ours, as the page shows them.
#[test]
fn the_page_says_where_fans_differ() {
    let mut table = String::from(
        "| layer | fan_in, fan_out here | PyTorch, timm | Keras | JAX |\n| --- | --- | --- | --- | --- |\n",
    );
    for kind in &KINDS {
        let fan = (kind.fan)();
        let ours = (fan.fan_in() as f64, fan.fan_out() as f64);
        let cell = |theirs: (f64, f64)| {
            if theirs == ours { "the same".into() } else { format!("{}, {}", theirs.0, theirs.1) }
        };
        let cells = [torch(kind.torch), keras(kind.keras), jax(kind.jax)].map(cell).join(" | ");
        table += &format!("| {} | {}, {} | {cells} |\n", kind.name, ours.0, ours.1);
    }
    let page = include_str!("../../docs/initializers.md");
    assert!(page.contains(&table), "docs/initializers.md should hold\n{table}");
}

/// What a tensor's shape alone says, in our layouts: what the table starts from.
#[test]
fn shapes_of_the_libraries_give_our_fans_by_their_layouts() {
    for kind in &KINDS[..2] {
        assert_eq!(Fan::from_shape(kind.torch, Layout::OutIn), (kind.fan)());
        assert_eq!(Fan::from_shape(kind.keras, Layout::InOut), (kind.fan)());
    }
    assert_eq!(Fan::from_shape(KINDS[2].torch, Layout::OutIn).groups(2), (KINDS[2].fan)());
    assert_eq!(Fan::from_shape(KINDS[3].torch, Layout::OutIn).groups(4), (KINDS[3].fan)());
    assert_eq!(Fan::from_shape(KINDS[4].torch, Layout::TransposedInOut), (KINDS[4].fan)());
    let law = |fan: Fan| Initializer::<f32>::law(&He::normal(fan));
    assert_eq!(law((KINDS[3].fan)()), law(Fan::from(9)), "a depthwise filter sees 9 inputs");
}
