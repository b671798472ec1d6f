"""This project's side of `make bench-peers`: what `benchmarks.peer_torch` computes, as users get it."""

import sys
from collections.abc import Callable
from typing import Any

from benchmarks.timing import answer, asked, measure

ADAM = {"kind": "adam", "learning_rate": 2e-4, "beta_1": 0.5, "beta_2": 0.999}
STEPS = 100_000  # of the training whose first steps are timed


def recipe(filters: int, blocks: int) -> dict[str, Any]:
    """CycleGAN as published, but for the pool: each step judges its own fakes."""
    return {
        "kind": "cyclegan",
        "gan_loss": "lsgan",
        "pool_size": 0,
        "weights": {"adversarial": 1.0, "cycle": 10.0, "identity": 5.0},
        "generator": {
            "kind": "resnet",
            "filters": filters,
            "blocks": blocks,
            "kernel": 7,
            "upsampling": "transposed",
            "upsampling_kernel": 3,
        },
        "discriminator": {"kind": "patchgan", "filters": filters, "depth": 3},
        "generator_optimizer": ADAM,
        "discriminator_optimizer": ADAM,
    }


def build(size: int, filters: int, blocks: int) -> Any:
    from gan_style.methods import METHODS, Setting

    config, method = METHODS["cyclegan"]
    return method(config.model_validate(recipe(filters, blocks)), Setting(crop=size, steps=STEPS, seed=0))


def pictures(batch: int, size: int, seed: int) -> Any:
    import keras

    return keras.random.uniform((batch, size, size, 3), -1.0, 1.0, seed=seed)


def training(wanted: dict[str, Any]) -> Callable[[], float]:
    from gan_style.data.batches import Batch
    from gan_style.optim.player import compiled

    method = build(wanted["size"], wanted["filters"], wanted["blocks"])
    step = compiled(method.step)
    batch = Batch(*(pictures(wanted["batch"], wanted["size"], seed) for seed in (1, 2)))
    return lambda: float(step(batch)["generators"]["total"])


def sampling(wanted: dict[str, Any]) -> Callable[[], Any]:
    from gan_style.methods import Request

    method = build(wanted["size"], wanted["filters"], wanted["blocks"])
    images = pictures(wanted["batch"], wanted["size"], 1)
    return lambda: method.translate(images, Request()).numpy()


def main() -> None:
    wanted = asked(sys.argv[1:])
    from gan_style.system.quiet import import_tensorflow

    import_tensorflow()
    if wanted["work"] == "rates":
        from benchmarks.rates import tensorflow_rates

        answer({"rates": tensorflow_rates(wanted["mode"])})
        return
    from gan_style.system.machine import choose_machine, configure

    auto = choose_machine("auto", wanted["threads"])
    configure(choose_machine(wanted["mode"], wanted["threads"]), 0)
    act = {"step": training, "sample": sampling}[wanted["work"]](wanted)
    measured = measure(act, wanted["started"], wanted["quick"])
    answer({**measured, "auto": auto.precision == wanted["mode"]})


if __name__ == "__main__":
    main()
