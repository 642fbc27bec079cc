//! Errors and their causes: each is told once.

use std::error::Error;
use std::fmt;
use std::io;

use fanin::InitError;
use fanin::nn::NnError;
use fanin::plot::PlotError;
use fanin::testing::LawError;
use fanin::theory::TheoryError;

/// The cause of a user's initializer, with a cause of its own that its message leaves to `source`.
#[derive(Debug)]
struct Weights(io::Error);

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the saved weights cannot be read")
    }
}

impl Error for Weights {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// The messages of an error and its sources.
fn messages(error: &dyn Error) -> Vec<String> {
    std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string).collect()
}

#[test]
fn causes_are_told_once() {
    let disk = || io::Error::other("the disk is gone");
    let init = || InitError::other(Weights(disk()));
    let errors: [Box<dyn Error>; 5] = [
        Box::new(init()),
        Box::new(NnError::Init(init())),
        Box::new(TheoryError::Layer { layer: 1, error: init() }),
        Box::new(LawError::Law(init())),
        Box::new(PlotError::File { path: "a.svg".into(), source: disk() }),
    ];
    for error in errors {
        let messages = messages(&*error);
        assert_eq!(messages.last().unwrap(), "the disk is gone", "the first cause can be reached");
        for pair in messages.windows(2) {
            assert!(!pair[0].contains(&pair[1]), "told twice: {messages:?}");
        }
    }
}
