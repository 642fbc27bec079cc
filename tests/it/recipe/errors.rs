//! What is wrong with a scheme, a file, a parameter: the whole text of each error, and nothing written.

#![allow(clippy::single_range_in_vec_init)] // boxes of one axis

use fanin::prelude::*;
use fanin::recipe::{Depth, Framework, Parameter, Recipe, Rule, Scheme};

#[test]
fn texts_that_are_no_scheme() {
    for (text, error) in [
        ("he_norml", "no scheme is called \"he_norml\": did you mean he_normal?"),
        ("glorot_unifrm", "no scheme is called \"glorot_unifrm\": did you mean glorot_uniform?"),
        (
            "he_normal(modes=fan_out)",
            "he_normal has no argument \"modes\": did you mean mode? It takes mode, negative_slope",
        ),
        ("zeros(1)", "zeros has no argument \"1\": it takes none"),
        ("uniform(1)", "uniform needs high: a number"),
        ("constant", "constant needs value: a number"),
        ("constant(x)", "value of constant is \"x\": it must be a number"),
        ("constant(NaN)", "value of constant is \"NaN\": it must be a number"),
        ("normal(0.1, std_dev=0.2)", "normal is given std_dev twice: once is enough"),
        (
            "normal(0, 0.02)",
            "\"0.02\" of normal needs its key: without keys the order is std_dev, mean, and it would be mean=0.02",
        ),
        ("normal(1, 2, 3)", "normal has no argument \"3\": it takes std_dev, mean"),
        (
            "he_normal(mode=out)",
            "mode of he_normal is \"out\": it must be fan_in, fan_out, fan_avg or fan_geo_avg",
        ),
        (
            "xavier_normal(gain=rulu)",
            "gain of xavier_normal is \"rulu\": it must be a number, or an activation such as relu, tanh or leaky_relu(0.2)",
        ),
        ("icnr(he_normal, -1)", "upscale of icnr is \"-1\": it must be a whole number"),
        ("icnr(he_norml, 2)", "no scheme is called \"he_norml\": did you mean he_normal?"),
        ("composite(zeros)", "blocks of composite is \"zeros\": it must be a list of schemes in brackets"),
        (
            "he_normal(",
            "the parentheses of \"he_normal(\" do not pair: a scheme is written `name` or `name(key=value, ..)`",
        ),
    ] {
        assert_eq!(text.parse::<Scheme>().unwrap_err().to_string(), error, "{text}");
    }
    for text in ["", "()", "constant(1))", "constant((1)", "composite([zeros)", "normal(,)", "é", "bilinear"]
    {
        assert!(text.parse::<Scheme>().is_err(), "{text}");
    }
    let unknown = "bilinear".parse::<Scheme>().unwrap_err().to_string();
    assert!(unknown.contains("known are zeros, ones, constant, "), "{unknown}");
    // What nests without end is refused, not followed.
    let deep = format!("{}zeros{}", "padding_row(".repeat(100_000), ",0)".repeat(100_000));
    assert!(deep.parse::<Scheme>().is_err());
}

