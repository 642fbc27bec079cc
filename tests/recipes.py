"""The recipes beside the real models: each starts as its own library starts it, and every parameter's mean, standard deviation, kurtosis
and largest value must be what the recipe promises.

Needs PyTorch, torchvision, timm, transformers, and the source of mamba_ssm (`pip download --no-deps --no-binary mamba-ssm mamba-ssm`) on
PYTHONPATH with einops; the promises come from `cargo test --all-features --test it -- --ignored recipe_promises --nocapture`. Prints a line a model;
exits with 1 on a difference. With `--write` it writes the lists of names and shapes, tests/it/data/*.txt, instead.
"""

import math
import pathlib
import subprocess
import sys
import types

import timm
import torch
import torchvision
import transformers

ROOT = pathlib.Path(__file__).parent
transformers.logging.set_verbosity_error()


def mamba():
    # The kernels are not needed to start the weights.
    for name in ["selective_scan_cuda", "causal_conv1d", "causal_conv1d_cuda", "mamba_ssm.ops.selective_scan_interface"]:
        sys.modules[name] = types.ModuleType(name)
    for name in ["causal_conv1d_fn", "causal_conv1d_update"]:
        setattr(sys.modules["causal_conv1d"], name, None)
    for name in ["selective_scan_fn", "mamba_inner_fn"]:
        setattr(sys.modules["mamba_ssm.ops.selective_scan_interface"], name, None)
    package = types.ModuleType("mamba_ssm")
    package.__path__ = [next(path for path in map(lambda path: path + "/mamba_ssm", sys.path) if pathlib.Path(path).is_dir())]
    sys.modules["mamba_ssm"] = package
    from mamba_ssm.models.config_mamba import MambaConfig
    from mamba_ssm.models.mixer_seq_simple import MambaLMHeadModel

    # state-spaces/mamba-130m, config.json.
    return MambaLMHeadModel(MambaConfig(d_model=768, n_layer=24, vocab_size=50277, rms_norm=True, pad_vocab_size_multiple=8))


def mamba_version():
    path = next(path for path in sys.path if (pathlib.Path(path) / "mamba_ssm/__init__.py").is_file())
    return (pathlib.Path(path) / "mamba_ssm/__init__.py").read_text().split('"')[1]


def llama(**config):
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**config))


LLAMA_3_8B = dict(
    vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8
)
SMALL_LLAMA = dict(
    vocab_size=8192, hidden_size=512, intermediate_size=1792, num_hidden_layers=4, num_attention_heads=8, num_key_value_heads=2
)
HF = f"transformers {transformers.__version__}"
# Of each: what is read for its names, what for its values (if another), what it is.
MODELS = {
    "gpt2": (lambda: transformers.GPT2LMHeadModel(transformers.GPT2Config()), None, f"{HF}, GPT2LMHeadModel(GPT2Config())"),
    "llama": (lambda: llama(**LLAMA_3_8B), lambda: llama(**SMALL_LLAMA), f"{HF}, LlamaForCausalLM, Llama 3 8B"),
    "vit": (lambda: timm.create_model("vit_base_patch16_224"), None, f"timm {timm.__version__}, vit_base_patch16_224"),
    "resnet50": (torchvision.models.resnet50, None, f"torchvision {torchvision.__version__.split('+')[0]}, resnet50"),
    "bert": (lambda: transformers.BertModel(transformers.BertConfig()), None, f"{HF}, BertModel(BertConfig())"),
    "mamba": (mamba, None, "mamba_ssm {}, MambaLMHeadModel, mamba-130m"),
}


