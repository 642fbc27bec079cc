"""The libraries themselves beside what is said of them: draws from PyTorch, timm, Keras and JAX, on the shapes that their own layers have, and compares
the variance with the formulas of tests/it/twins.rs and the fans of docs/initializers.md; the shaped ones with their definitions in src/init.

Needs `pip install torch keras jax flax` and `pip install --no-deps timm`. Prints a line a library and kind of layer, and one for each shaped twin; exits
with 1 on a difference. A variance is off if it is by more than 5 standard errors of what was drawn; and where the page says that fans differ, ours must be.
"""

import importlib.util
import math
import os
import pathlib
import re
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import flax
import flax.linen
import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch

ROOT = pathlib.Path(__file__).parent
TWINS = (ROOT / "it/twins.rs").read_text()
PAGE = (ROOT / "../docs/initializers.md").read_text()
ELEMENTS = 60_000
ERRORS = 5.0

# Only this file of timm: the package imports torchvision.
TIMM = pathlib.Path(importlib.util.find_spec("timm").origin).parent
spec = importlib.util.spec_from_file_location("weight_init", TIMM / "layers/weight_init.py")
timm = importlib.util.module_from_spec(spec)
spec.loader.exec_module(timm)
TIMM_VERSION = re.search(r"'(.*?)'", (TIMM / "version.py").read_text())[1]

torch.manual_seed(1)
keys = iter(range(1, 1 << 30))
failures = 0


def report(name, wrong):
    """`wrong` is what is wrong, a list."""
    global failures
    failures += len(wrong)
    print(f"{name}: {'; '.join(wrong) if wrong else 'as written'}")


# What tests/it/twins.rs says


def table(name):
    """Names and variances, as functions of (fan_in, fan_out)."""
    rows = re.search(rf"const {name}: \[Twin; (\d+)\] = \[\n(.*?)\n\];", TWINS, re.S)
    found = re.findall(r'\(\s*"((?:[^"\\]|\\.)*)",\s*\|(\w), (\w)\| (.*?), *\s*\|fan\|', rows[2], re.S)
    assert len(found) == int(rows[1]), (name, found)
    formula = lambda text: re.sub(r"(\d)_f64\.sqrt\(\)", r"math.sqrt(\1)", text)
    leaky = lambda a: 2.0 / (1.0 + a * a)
    return [
        (text.replace('\\"', '"'), eval(f"lambda {i}, {o}: {formula(variance)}", {"leaky": leaky, "math": math}))
        for text, i, o, variance in found
    ]


def shapes():
    """The shape of each kind of layer in each library, by the layer's name."""
    kinds = {}
    for body in re.findall(r'Kind \{\s*(name: ".*?)\},?\n', TWINS, re.S):
        name = re.search(r'name: "(.*?)"', body)[1]
        shape = lambda library: tuple(map(int, re.search(rf"{library}: &\[(.*?)\]", body)[1].split(",")))
        kinds[name] = {library: shape(library) for library in ("torch", "keras", "jax")}
    assert len(kinds) == int(re.search(r"const KINDS: \[Kind; (\d+)\]", TWINS)[1])
    return kinds


def fans(kind):
    """(fan_in, fan_out) of a kind of layer: ours, and as the page says that the libraries count."""
    cells = re.search(rf"^\| {re.escape(kind)} \| (.*) \|$", PAGE, re.M)[1].split(" | ")
    ours = cells[0]
    cells = [ours if cell == "the same" else cell for cell in cells]
    return dict(zip(("ours", "torch", "keras", "jax"), [tuple(map(float, cell.split(", "))) for cell in cells]))


# Draws