#[test]
fn files_that_are_no_recipe() {
    for (text, error) in [
        (
            "[parameters]\n\"*.bias\" = \"zeroes\"",
            "rule \"*.bias\": no scheme is called \"zeroes\": did you mean zeros?",
        ),
        (
            "framework = \"pytroch\"",
            "no framework is called \"pytroch\": did you mean pytorch? Known are pytorch, candle, burn, keras and jax",
        ),
        ("layers = -1", "layers"),
        ("seed = \"x\"", "a seed is a number below 2^64"),
        ("parameters = 3", "a table from patterns to rules"),
        ("paramters = {}", "unknown field `paramters`"),
        ("[parameters]\n\"a\" = 3", "for rule \"a\" the text of a scheme, a table or a list of tables"),
        ("[parameters]\n\"a\" = []", "rule \"a\": a list of rules must hold one"),
        (
            "[parameters]\n\"a\" = {}",
            "rule \"a\": one of `init`, `composite` and `tied_to` must be given, and no two",
        ),
        ("[parameters]\n\"a\" = { init = \"ones\", tied_to = \"b\" }", "rule \"a\": one of `init`"),
        ("[parameters]\n\"a\" = { init = \"ones\", grops = 2 }", "rule \"a\": unknown field `grops`"),
        ("[parameters]\nfc.weight = \"ones\"", "A name with dots stands in quotes"),
        (
            "[parameters]\n\"a\" = { init = \"ones\", axis = \"in\" }",
            "rule \"a\": `axis` and `parts` belong to a `composite`",
        ),
        (
            "[parameters]\n\"a\" = { composite = [\"ones\"], axis = \"up\" }",
            "rule \"a\": axis is \"up\": it must be in, out, batch or k",
        ),
        (
            "[parameters]\n\"a\" = { init = \"ones\", depth = \"gpt\" }",
            "rule \"a\": no depth scaling is called \"gpt\": did you mean gpt2?",
        ),
        ("[parameters]\n\"a\" = { init = \"ones\", layout = \"up down\" }", "rule \"a\": "),
        (
            "[parameters]\n\"a\" = { init = \"ones\", fan_out = 2 }",
            "rule \"a\": `fan_out` alone is not enough: give `fan_in` too",
        ),
        ("[parameters]\n\"a\" = { init = \"ones\", fan_in = 0 }", "rule \"a\": fan_in is 0"),
        (
            "[parameters]\n\"a\" = { tied_to = \"b\", groups = 2 }",
            "rule \"a\": what is tied to another has all from that one's rule",
        ),
        ("[parameters]\n\"a[\" = \"ones\"", "rule \"a[\": this is no pattern: the `[` is not closed"),
        ("[parameters]\n\"a\" = \"ones\"\n\"a\" = \"zeros\"", "duplicate key"),
    ] {
        let found = Recipe::from_toml(text).unwrap_err().to_string();
        assert!(found.starts_with("the text is no recipe: ") && found.contains(error), "{text}\n{found}");
    }
    let twice = r#"{"parameters": {"a": "ones", "b": "ones", "a": "zeros"}}"#;
    let error = serde_json::from_str::<Recipe>(twice).unwrap_err().to_string();
    assert!(error.starts_with("rule \"a\" stands twice: join the two in a list"), "{error}");
    let scattered = Recipe::new().rule("a", Scheme::Ones).rule("b", Scheme::Ones).rule("a", Scheme::Zeros);
    assert!(
        scattered
            .to_toml()
            .unwrap_err()
            .to_string()
            .starts_with("rule \"a\": it stands twice with other rules between")
    );
    assert!(serde_json::to_string(&scattered).is_err());
    let bad = Recipe::new().rule("{a", Scheme::Ones);
    assert_eq!(bad.check().unwrap_err().rule(), Some("{a"));
}

/// The error of a fill, which writes nothing.
fn refused(recipe: &Recipe, name: &str, shape: &[usize]) -> String {
    let len = shape.iter().product::<usize>().min(1 << 16);
    let mut w = vec![7.0_f32; len];
    let error = recipe.init(name, shape, &mut w).unwrap_err();
    assert!(w.iter().all(|&w| w == 7.0), "{error}");
    let mut w = vec![7.0_f32; len];
    let ranges: Vec<_> = shape.iter().map(|&side| 0..side).collect();
    assert!(recipe.init_block(name, shape, &ranges, &mut w).is_err());
    assert!(w.iter().all(|&w| w == 7.0), "{error}");
    error.to_string()
}

