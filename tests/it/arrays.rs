//! Matrices of nalgebra and faer: element (i, j) is that of a row-major array.

use fanin::prelude::*;
use fanin::{Orthogonal, Weights};

const SHAPES: [[usize; 2]; 8] =
    [[1, 1], [3, 5], [70, 33], [300, 1030], [5, 4097], [0, 4], [4, 0], [2000, 80]];

fn row_major(init: &dyn Initializer<f32>, [rows, cols]: [usize; 2]) -> Vec<f32> {
    init.to_vec(rows * cols)
}

#[cfg(feature = "nalgebra-035")]
#[test]
fn nalgebra_has_the_elements_of_a_row_major_array() {
    use nalgebra::{DMatrix, Matrix2x3, RowDVector};
    for shape @ [rows, cols] in SHAPES {
        for init in
            [&Normal::new(0.0, 1.0).seed(3) as &dyn Initializer<f32>, &Orthogonal::new(rows, cols).seed(3)]
        {
            let expected = row_major(init, shape);
            let owned = init.to_dmatrix(rows, cols);
            assert_eq!(owned, DMatrix::from_row_slice(rows, cols, &expected), "{shape:?}");
            // Every second row and column of a larger matrix, the others untouched.
            let mut larger = DMatrix::from_element(2 * rows + 2, 2 * cols + 2, 7.0_f32);
            let mut view = larger.view_with_steps_mut((1, 1), (rows, cols), (1, 1));
            init.fill(&mut view);
            assert_eq!(view, owned, "{shape:?}");
            let others = larger.iter().filter(|&&w| w == 7.0).count();
            assert!(others >= (2 * rows + 2) * (2 * cols + 2) - rows * cols);
        }
    }
    let init = Normal::new(0.0, 1.0).seed(3);
    let mut fixed = Matrix2x3::<f64>::zeros();
    init.fill(&mut fixed);
    assert_eq!(fixed, Matrix2x3::from_row_slice(&init.to_vec(6)));
    let mut row = RowDVector::<f32>::zeros(9);
    init.fill(&mut row);
    let expected: Vec<f32> = init.to_vec(9);
    assert_eq!(row.as_slice(), expected);
    assert_eq!(Weights::<f32>::count(&row), 9);
    let mut wrong = DMatrix::from_element(2, 3, 7.0_f32);
    assert!(Orthogonal::new(3, 3).seed(1).try_fill(&mut wrong).is_err() && wrong.iter().all(|&w| w == 7.0));
    assert!(He::normal(0).seed(1).try_fill(&mut wrong).is_err() && wrong.iter().all(|&w| w == 7.0));
}

#[cfg(feature = "faer-024")]
#[test]
fn faer_has_the_elements_of_a_row_major_array() {
    use faer::Mat;
    for shape @ [rows, cols] in SHAPES {
        for init in
            [&Normal::new(0.0, 1.0).seed(3) as &dyn Initializer<f32>, &Orthogonal::new(rows, cols).seed(3)]
        {
            let expected = row_major(init, shape);
            let owned = init.to_mat(rows, cols);
            assert_eq!(owned, Mat::from_fn(rows, cols, |i, j| expected[i * cols + j]), "{shape:?}");
            // Transposed memory, and both axes reversed.
            let mut transposed = Mat::<f32>::from_fn(cols, rows, |_, _| 0.0);
            init.fill(&mut transposed.as_mut().transpose_mut());
            assert_eq!(transposed.transpose(), owned, "{shape:?}");
            let mut reversed = Mat::<f32>::from_fn(rows, cols, |_, _| 0.0);
            init.fill(&mut reversed.as_mut().reverse_rows_and_cols_mut());
            assert_eq!(reversed.as_ref().reverse_rows_and_cols(), owned, "{shape:?}");
        }
    }
    let mut wrong = Mat::from_fn(2, 3, |_, _| 7.0_f32);
    assert!(Orthogonal::new(3, 3).seed(1).try_fill(&mut wrong).is_err());
    assert_eq!(wrong, Mat::from_fn(2, 3, |_, _| 7.0_f32));
}
