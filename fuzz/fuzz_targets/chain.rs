//! Any layers, of any numbers: a chain or an error; a verdict that never calls NaN healthy; a report.
#![no_main]

use fanin::chain::{GradientChain, Layer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|layers: Vec<(u8, Vec<f64>, Option<Vec<f64>>, Option<Vec<f64>>)>| {
    let non_finite = layers.iter().any(|(_, delta, _, _)| delta.iter().any(|x| !x.is_finite()));
    let chain = GradientChain::from_layers(layers.iter().enumerate().map(|(l, (width, delta, h, dl_dh))| {
        let layer = Layer::new(format!("layer{l}"), usize::from(*width), delta);
        let layer = if let Some(h) = h { layer.with_h(h) } else { layer };
        if let Some(dl_dh) = dl_dh { layer.with_dl_dh(dl_dh) } else { layer }
    }));
    if let Ok(chain) = chain {
        assert!(!(non_finite && chain.verdict().is_healthy()), "{chain}");
        let _ = chain.to_string();
    }
});