#[test]
fn parameters_that_cannot_be_filled() {
    let rule = |scheme: &str| Rule::from(scheme.parse::<Scheme>().unwrap());
    let with = |rule: Rule| Recipe::new().rule("a.*", rule).seed(1);
    let he = || rule("he_normal");
    let start = "parameter \"a.w\": rule \"a.*\": ";
    for (recipe, shape, error) in [
        (
            with(he()),
            &[3, 4][..],
            "nobody says which axes of [3, 4] are inputs and outputs: give the rule a `layout`, such as \"out in k k\", or the recipe a `framework`",
        ),
        (
            with(he()).framework(Framework::PyTorch),
            &[8, 3, 3, 3],
            "nobody says which axes of [8, 3, 3, 3] are inputs and outputs: give the rule a `layout`, such as \"out in k k\"",
        ),
        (
            with(he()),
            &[3],
            "a tensor of 1 dimension(s) has no fans of its own: give the rule the `fan_in` of the layer, and the `fan_out` if the scheme needs it",
        ),
        (
            with(rule("xavier_normal").fan(3)),
            &[3],
            "fan_out is not given: it is needed, give (fan_in, fan_out), a Fan, or a layout that names an axis for it",
        ),
        (
            with(he().layout("out in k k".parse().unwrap())),
            &[3, 4],
            "the layout names 4 axes and the shape has 2: every axis must be named (at most 8), none is taken for a kernel's",
        ),
        (
            with(he()).framework(Framework::Jax),
            &[0, 4],
            "fan_in is 0: a weight needs at least one input and one output",
        ),
        (
            with(rule("as_framework")),
            &[3, 4],
            "`as_framework` needs the name of one: give the recipe a `framework`, such as \"pytorch\"",
        ),
        (
            with(rule("as_framework")).framework(Framework::PyTorch),
            &[4],
            "a tensor of 1 dimension(s) has no fans of its own: give the rule the `fan_in` of the layer, and the `fan_out` if the scheme needs it",
        ),
        (with(rule("normal(std_dev=-1)")), &[3], "std_dev is -1: it must be at least 0"),
        (
            with(rule("normal").depth(Depth::Gpt2)),
            &[3],
            "its depth scaling needs the number of layers: give the recipe `layers`",
        ),
        (with(rule("normal").depth(Depth::PerLayer)).layers(0), &[3], "layers is 0: it must be at least 1"),
        (
            with(rule("normal").depth(Depth::ByBlock)),
            &[3],
            "the `*`s of its pattern match no number: the index of a block must be among what they match",
        ),
        (
            with(rule("composite([zeros, ones])")),
            &[3],
            "2 block(s) cannot share an axis of 3 as [1, 1]: one part for each block is needed, and their sum must divide the axis",
        ),
        (
            with(rule("composite([zeros, ones], parts=[1])")),
            &[3],
            "2 block(s) cannot share an axis of 3 as [1]: one part for each block is needed, and their sum must divide the axis",
        ),
        (
            with(rule("composite([], parts=[])")),
            &[3],
            "0 block(s) cannot share an axis of 3 as []: one part for each block is needed, and their sum must divide the axis",
        ),
        (
            with(rule("composite([zeros], axis=batch)").layout("out in".parse().unwrap())),
            &[3, 3],
            "the layout \"out in\" has not one axis that is Batch: a composite is cut along one",
        ),
        (
            with(rule("identity")),
            &[3, 3, 3],
            "the scheme is for a matrix, and the shape has 3 dimension(s): it must have 2",
        ),
        (
            with(Rule::tied_to("a.w")),
            &[3],
            "parameters are tied in a circle, a.w to a.w: one must have a scheme",
        ),
        (
            with(Rule::tied_to("b.w")).rule("b.*", he().kind("Linear")),
            &[3, 3],
            "it is tied to \"b.w\", whose rule depends on the kind of a layer, which is known of this parameter alone: give that a rule without `kind` and `as_framework`",
        ),
    ] {
        assert_eq!(refused(&recipe, "a.w", shape), format!("{start}{error}"));
    }
    let ones = Recipe::new().rule("h.*.weight", Scheme::Ones).rule("*.bias", Scheme::Ones);
    assert!(refused(&ones, "h.0.weight", &[3]).starts_with("the recipe has no seed: "));
    assert_eq!(
        refused(&ones, "h.0.weigth", &[3]),
        "parameter \"h.0.weigth\": no rule matches it, the nearest is \"h.*.weight\""
    );
    assert_eq!(
        refused(&Recipe::new(), "w", &[3]),
        "parameter \"w\": no rule matches it: the recipe has none"
    );
    let tied = Recipe::new().rule("a", Rule::tied_to("b")).seed(1);
    assert_eq!(
        refused(&tied, "a", &[3]),
        "parameter \"a\": rule \"a\": it is tied to \"b\", which no rule matches, the nearest is \"a\""
    );
    let circle = Recipe::new()
        .rule("a", Rule::tied_to("b"))
        .rule("b", Rule::tied_to("c"))
        .rule("c", Rule::tied_to("b"))
        .seed(1);
    assert!(refused(&circle, "a", &[3]).contains("a to b to c to b"));
}

