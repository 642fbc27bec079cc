# Near-minimax (Chebyshev) coefficients of the kernels in src/stream, lowest degree first.
from mpmath import mp, mpf, log, sqrt, erfinv, sin, cos, chebyfit, polyval, linspace, pi
mp.dps = 60
def show(name, f, lo, hi, deg, absolute=False):
    c, err = chebyfit(f, [mpf(lo), mpf(hi)], deg + 1, error=True)
    worst = max(abs(polyval(c, x) - f(x)) / (1 if absolute else abs(f(x))) for x in linspace(mpf(lo), mpf(hi), 400))
    print(f"// {name} on [{lo}, {hi}], degree {deg}, relative error {mp.nstr(worst, 3)}")
    print("[" + ", ".join(mp.nstr(x, 20) for x in reversed(c)) + "]")
ln1p = lambda f: log(1 + f) / f if f else mpf(1)

def atanhq(t):  # (atanh(s)/s - 1)/t, t = s^2
    if t < mpf(10)**-20: return mpf(1)/3
    s = sqrt(t); return (mp.atanh(s)/s - 1)/t

def sinq(t):
    if t < mpf(10)**-20: return -mpf(1)/6
    x = sqrt(t); return (sin(x)/x - 1)/t
def cosq(t):
    if t < mpf(10)**-12: return mpf(1)/24 - t/720
    x = sqrt(t); return (cos(x) - 1 + t/2)/t**2
q = (pi/4)**2




def z_of_w(w):  # sqrt2 erfinv(y)/y with w = -ln(1-y^2)
    if w < mpf(10)**-20: return sqrt(pi/2)
    y = sqrt(-mp.expm1(-w)); 
    return z_over_y(w, y)
def z_over_y(w, y):
    # solve erfc(x) = 1 - y accurately for y near 1
    c = 1 - y if y < mpf('0.9') else mp.exp(-w)/(1 + y)
    x = erfinv(y) if y < mpf('0.9') else mp.findroot(lambda x: mp.erfc(x)/c - 1, sqrt(max(-log(c*sqrt(pi)) - log(sqrt(-log(c)))/1, mpf('0.3'))))
    return sqrt(2)*x/y


def z_of_s(s):
    w = s*s; y = sqrt(-mp.expm1(-w)); return z_over_y(w, y)




for d in (5,6,7,12,13,14,15): show("central in w-1.5", lambda t: z_of_w(t+mpf('1.5')), "-1.5", "1.5", d)
for d in (7,): show("ln deg 7", ln1p, "-0.5", "0", d)