def draws(shape):
    return -(-ELEMENTS // math.prod(shape))


def from_torch(name, shape):
    call = re.match(r"(?:timm )?(\w+)\(w(?:, )?(.*?)\)(?:, the default of layers)?$", name)
    function = getattr(timm if name.startswith("timm") else torch.nn.init, call[1])
    arguments = eval(f"dict(**given({call[2]}))", {"given": lambda *gain, **rest: {**dict(zip(["gain"], gain)), **rest}, "sqrt": math.sqrt})
    drawn = []
    for _ in range(draws(shape)):
        w = torch.empty(shape, dtype=torch.float64)
        function(w, **arguments)
        drawn.append(w.numpy())
    return np.array(drawn)


def from_keras(name, shape):
    call = name if "(" in name else name.split(", ")[0] + "()"
    initializer = eval(call[:-1] + ", seed=seed)" if call[-2] != "(" else call[:-1] + "seed=seed)", {**vars(keras.initializers), "seed": keras.random.SeedGenerator(next(keys))})
    return np.array([np.asarray(initializer(shape)) for _ in range(draws(shape))], np.float64)


def from_jax(name, shape):
    call = name.replace("untruncated_", "").replace("VarianceScaling", "variance_scaling") if "(" in name else name.split(", ")[1] + "()"
    initializer = eval(call, vars(jax.nn.initializers).copy())
    seeds = jax.random.split(jax.random.key(next(keys)), draws(shape))
    return np.asarray(jax.vmap(lambda key: initializer(key, shape))(seeds), np.float64)


def off(drawn, variance):
    """By how many standard errors the mean square is off."""
    squares = np.abs(drawn.ravel()) ** 2
    return abs(squares.mean() - variance) / (squares.std() / math.sqrt(len(squares)))


def variances():
    keras_table = table("KERAS")
    libraries = {
        "torch": (from_torch, table("TORCH")),
        "keras": (from_keras, keras_table),
        "jax": (from_jax, keras_table),
    }
    for kind, kind_shapes in shapes().items():
        counted = fans(kind)
        for library, (draw, twins) in libraries.items():
            wrong, most, told_apart = [], 0.0, 0
            for name, formula in twins:
                drawn = draw(name, kind_shapes[library])
                theirs, ours = formula(*counted[library]), formula(*counted["ours"])
                most = max(most, off(drawn, theirs))
                if off(drawn, theirs) > ERRORS:
                    wrong.append(f"{name}: {np.mean(drawn**2):.5g}, not {theirs:.5g}")
                if not math.isclose(theirs, ours):
                    told_apart += 1
                    if off(drawn, ours) <= ERRORS:
                        wrong.append(f"{name}: our fans cannot be told from theirs")
            mark = f", ours told apart in {told_apart}" if told_apart else ""
            report(f"{library}, {kind}: {len(twins)} twins, at most {most:.1f} standard errors off{mark}", wrong)


def layers():
    """That the shapes are those of the libraries' own layers."""
    nn, flax_nn = torch.nn, flax.linen
    image = jnp.zeros((1, 5, 5, 4))

    def built(layer, shape=(1, 5, 5, 4)):
        layer.build(shape)
        return layer.kernel.shape

    def kernel(layer, x=image):
        return layer.init(jax.random.key(0), x)["params"]["kernel"].shape

    found = {
        "dense, 4 to 6": (nn.Linear(4, 6).weight.shape, built(keras.layers.Dense(6), (1, 4)), kernel(flax_nn.Dense(6))),
        "convolution, 4 to 6, 3 x 3": (
            nn.Conv2d(4, 6, 3).weight.shape,
            built(keras.layers.Conv2D(6, 3)),
            kernel(flax_nn.Conv(6, (3, 3))),
        ),
        "in 2 groups": (
            nn.Conv2d(4, 6, 3, groups=2).weight.shape,
            built(keras.layers.Conv2D(6, 3, groups=2)),
            kernel(flax_nn.Conv(6, (3, 3), feature_group_count=2)),
        ),
        "depthwise, 4 channels": (
            nn.Conv2d(4, 4, 3, groups=4).weight.shape,
            built(keras.layers.DepthwiseConv2D(3)),
            kernel(flax_nn.Conv(4, (3, 3), feature_group_count=4)),
        ),
        "transposed, 4 to 6": (
            nn.ConvTranspose2d(4, 6, 3).weight.shape,
            built(keras.layers.Conv2DTranspose(6, 3)),
            kernel(flax_nn.ConvTranspose(6, (3, 3))),
        ),
    }
    said = shapes()
    wrong = [
        f"{kind}: {library} {tuple(shape)}"
        for kind, of_libraries in found.items()
        for library, shape in zip(("torch", "keras", "jax"), of_libraries)
        if tuple(shape) != said[kind][library]
    ]
    report(f"shapes of {3 * len(found)} layers of PyTorch, Keras and Flax", wrong)
    # The default of PyTorch's layers, drawn by a layer itself.
    drawn = np.array([nn.Linear(4, 6).weight.detach().numpy() for _ in range(draws((6, 4)))])
    report("torch, nn.Linear's own weights", [] if off(drawn, 2.0 / 6.0 / 4.0) <= ERRORS else [f"{np.mean(drawn**2)}"])
    embedding = nn.Embedding(7, 5000, padding_idx=3).weight.detach().numpy()
    wrong = [] if (embedding[3] == 0).all() else ["the padding row is not 0"]
    wrong += [] if off(np.delete(embedding, 3, 0), 1.0) <= ERRORS else ["the others are not N(0, 1)"]
    report("torch, nn.Embedding(rows, cols, padding_idx)", wrong)


# Shaped ones


def dirac():
    wrong = []
    for shape, groups in [((6, 4, 3), 1), ((4, 6, 4), 1), ((6, 2, 4, 3), 2), ((6, 5, 2, 5, 4), 3), ((4, 4, 1, 1, 1), 4)]:
        w = torch.nn.init.dirac_(torch.empty(shape), groups).numpy()
        o, i = np.indices(shape[:2])
        defined = np.zeros(shape)
        defined[(slice(None), slice(None), *(k // 2 for k in shape[2:]))] = o % (shape[0] // groups) == i
        if not (w == defined).all():
            wrong.append(f"{shape} in {groups} groups")
    report("torch, dirac_(w, groups): tap k / 2, o mod (outputs of a group) = i", wrong)


def delta_orthogonal():
    wrong = []
    initializer = jax.nn.initializers.delta_orthogonal(1.5)
    for shape in [(4, 3, 5), (3, 2, 4, 4), (2, 3, 4, 1, 6)]:
        w = np.asarray(initializer(jax.random.key(next(keys)), shape), np.float64)
        centre = tuple((k - 1) // 2 for k in shape[:-2])
        matrix = w[centre].copy()
        w[centre] = 0
        if w.any() or not np.allclose(matrix @ matrix.T, 1.5**2 * np.eye(shape[-2]), atol=1e-5):
            wrong.append(str(shape))
    try:
        initializer(jax.random.key(0), (3, 3, 5, 4))
        wrong.append("more inputs than outputs are taken")
    except ValueError:
        pass
    report("jax, delta_orthogonal(scale): tap (k - 1) / 2, inputs <= outputs", wrong)


def orthogonal():
    wrong = []
    drawn = {
        "torch": torch.nn.init.orthogonal_(torch.empty(6, 4, 3, 3, dtype=torch.float64), 1.5).numpy().reshape(6, -1),
        "torch, transposed": torch.nn.init.orthogonal_(torch.empty(4, 6, 3, 3, dtype=torch.float64), 1.5).numpy().reshape(4, -1),
        "keras": np.asarray(keras.initializers.Orthogonal(1.5, seed=1)((3, 3, 4, 6))).reshape(-1, 6).T,
        "jax": np.asarray(jax.nn.initializers.orthogonal(1.5)(jax.random.key(1), (3, 3, 4, 6))).reshape(-1, 6).T,
    }
    for name, w in drawn.items():
        if not np.allclose(w @ w.T, 1.5**2 * np.eye(len(w)), atol=1e-5):
            wrong.append(name)
    report("torch [first, rest], keras and jax [rest, last]: orthogonal", wrong)


def sparse():
    wrong = []
    for rows, cols, sparsity in [(10, 40, 0.25), (10, 40, 0.1), (7, 9, 0.0), (7, 9, 1.0), (100, 300, 0.07)]:
        w = torch.nn.init.sparse_(torch.empty(rows, cols), sparsity, 0.5).numpy()
        if ((w == 0).sum(axis=0) != math.ceil(sparsity * rows)).any():
            wrong.append(f"zeros of {rows} rows at {sparsity}")
        if sparsity < 1 and off(w[w != 0], 0.25) > ERRORS:
            wrong.append(f"the others of {rows} rows at {sparsity}")
    report("torch, sparse_(w, sparsity, std): ceil(sparsity * rows) zeros in each column", wrong)


def identity():
    pairs = [
        (torch.nn.init.eye_(torch.empty(3, 5)).numpy(), np.eye(3, 5)),
        (np.asarray(keras.initializers.Identity(0.5)((5, 3))), 0.5 * np.eye(5, 3)),
    ]
    report("torch, eye_(w); keras, Identity(gain)", [str(found) for found, defined in pairs if not (found == defined).all()])


def sub_pixels():
    """Filters that are repeated as Icnr says make each block of pixels equal."""
    generator, wrong = np.random.default_rng(1), []
    filters = generator.normal(size=(3, 4, 3, 3))
    image = generator.normal(size=(2, 4, 5, 5))
    o = np.arange(12)
    same = lambda w, axes: np.allclose(w, w.take(np.arange(w.shape[axes[0]]) // 2 * 2, axes[0]).take(np.arange(w.shape[axes[1]]) // 2 * 2, axes[1]))
    for name, order, equal in [("o / r", o // 4, True), ("o mod channels", o % 3, False)]:
        low = torch.nn.functional.conv2d(torch.tensor(image), torch.tensor(filters[order]))
        if same(torch.nn.functional.pixel_shuffle(low, 2).numpy(), (2, 3)) != equal:
            wrong.append(f"pixel_shuffle, {name}")
        low = np.moveaxis(low.numpy(), 1, -1)
        if same(np.asarray(keras.ops.nn.depth_to_space(low, 2, data_format="channels_last")), (1, 2)) == equal:
            wrong.append(f"depth_to_space, {name}")
    report("torch, pixel_shuffle: filter o / r; keras, depth_to_space: filter o mod channels", wrong)


def truncated():
    wrong = []
    kept = 1 - 4 * math.exp(-2) / (math.sqrt(2 * math.pi) * math.erf(math.sqrt(2)))
    shape = (400, 500)
    if off(np.asarray(keras.initializers.TruncatedNormal(0.0, 0.02, seed=1)(shape), np.float64), kept * 0.02**2) > ERRORS:
        wrong.append("Keras' is not cut at 2 standard deviations")
    w = torch.nn.init.trunc_normal_(torch.empty(shape, dtype=torch.float64), 0, 0.02, -2, 2).numpy()
    if off(w, 0.02**2) > ERRORS or np.abs(w).max() < 3 * 0.02:
        wrong.append("PyTorch's bounds are not the values'")
    if abs(kept - 0.774) > 5e-4:
        wrong.append(f"{kept} is not 0.774")
    report("keras, TruncatedNormal(0, 0.02); torch, trunc_normal_(w, 0, 0.02, -2, 2)", wrong)


def complex_scaling():
    wrong, shape = [], (50, 40_000)
    mass = 1 - math.exp(-4)
    for distribution, excess in [("normal", 1.0), ("uniform", 1.0), ("truncated_normal", 1 / mass)]:
        initializer = jax.nn.initializers.variance_scaling(2.0, "fan_in", distribution)
        w = np.asarray(initializer(jax.random.key(next(keys)), shape, jnp.complex64), np.complex128)
        if off(w, excess * 2.0 / 50.0) > ERRORS:
            wrong.append(f"{distribution}: {np.mean(np.abs(w) ** 2) * 25:.5f} times scale / fan, not {excess:.5f}")
        if excess != 1.0 and off(w, 2.0 / 50.0) <= ERRORS:
            wrong.append(f"{distribution}: the missing mass cannot be seen")
        if excess != 1.0 and abs(np.abs(w).max() / (2 * math.sqrt(2.0 / 50.0) / math.sqrt(1 - 5 * math.exp(-4))) - 1) > 1e-3:
            wrong.append(f"{distribution}: the largest modulus is {np.abs(w).max()}")
    report(f"jax, complex variance_scaling: truncated {1 / mass:.4f} times too much, cut at 2 / 0.95311", wrong)


def gains():
    pairs = [("tanh", 5 / 3), ("relu", math.sqrt(2)), ("selu", 0.75), ("sigmoid", 1), ("linear", 1)]
    report("torch, calculate_gain", [name for name, gain in pairs if torch.nn.init.calculate_gain(name) != gain])


def versions():
    """The page names the versions that are installed here."""
    installed = {"PyTorch": torch.__version__, "Keras": keras.__version__, "JAX": jax.__version__, "timm": TIMM_VERSION}
    wrong = []
    for name, version in installed.items():
        for text, where in [(PAGE, "docs/initializers.md"), (TWINS, "tests/it/twins.rs")]:
            named = re.findall(rf"\b{name} (\d+(?:\.\d+)*)", text)
            wrong += [f"{where} says {name} {other}" for other in named if f"{version}.".find(f"{other}.") != 0]
    report("versions: " + ", ".join(f"{name} {version}" for name, version in installed.items()) + f", Flax {flax.__version__}", wrong)


def main():
    versions()
    layers()
    variances()
    for check in (dirac, delta_orthogonal, orthogonal, sparse, identity, sub_pixels, truncated, complex_scaling, gains):
        check()
    sys.exit(1 if failures else print("all as written"))


main()
