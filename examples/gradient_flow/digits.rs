//! The handwritten digits.

use std::path::Path;

use fanin::Scalar;

use crate::experiment::MEASURED;

pub(crate) const PIXELS: usize = 64;
pub(crate) const CLASSES: usize = 10;

/// Images as `[samples, pixels]` with their labels.
pub(crate) struct Split<T> {
    pub(crate) images: Vec<T>,
    pub(crate) labels: Vec<usize>,
}

/// A training and a test split, standardised by the training pixels' mean and standard deviation.
pub(crate) struct Digits {
    pub(crate) train: Split<f64>,
    pub(crate) test: Split<f64>,
}

impl Digits {
    /// The images whose gradients are measured.
    pub(crate) fn measured(&self) -> Split<f64> {
        self.train.rows(0..MEASURED.min(self.train.labels.len()))
    }

    /// Row i is a test row when i % 5 == 0. An error is one line that names the file and the line.
    pub(crate) fn load(path: &Path) -> Result<Self, String> {
        let file = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
        Self::parse(&text).map_err(|(line, what)| format!("{file}, line {line}: {what}"))
    }

    /// An error says in which line, counted from 1, and what is wrong.
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut splits = [(Vec::new(), Vec::new()), (Vec::new(), Vec::new())];
        for (i, line) in text.lines().enumerate() {
            let at = |what| (i + 1, what);
            let columns = line.split(',').count();
            if columns != PIXELS + 1 {
                let what =
                    format!("{columns} columns, expected {PIXELS} pixels and a label (is the file cut off?)");
                return Err(at(what));
            }
            let numbers = line.split(',').map(|number| number.trim().parse().map_err(|_| number));
            let row = numbers
                .collect::<Result<Vec<u32>, _>>()
                .map_err(|number| at(format!("`{number}` is not a whole number of at least 0")))?;
            let (pixels, label) = (&row[..PIXELS], &row[PIXELS]);
            if let Some(pixel) = pixels.iter().find(|&&pixel| pixel > 16) {
                return Err(at(format!("pixel {pixel}, expected 0 to 16")));
            }
            if *label as usize >= CLASSES {
                return Err(at(format!("label {label}, expected 0 to 9")));
            }
            let (images, labels) = &mut splits[usize::from(i % 5 == 0)];
            images.extend(pixels.iter().map(|&pixel| f64::from(pixel)));
            labels.push(*label as usize);
        }
        let [train, test] = splits;
        if train.1.is_empty() {
            return Err((
                text.lines().count().max(1),
                "too few rows: at least one to train on is needed".into(),
            ));
        }
        let moments = fanin::chain::Moments::from_slice(&train.0);
        let (mean, std_dev) = (moments.mean().unwrap_or(0.0), moments.std_dev().unwrap_or(0.0));
        if std_dev == 0.0 {
            return Err((1, "all training pixels are equal: there is nothing to learn from".into()));
        }
        let standardised = |(pixels, labels): (Vec<f64>, Vec<usize>)| {
            let images = pixels.into_iter().map(|pixel| (pixel - mean) / std_dev).collect();
            Split { images, labels }
        };
        Ok(Self { train: standardised(train), test: standardised(test) })
    }
}

impl Split<f64> {
    /// These rows, in another scalar; an index beyond the last row begins again at the first.
    pub(crate) fn rows<T: Scalar>(&self, rows: impl ExactSizeIterator<Item = usize> + Clone) -> Split<T> {
        let len = self.labels.len();
        let labels = rows.clone().map(|row| self.labels[row % len]).collect();
        let images = rows.flat_map(|row| &self.images[row % len * PIXELS..][..PIXELS]);
        let images = images.map(|&pixel| T::from_f64(pixel)).collect();
        Split { images, labels }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> (usize, String) {
        Digits::parse(text).err().expect("an error")
    }

    #[test]
    fn the_real_file_is_read_as_its_readme_says() {
        let digits =
            Digits::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/digits.csv")))
                .unwrap();
        assert_eq!((digits.train.labels.len(), digits.test.labels.len()), (1437, 360));
        let moments = fanin::chain::Moments::from_slice(&digits.train.images);
        assert!(moments.mean().unwrap().abs() < 1e-12);
        assert!((moments.std_dev().unwrap() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let row = |pixel: &str| format!("{pixel}{},7\n", ",5".repeat(63));
        let good = row("0");
        assert!(Digits::parse(&(good.clone() + &good + &good).replace('\n', "\r\n")).is_ok());
        assert_eq!(error("").0, 1);
        assert_eq!(error(&good), (1, "too few rows: at least one to train on is needed".into()));
        assert_eq!(error(&(good.clone() + "1,2,3")).0, 2);
        assert!(error(&(good.clone() + "1,2,3")).1.contains("cut off"));
        assert_eq!(error(&(good.clone() + &row("17"))), (2, "pixel 17, expected 0 to 16".into()));
        assert_eq!(error(&(good.clone() + &row("-1"))).1, "`-1` is not a whole number of at least 0");
        assert_eq!(error(&(good.clone() + &row("x"))).1, "`x` is not a whole number of at least 0");
        assert_eq!(error(&good.replace(",7", ",10")).1, "label 10, expected 0 to 9");
        assert!(Digits::load(Path::new("/nowhere.csv")).err().unwrap().starts_with("/nowhere.csv: "));
        assert!(Digits::load(Path::new("/")).is_err());
    }
}
