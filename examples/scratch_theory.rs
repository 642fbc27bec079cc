use fanin::theory::*;
use fanin::{Activation, Constant, Custom, He, Normal};
use std::time::Instant;
fn cpu() -> f64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse::<f64>()
        .unwrap()
        * 1e-9
}
fn timed<T: std::fmt::Debug>(what: &str, f: impl FnOnce() -> T) {
    let _ = Instant::now();
    let t = cpu();
    let v = f();
    println!("{what}: {:.4} s  {v:?}", cpu() - t);
}
fn main() {
    let silu = critical(&Activation::Silu).unwrap();
    println!("{silu}");
    let net = MeanField::new(Activation::Silu, silu.weight_variance, silu.bias_variance).unwrap();
    timed("silu", || net.fixed_points());
    let c = |name: &str, phi: fn(f64) -> f64, d: fn(f64) -> f64| Activation::custom(name, phi, d);
    let sign = c(
        "sign",
        |z| {
            if z > 0. {
                1.
            } else if z < 0. {
                -1.
            } else {
                0.
            }
        },
        |_| 0.,
    );
    let step = c("step", |z| f64::from(z > 0.), |_| 0.);
    let signk: Activation = Custom::new(
        "sign",
        |z: f64| {
            if z > 0. {
                1.
            } else if z < 0. {
                -1.
            } else {
                0.
            }
        },
        |_| 0.,
    )
    .with_kinks(&[0.0])
    .into();
    let sin30 = c("sin30", |z| (30. * z).sin(), |z| 30. * (30. * z).cos());
    let relu2 = c("relu2", |z| z.max(0.).powi(2), |z| 2. * z.max(0.));
    let floor = c("floor", |z| z.floor(), |_| 0.);
    let cosine = c("cosine", |z| z.cos(), |z| -z.sin());
    for a in [&sign, &signk, &step] {
        let net = MeanField::new((*a).clone(), 1., 0.5).unwrap();
        timed("fp", || net.fixed_points());
        let q = net.fixed_point().map_or(1.5, |p| p.q);
        timed("c*", || net.correlation_point(q));
        timed("map(1-1e-9)", || net.correlation_map(q, 1.0 - 1e-9));
        timed("map(0)", || net.correlation_map(q, 0.));
    }
    let net = MeanField::new(sin30.clone(), 1., 0.).unwrap();
    timed("sin30 fp", || net.fixed_points());
    timed("sin30 c*", || net.correlation_point(0.5));
    for cc in [0.0, 0.05, 0.5, 0.99, 0.9999] {
        timed("sin30 map", || {
            (
                cc,
                net.correlation_map(0.5, cc),
                ((900.0f64 * 0.5 * cc).exp() - (-900.0f64 * 0.5 * cc).exp())
                    / ((900.0f64 * 0.5).exp() - (-900.0f64 * 0.5).exp()),
            )
        });
    }
    let net = MeanField::new(sin30.clone(), 1., 0.5).unwrap();
    timed("sin30 c* bias", || net.correlation_point(1.0));
    for (a, w, b) in [
        (Activation::Tanh, 4.0, 0.1),
        (Activation::Gelu, 4., 0.1),
        (Activation::HardTanh, 4., 0.1),
        (Activation::Selu, 4., 0.1),
        (Activation::Mish, 4.0, 0.1),
        (floor.clone(), 1.0, 0.1),
        (cosine.clone(), 4., 0.1),
        (Custom::from_phi("t", f64::tanh).into(), 4., 0.1),
    ] {
        let net = MeanField::new(a.clone(), w, b).unwrap();
        timed(&format!("{a} c* 2"), || net.correlation_point(2.0));
        timed(&format!("{a} c* 90"), || net.correlation_point(90.0));
        timed(&format!("{a} fp"), || net.fixed_points());
        timed(&format!("{a} crit"), || critical(&a).map(|p| p.to_string()));
    }
    timed("sin30 gates", || gate_moments(&sin30, 0.5));
    timed("sin30 gates q=1", || gate_moments(&sin30, 1.0));
    println!("exact {} {}", 900. * 0.5, 810000. * 0.375);
    timed("relu2", || critical(&relu2).map(|p| p.to_string()));
    timed("relu2 points", || critical_points(&relu2, 0.0));
    timed("relu2 doubly", || doubly_critical(&relu2));
    let relu2p: Activation = Custom::from_phi("relu2 phi", |z: f64| z.max(0.).powi(2)).into();
    timed("relu2 phi", || critical(&relu2p).map(|p| p.to_string()));
    timed("relu2 phi pts", || critical_points(&relu2p, 0.0));
    timed("relu2 phi fp", || MeanField::new(relu2p.clone(), 0.5, 0.0).unwrap().fixed_points());
    for z in [1e-9f64, 1e-5, 1e-3, 0.01, 0.1, 1.0, 10.0, -1e-3] {
        println!("relu2' {z} {:e}", relu2p.derivative(z) - 2. * z.max(0.));
    }
    for a in [&cosine, &floor] {
        timed("critical", || critical(a));
    }
    for q in [1e3, 1e6, 1e12, 1e39, 1e300] {
        timed("gates sin", || gate_moments(&Activation::Sin, q));
    }
    for q in [1e3, 1e6, 1e12, 1e39, 1e300] {
        timed("gates tanh", || gate_moments(&Activation::Tanh, q));
    }
    for text in ["elu:1e10", "elu:1e100", "elu:1e300", "prelu:1e10", "prelu:1e200"] {
        let a: Activation = text.parse().unwrap();
        timed(text, || critical(&a).map(|p| p.to_string()));
        timed(text, || a.gain());
    }
    let net = MeanField::new(Activation::Tanh, 1.0, 1e12).unwrap();
    timed("bias 1e12", || net.fixed_point().map_err(|e| e.to_string()));
    let inputs = Inputs::alike(1.0, 0.0).unwrap();
    let zero = NetworkLaw::dense(&[10; 5], &Activation::Relu, |_| Constant::new(0.0).law()).unwrap();
    timed("gain 0", || zero.band(&inputs).map(|b| b.to_string()));
    timed("gain 0", || zero.predict(&inputs).map(|b| println!("{b}")));
    let zero = NetworkLaw::dense(&[10; 5], &Activation::Tanh, |_| Normal::new(0.0, 0.0).law()).unwrap();
    timed("gain 0 tanh", || zero.band(&inputs).map(|b| b.to_string()));
    let lecun = |f| He::normal(f).gain(1.0).law();
    for w in [100usize, 1000, 10_000, 100_000, 1 << 40, usize::MAX] {
        let law = NetworkLaw::dense(&vec![w; 5], &Activation::Tanh, lecun).unwrap();
        timed(&format!("band width {w}"), || law.band(&inputs).map(|b| b.to_string()));
    }
    for (a, w) in [(Activation::Tanh, 100), (Activation::Gelu, 100), (Activation::Gelu, 47), (Activation::Relu, 100), (Activation::Silu, 100)] {
        let law = NetworkLaw::dense(&vec![w; 1002], &a, lecun).unwrap();
        timed(&format!("band 1000 deep {a} {w}"), || law.band(&inputs).map(|b| b.to_string()));
        let law = law.output_delta(OutputDelta::MeanSquaredError { target_mean_square: 1.0 }).unwrap();
        timed(&format!("band 1000 deep {a} {w} mse"), || law.band(&inputs).map(|b| b.to_string()));
    }
    let big = NetworkLaw::dense(&[100; 30], &Activation::Relu, |_| Normal::new(0.0, 1e30).law()).unwrap();
    timed("huge", || println!("{}", big.predict(&inputs).unwrap()));
    let big = NetworkLaw::dense(&[100; 30], &Activation::Gelu, |_| Normal::new(0.0, 1e30).law()).unwrap();
    timed("huge gelu", || println!("{}", big.predict(&inputs).unwrap()));
    timed("huge gelu cos", || big.cosines(&inputs).unwrap()[28]);
    timed("huge gelu band", || big.band(&inputs).map(|b| b.to_string()));
}