#[test]
fn buffers_and_boxes_that_do_not_fit() {
    let recipe = Recipe::new().rule("*", Scheme::Ones).seed(1);
    let mut w = [7.0_f32; 5];
    let error = recipe.init("w", &[2, 3], &mut w).unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter \"w\": rule \"*\": there are 5 weights: this initializer has a shape, of 6 elements"
    );
    assert!(recipe.init("w", &[usize::MAX, 3], &mut w).is_err());
    for (ranges, expected) in [
        (vec![0..2], InitError::BlockDimensions { ranges: 1, dimensions: 2 }),
        (vec![0..2, 0..3, 0..1], InitError::BlockDimensions { ranges: 3, dimensions: 2 }),
        (vec![0..2, 1..4], InitError::BlockOutOfTensor { axis: 1, start: 1, end: 4, dimension: 3 }),
        (vec![3..3, 0..0], InitError::BlockOutOfTensor { axis: 0, start: 3, end: 3, dimension: 2 }),
        #[allow(clippy::reversed_empty_ranges)]
        (vec![2..1, 0..3], InitError::BlockOutOfTensor { axis: 0, start: 2, end: 1, dimension: 2 }),
        (
            vec![0..usize::MAX, 0..3],
            InitError::BlockOutOfTensor { axis: 0, start: 0, end: usize::MAX, dimension: 2 },
        ),
        (vec![0..2, 0..3], InitError::BlockLength { found: 5, expected: 6 }),
        (vec![0..2, 0..2], InitError::BlockLength { found: 5, expected: 4 }),
    ] {
        let error = recipe.init_block("w", &[2, 3], &ranges, &mut w).unwrap_err();
        assert_eq!(
            std::error::Error::source(&error).and_then(|e| e.downcast_ref()),
            Some(&expected),
            "{ranges:?}"
        );
        assert_eq!(w, [7.0; 5], "{error}");
    }
    let huge = Normal::new(0.0, 1.0).seed(1);
    let box_of = |shape: &[usize], ranges: &[std::ops::Range<usize>]| {
        huge.try_fill_block(shape, ranges, &mut [0.0_f32; 0])
    };
    assert!(matches!(box_of(&[usize::MAX, 2], &[0..0, 0..0]), Err(InitError::ShapeOverflow { .. })));
    assert!(matches!(box_of(&[usize::MAX], &[0..0]), Err(InitError::TensorTooLong { .. })));
    assert_eq!(box_of(&[usize::MAX, 0], &[usize::MAX..usize::MAX, 0..0]), Ok(()));
    let owned = Orthogonal::new(4, 4).seed(1).try_fill_block(&[4, 5], &[0..1, 0..1], &mut [0.0_f32]);
    assert_eq!(owned, Err(InitError::TensorLength { found: 20, expected: 16 }));
    // A box of one element at the end of the longest tensor.
    let last = [(1 << 63) - 1..1 << 63];
    assert_eq!(huge.try_fill_block(&[1 << 63], &last, &mut [0.0_f32]), Ok(()));
}

