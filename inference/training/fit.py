"""Fit a detector: `python -m inference.training.fit --data FOLDER --weights FILE --out FOLDER`.

The schedule runs by the clock, so that a fit ends when a lent device must be given back.
"""

import argparse
import copy
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader

from inference.networks import boxes as geometry
from inference.networks import scoring
from inference.networks.scoring import Detection
from inference.training.annotations import CLASSES, Film, read_films, truths_of
from inference.training.batches import Bank, Orders, OrderStream, Plan
from inference.training.losses import Weights, loss
from inference.training.network import Detector, distances, make_points, to_boxes
from inference.training.poses import Recipe
from inference.training.split import PARTS, read_split

MEAN = STD = 0.5
LAYOUTS = {"last": torch.channels_last, "first": torch.contiguous_format}
WARM_SHARE = 0.04
# Mosaics and hard poses end here: the last part of the schedule sees films as they will come.
CALM_FROM = 0.8


def main() -> None:
    """Fit, score on the choosing films, keep the averaged weights in half precision."""
    options = _options()
    torch.manual_seed(options.seed)
    torch.set_float32_matmul_precision("high")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    films = read_films(options.data / "annotations.json")
    parts = {
        part: [film for film in films if film.image_id in {e.image_id for e in entries}]
        for part, entries in read_split().items()
    }
    taught = [film for part in options.teach for film in parts[part]][: options.most]
    net = Detector(options.scale, channels=options.channels)
    begin(net, options)
    net = net.to(device, memory_format=LAYOUTS[options.layout])
    torch.backends.cudnn.benchmark = True
    averaged = fit(net, taught, options, device)
    options.out.mkdir(parents=True, exist_ok=True)
    state = {
        name: value.half() if value.is_floating_point() else value for name, value in averaged.state_dict().items()
    }
    torch.save(state, options.out / f"{options.name}.pt")
    if not options.judge:
        return
    torch.backends.cudnn.benchmark = False
    judged = parts["val"][: options.most]
    found = predict(averaged, judged, read_images(judged, options.data), options.size, device)
    result = scoring.score(found, truths_of(judged), CLASSES)
    print(
        json.dumps(
            {
                "name": options.name,
                "val": {name: one.AP50 for name, one in result.items()},
                "AP50": scoring.mean([one.AP50 for one in result.values()]),
                "AP50_95": scoring.mean([one.AP50_95 for one in result.values()]),
            }
        ),
        flush=True,
    )


def begin(net: Detector, options: argparse.Namespace) -> None:
    """Load an earlier fit, or the backbone's ImageNet weights."""
    weights = torch.load(options.start or options.weights, map_location="cpu", weights_only=True)
    if options.start:
        net.load_state_dict(
            {name: value.float() if value.is_floating_point() else value for name, value in weights.items()}
        )
    else:
        net.backbone.load_imagenet(weights)


def fit(net: Detector, films: Sequence[Film], options: argparse.Namespace, device: torch.device) -> Detector:
    """Run the schedule and return the moving average of the weights."""
    bank = Bank(read_images(films, options.data), device, workers=options.workers)
    recipe = Recipe(close=options.close, mosaic=options.mosaic)
    plan = Plan(films, bank.bounds, options.size, options.batch, recipe, options.seed)
    calm = replace(
        plan,
        recipe=replace(recipe, mosaic=0.0, scale=0.12, turn_deg=3.0, close=options.close * 0.7),
        seed=options.seed + 1,
    )
    hard_orders, calm_orders = _orders(plan, options.workers), _orders(calm, options.workers)
    points = make_points(options.size, device)
    optimizer = _optimizer(net, options)
    averaged = copy.deepcopy(net).eval()
    start, step, sums = time.monotonic(), 0, 0.0
    while (progress := _progress(start, step, options)) < 1:
        for group in optimizer.param_groups:
            group["lr"] = group["most"] * _share(progress)
        orders = next(hard_orders if progress < CALM_FROM else calm_orders)
        images, targets = bank.render(orders, options.size)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            output = net(prepared(images, options.layout))
        value = loss(output, points, targets, Weights(focus=options.focus))
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        step += 1
        _average(averaged, net, min(options.memory, (1 + step) / (10 + step)))
        if step % options.report == 0:
            sums = value.item()
            print(f"{options.name} {step} {time.monotonic() - start:.0f}s {progress:.3f} loss {sums:.3f}", flush=True)
            if not math.isfinite(sums):
                sys.exit(f"{options.name}: the loss is {sums} after {step} steps")
    print(
        f"{options.name} ended: {step} steps, {step * options.batch / (time.monotonic() - start):.0f} films/s",
        flush=True,
    )
    return averaged


