"""Computes the polynomials of src/stream/polynomials.rs again and prints their errors.

Needs mpmath (`pip install mpmath`). Chebyshev interpolants, near minimax, lowest degree first.
"""

from mpmath import chebyfit, erfc, erfinv, exp, expm1, findroot, linspace, log, mp, mpf, nstr, pi, polyval, sin, sqrt

mp.dps = 60


def fit(name, function, low, high, degree):
    coefficients, _ = chebyfit(function, [mpf(low), mpf(high)], degree + 1, error=True)
    points = linspace(mpf(low), mpf(high), 400)
    error = max(abs(polyval(coefficients, x) / function(x) - 1) for x in points)
    print(f"{name}: on [{low}, {high}], relative error {nstr(error, 3)}")
    for coefficient in reversed(coefficients):
        print(f"    {nstr(coefficient, 20)},")


def ln(square):
    """2 atanh(s) / s, by which ln(1 + f) = s (2 + 2/3 s^2 + ..) for s = f / (2 + f)."""
    s = sqrt(square)
    return 2 * mp.atanh(s) / s if square > mpf(10) ** -20 else mpf(2)


def sine(square):
    x = sqrt(square)
    return (sin(x) / x - 1) / square if square > mpf(10) ** -20 else -mpf(1) / 6


def probit(w):
    """sqrt(2) erfinv(y) / y, w = -ln(1 - y^2); near 1 by the complement, which y = 1 - c loses."""
    if w < mpf(10) ** -20:
        return sqrt(pi / 2)
    y = sqrt(-expm1(-w))
    if y < mpf("0.9"):
        return sqrt(2) * erfinv(y) / y
    c = exp(-w) / (1 + y)
    start = sqrt(max(-log(c * sqrt(pi)) - log(sqrt(-log(c))), mpf("0.3")))
    return sqrt(2) * findroot(lambda x: erfc(x) / c - 1, start) / y


QUARTER = (pi / 4) ** 2
TAIL = ("-1.7640", "2")
fit("ln_f32", ln, 0, mpf(1) / 9, 3)
fit("sin_f32", sine, 0, QUARTER, 2)
fit("probit_near_f32", lambda x: probit(x + mpf("1.5")), "-1.5", "1.5", 6)
fit("probit_f32", lambda x: probit(x + mpf("2.5")), "-2.5", "2.5", 9)
fit("probit_tail_f32", lambda x: probit((x + 4) ** 2), *TAIL, 12)
fit("ln_f64", ln, 0, mpf(1) / 9, 9)
fit("sin_f64", sine, 0, QUARTER, 5)
fit("probit_near_f64", lambda x: probit(x + mpf("1.5")), "-1.5", "1.5", 14)
fit("probit_f64", lambda x: probit(x + mpf("2.5")), "-2.5", "2.5", 19)
fit("probit_tail_f64", lambda x: probit((x + 4) ** 2), *TAIL, 27)