def write(name):
    make, _, title = MODELS[name]
    with torch.device("meta"):
        model = make()
    parameters = dict(model.named_parameters(remove_duplicate=False))
    saved = model.state_dict()
    buffers = sorted({key.rsplit(".", 1)[-1] for key in saved if key not in parameters})
    if name == "mamba":
        title = title.format(mamba_version())
    lines = [f"# {title}: state_dict(){', without the buffers ' + ', '.join(buffers) if buffers else ''}"]
    lines += [f"{key} {'x'.join(map(str, value.shape))}" for key, value in saved.items() if key in parameters]
    (ROOT / f"it/data/{name}.txt").write_text("\n".join(lines) + "\n")
    print(name, len(lines) - 1)


def promises():
    command = "cargo test -q --all-features --test it -- --ignored recipe_promises --nocapture"
    text = subprocess.run(command.split(), cwd=ROOT.parent, capture_output=True, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        if line.startswith("promise "):
            _, model, name, *numbers = line.split()
            found.setdefault(model, {})[name] = tuple(map(float, numbers))
    return found


def differences(weights, promise):
    """What of a parameter's weights is not as promised; a right one fails once in 1e9."""
    mean, std, kurtosis, low, high, first_row_zero = promise
    w = weights.detach().double().flatten()
    if max(-low, high) > 50 * std > 0:
        # timm's `trunc_normal_` (1.0.31; PyTorch's own no longer) makes -infinity of the smallest uniform number, and of that the bound: one weight in
        # 2^24 or so, 100 standard deviations out.
        w = w[(w != low) & (w != high)]
    n = len(w)
    found_mean, found_std = w.mean().item(), w.std(correction=0).item()
    if std == 0:
        return [] if (w == mean).all() else [f"mean {found_mean} std {found_std}, not the constant {mean}"]
    wrong = []
    # No distribution here has a kurtosis above 3; a promise that was measured errs as well.
    spread = 6.2 * math.sqrt(2 if math.isnan(kurtosis) else 1)
    if abs(found_mean - mean) > spread * std / math.sqrt(n):
        wrong.append(f"mean {found_mean}, not {mean}")
    if abs(found_std / std - 1) > spread * math.sqrt(0.5 / n) + 1e-5:
        wrong.append(f"std {found_std}, not {std}")
    if n >= 10_000 and not math.isnan(kurtosis):
        found = ((w - found_mean) ** 4).mean().item() / found_std**4
        if abs(found - kurtosis) > 8 * math.sqrt(24 / n):
            wrong.append(f"kurtosis {found}, not {kurtosis}")
    edge = 1e-6 * max(abs(low), abs(high)) if math.isfinite(high) else 0
    if w.min() < low - edge or w.max() > high + edge:
        wrong.append(f"within {w.min().item()}, {w.max().item()}, not {low}, {high}")
    if weights.dim() == 2 and bool((weights[0] == 0).all()) != bool(first_row_zero):
        wrong.append("the first row" + (" is not" if first_row_zero else " is") + " zero")
    return wrong


def main():
    if "--write" in sys.argv:
        for name in MODELS:
            write(name)
        return 0
    failed = False
    promised = promises()
    for name, (make, small, title) in MODELS.items():
        torch.manual_seed(1)
        model = (small or make)()
        parameters = dict(model.named_parameters(remove_duplicate=False))
        wrong = []
        for key, weights in parameters.items():
            promise = promised[name].get(key)
            found = ["no rule"] if promise is None else differences(weights, promise)
            wrong += [f"  {key}: {text}" for text in found]
        # A planted fault must be seen.
        key, weights = max(parameters.items(), key=lambda item: item[1].numel())
        blind = not differences(weights.detach() * 1.05, promised[name][key])
        key, weights = next(item for item in parameters.items() if promised[name][item[0]][1] == 0)
        blind |= not differences(weights.detach() + 0.01, promised[name][key])
        failed |= bool(wrong) or blind
        title = title.format(mamba_version()) if name == "mamba" else title
        title += ", the values of a smaller one" if small else ""
        print(f"{name}: {len(parameters)} parameters, {'as promised' if not wrong else 'DIFFERENT'}{', BLIND' if blind else ''} ({title})")
        print("\n".join(wrong[:20]), end="\n" if wrong else "")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