def prepared(images: Tensor, layout: str = "last") -> Tensor:
    """Grey 0 to 1 (batch, 1, rows, columns) to what the backbone was taught with."""
    return ((images - MEAN) / STD).expand(-1, 3, -1, -1).contiguous(memory_format=LAYOUTS[layout])


@torch.no_grad()
def predict(
    net: Detector,
    films: Sequence[Film],
    images: np.ndarray,
    size: tuple[int, int],
    device: torch.device,
    *,
    threshold: float = 0.05,
    iou: float = 0.6,
) -> list[Detection]:
    """Say what is on films, whose pixels are images (n, rows, columns)."""
    points = make_points(size, device)
    back = np.array([images.shape[2] / size[1], images.shape[1] / size[0]] * 2)
    found: list[Detection] = []
    for film, image in zip(films, images, strict=True):
        grey = torch.from_numpy(image.copy())[None, None].float().to(device) / 255
        resized = torch.nn.functional.interpolate(grey, size=size, mode="bilinear", align_corners=False)
        output = net(prepared(resized))
        boxes = to_boxes(distances(output.sides), points)[0].double().cpu().numpy()
        scores = output.classes[0].sigmoid().double().cpu().numpy()
        cells, classes = geometry.pick(
            boxes, scores, floor=threshold, candidates=1000, iou=iou, most=scoring.MAX_DETECTIONS
        )
        found += [
            Detection(film.image_id, CLASSES[place], float(scores[cell, place]), tuple(boxes[cell] * back))
            for cell, place in zip(cells, classes, strict=True)
        ]
    return found


def read_images(films: Sequence[Film], data: Path) -> np.ndarray:
    """Read the films as one array (n, rows, columns) of bytes; all have one size."""
    return np.stack([np.asarray(Image.open(data / "images" / film.file_name).convert("L")) for film in films])


def _orders(plan: Plan, workers: int) -> Iterator[Orders]:
    return iter(
        DataLoader(OrderStream(plan), batch_size=None, num_workers=workers, prefetch_factor=4 if workers else None)
    )


def _optimizer(net: Detector, options: argparse.Namespace) -> torch.optim.AdamW:
    groups = []
    for is_backbone in (True, False):
        for is_vector in (True, False):
            chosen = [
                value
                for name, value in net.named_parameters()
                if name.startswith("backbone") == is_backbone and (value.ndim < 2) == is_vector
            ]
            rate = options.rate * (0.5 if is_backbone else 1.0)
            groups.append(
                {"params": chosen, "most": rate, "lr": 0.0, "weight_decay": 0.0 if is_vector else options.decay}
            )
    return torch.optim.AdamW(groups, fused=torch.cuda.is_available())


def _progress(start: float, step: int, options: argparse.Namespace) -> float:
    return step / options.steps if options.steps else (time.monotonic() - start) / options.seconds


def _share(progress: float) -> float:
    return min(1.0, (progress + 1e-4) / WARM_SHARE) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


@torch.no_grad()
def _average(averaged: Detector, net: Detector, memory: float) -> None:
    old, new = averaged.state_dict(), net.state_dict()
    floats = [name for name, value in old.items() if value.is_floating_point()]
    torch._foreach_lerp_([old[name] for name in floats], [new[name] for name in floats], 1 - memory)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    begun = parser.add_mutually_exclusive_group(required=True)
    begun.add_argument("--weights", type=Path, help="ImageNet weights of the backbone")
    begun.add_argument("--start", type=Path, help="an earlier fit to go on from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="detector")
    parser.add_argument("--scale", default="lite2")
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--size", type=int, nargs=2, default=(512, 1024), metavar=("ROWS", "COLUMNS"))
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--teach", nargs="+", choices=PARTS[:2], default=["train"])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--steps", type=int, default=0, help="instead of seconds")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--decay", type=float, default=0.03)
    parser.add_argument("--memory", type=float, default=0.998)
    parser.add_argument("--focus", type=float, default=1.5)
    parser.add_argument("--close", type=float, default=0.35)
    parser.add_argument("--mosaic", type=float, default=0.25)
    parser.add_argument(
        "--judge", action=argparse.BooleanOptionalAction, default=True, help="score on the choosing films at the end"
    )
    parser.add_argument("--layout", choices=LAYOUTS, default="last")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--report", type=int, default=100)
    parser.add_argument("--most", type=int, default=None, help="films of each part, for a try")
    options = parser.parse_args()
    options.size = tuple(options.size)
    return options


if __name__ == "__main__":
    main()