#[test]
fn plans_that_cannot_be() {
    let tied = Recipe::new().rule("a", Rule::tied_to("b")).rule("*", Scheme::Ones);
    for (parameters, error) in [
        (
            vec![("a", &[3][..])],
            "parameter \"a\": rule \"a\": it is tied to \"b\": no parameter has that name",
        ),
        (
            vec![("a", &[3]), ("b", &[4])],
            "parameter \"a\": rule \"a\": it has shape [3] and is tied to \"b\" of shape [4]: tied parameters have one shape",
        ),
        (
            vec![("c", &[3]), ("c", &[4])],
            "parameter \"c\": the name stands twice: two parameters of one name would be equal",
        ),
    ] {
        assert_eq!(tied.plan(parameters).unwrap_err().to_string(), error);
    }
    let error = Recipe::new().plan([Parameter::new("w", &[3])]).unwrap_err();
    assert_eq!((error.parameter(), error.rule()), (Some("w"), None));
}

/// Names of ties that grow without end, that no rule matches, that say more than a tie does.
#[test]
fn ties_that_lead_nowhere() {
    let endless = Recipe::new().seed(1).rule("*", Rule::tied_to("*.a"));
    assert!(refused(&endless, "w", &[1]).contains("and so on without end"));
    let typo =
        Recipe::new().seed(1).rule("wte.weight", Scheme::Ones).rule("head", Rule::tied_to("wte.wieght"));
    assert_eq!(
        refused(&typo, "head", &[1]),
        "parameter \"head\": rule \"head\": it is tied to \"wte.wieght\", which no rule matches, the nearest is \"wte.weight\""
    );
    let more = Recipe::new().seed(1).rule("*", Rule::tied_to("a").depth(Depth::Gpt2));
    assert!(refused(&more, "w", &[1]).contains("has all from that one's rule"));
    assert_eq!(more.check().unwrap_err().rule(), Some("*"));
}

/// What the framework does depends on the kind of a layer: that of an embedding is not known where a linear layer is filled.
#[test]
fn what_is_tied_to_a_default_of_another_kind_is_refused() {
    let recipe = Recipe::new()
        .framework(Framework::PyTorch)
        .rule("head", Rule::tied_to("wte"))
        .rule("*", Scheme::AsFramework);
    let parameters =
        [Parameter::new("wte", &[2, 3]).kind("Embedding"), Parameter::new("head", &[2, 3]).kind("Linear")];
    let error = recipe.plan(parameters).unwrap_err().to_string();
    assert!(error.contains("whose rule depends on the kind of a layer"), "{error}");
    assert!(recipe.plan([("wte", &[2, 3]), ("head", &[2, 3])]).is_ok());
}

/// Thousands of rules are more than one set of patterns holds unless told.
#[test]
fn a_recipe_may_have_thousands_of_rules() {
    let rules = (0..2000).map(|i| format!("*.layers.{i}.????????????????.weight"));
    let recipe = rules.fold(Recipe::new(), |recipe, pattern| recipe.rule(pattern, Scheme::Ones));
    assert_eq!(recipe.check(), Ok(()));
    assert!(recipe.rule_of(("m.layers.1999.0123456789abcdef.weight", &[1])).is_ok());
}

#[test]
fn plans_of_what_cannot_exist_do_not_overflow() {
    const MAX: usize = usize::MAX;
    let recipe = Recipe::new()
        .layers(2)
        .rule(
            "s",
            Rule::from("composite([mamba_dt_bias, mamba_dt_bias])".parse::<Scheme>().unwrap())
                .depth(Depth::Gpt2),
        )
        .rule("*", Scheme::Zeros);
    let plan =
        recipe.plan([("a.0", &[MAX, MAX, MAX][..]), ("a.1", &[MAX, MAX, MAX]), ("b\n", &[1])]).unwrap();
    assert_eq!(plan.rows()[0].weights(), u128::MAX);
    assert!(plan.to_string().contains("\nb\\n "), "{plan}");
    // A multiple of an inverse softplus is no distribution of the crate: none is promised.
    assert_eq!(recipe.plan([("s", &[4])]).unwrap().rows()[0].law(), None);
}
