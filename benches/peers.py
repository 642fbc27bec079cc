"""fanin beside PyTorch, NumPy and JAX, in one run, taking turns; prints ratios.

    pip install numpy torch jax     # those that are missing are left out
    python benches/peers.py [--log2 26] [--rounds 7] [--threads 1 2]

Nothing else in the repository depends on this.
"""

import argparse
import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Fanin:
    """The bench `ratios` as a server: a line in, seconds out."""

    def __init__(self, threads):
        build = ["cargo", "bench", "--quiet", "--bench", "ratios"] + (["--features", "rayon"] if threads > 1 else [])
        subprocess.run(build + ["--no-run"], cwd=ROOT, check=True)
        self.process = subprocess.Popen(
            build + ["--", "--serve"],
            cwd=ROOT,
            env=os.environ | {"RAYON_NUM_THREADS": str(threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peers(log2, threads):
    """Name of a law -> list of (peer, work)."""
    n = 1 << log2
    works = {"uniform": [], "normal": [], "trunc_normal": []}
    try:
        import torch

        torch.set_num_threads(threads)
        w = torch.empty(n)
        works["uniform"].append(("torch uniform_", lambda: w.uniform_(-0.1, 0.1)))
        works["normal"].append(("torch normal_", lambda: w.normal_(0.0, 0.1)))
        init = torch.nn.init.trunc_normal_
        works["trunc_normal"].append(("torch trunc_normal_", lambda: init(w, 0.0, 0.1, -0.2, 0.2)))
    except ImportError:
        print("no torch: pip install torch")
    try:
        import numpy

        rng = numpy.random.Generator(numpy.random.SFC64(1))
        v = numpy.empty(n, dtype=numpy.float32)
        if threads == 1:
            works["uniform"].append(("numpy SFC64 random", lambda: rng.random(dtype=numpy.float32, out=v)))
            works["normal"].append(("numpy SFC64 standard_normal", lambda: rng.standard_normal(dtype=numpy.float32, out=v)))
    except ImportError:
        print("no numpy: pip install numpy")
    try:
        import jax

        key = jax.random.key(1)
        draws = {
            "uniform": jax.jit(lambda: jax.random.uniform(key, (n,))),
            "normal": jax.jit(lambda: jax.random.normal(key, (n,))),
            "trunc_normal": jax.jit(lambda: jax.random.truncated_normal(key, -2.0, 2.0, (n,))),
        }
        if threads > 1:
            for law, draw in draws.items():
                works[law].append((f"jax {law} (all cores)", lambda draw=draw: draw().block_until_ready()))
    except ImportError:
        print("no jax: pip install jax")
    return works


def fills(arguments):
    for threads in arguments.threads:
        fanin = Fanin(threads)
        n = 1 << arguments.log2
        print(f"\n{threads} thread(s), f32, 2^{arguments.log2} elements, millions a second; ratio fanin : peer")
        for law, works in peers(arguments.log2, threads).items():
            best = {"fanin": float("inf")} | {name: float("inf") for name, _ in works}
            for _ in range(arguments.rounds):
                best["fanin"] = min(best["fanin"], fanin.ask(law, "f32", arguments.log2))
                for name, work in works:
                    best[name] = min(best[name], seconds(work))
            print(f"  fanin {law:<28}{n / best['fanin'] / 1e6:>8.0f}")
            for name, _ in works:
                print(f"  {name:<34}{n / best[name] / 1e6:>8.0f}  {best[name] / best['fanin']:>6.1f} x")
        fanin.close()


def orthogonal(arguments):
    """torch.nn.init.orthogonal_ (MKL's QR, then the signs) beside Orthogonal; drawing included in both."""
    try:
        import torch
    except ImportError:
        return
    for threads in arguments.threads:
        torch.set_num_threads(threads)
        fanin = Fanin(threads)
        print(f"\northogonal, {threads} thread(s), ms; ratio fanin : torch")
        shapes = [("f32", 256, 256), ("f32", 1024, 1024), ("f32", 2048, 2048), ("f32", 4096, 1024), ("f64", 256, 256), ("f64", 1024, 1024)]
        for scalar, rows, columns in shapes:
            w = torch.empty(rows, columns, dtype=torch.float32 if scalar == "f32" else torch.float64)
            ours = theirs = float("inf")
            for _ in range(arguments.rounds):
                ours = min(ours, fanin.ask("orthogonal", scalar, rows, columns))
                theirs = min(theirs, seconds(lambda: torch.nn.init.orthogonal_(w)))
            print(f"  {scalar} {rows:>4} x {columns:<4} {ours * 1e3:>8.2f} {theirs * 1e3:>8.2f}  {theirs / ours:.2f} x")
        fanin.close()


def network(arguments):
    """Forward and backward of 20 dense ReLU layers of width 512, batch 256, one thread."""
    try:
        import torch
    except ImportError:
        return
    torch.set_num_threads(1)
    layers = [layer for _ in range(20) for layer in (torch.nn.Linear(512, 512), torch.nn.ReLU())]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(512, 10))
    batch, labels = torch.randn(256, 512), torch.arange(256) % 10

    def step():
        model.zero_grad(set_to_none=False)
        torch.nn.functional.cross_entropy(model(batch), labels).backward()

    fanin = Fanin(1)
    ours = theirs = float("inf")
    for _ in range(arguments.rounds + 1):
        ours = min(ours, fanin.ask("backward", "f32", 0))
        theirs = min(theirs, seconds(step))
    fanin.close()
    print("\nforward and backward, 20 x 512, batch 256, f32, 1 thread")
    print(f"  fanin {ours * 1e3:.1f} ms, torch {theirs * 1e3:.1f} ms: speed ratio fanin : torch {theirs / ours:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log2", type=int, default=26)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", choices=["fills", "orthogonal", "network"])
    arguments = parser.parse_args()
    if arguments.only:
        globals()[arguments.only](arguments)
        raise SystemExit
    fills(arguments)
    orthogonal(arguments)
    network(arguments)
