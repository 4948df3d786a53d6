"""Batches for training: chosen films and their poses as small arrays, made beside the device.

Pixels follow on the device.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import IterableDataset, get_worker_info

from inference.training.annotations import CLASSES, Film
from inference.training.losses import Targets
from inference.training.masks import bounds, fill_mask, find_mask
from inference.training.poses import Recipe, draw_matrix, draw_quarters, inverted, move_boxes

MOST_BOXES = 64
# What stands in place of the mask: the mask itself, black, one grey, the film continued.
WHITE, BLACK, GREY, CONTINUED = range(4)
FILLS = np.array([0.5, 0.2, 0.1, 0.2])


class Orders(NamedTuple):
    """What to render, for each of `inputs x parts`: film, fill, inverse map, window.

    Tones for each input; boxes and classes.
    """

    films: Tensor
    fills: Tensor
    maps: Tensor
    windows: Tensor
    tones: Tensor
    boxes: Tensor
    classes: Tensor


@dataclass(frozen=True)
class Plan:
    """What a batch consists of."""

    films: Sequence[Film]
    bounds: Sequence[tuple[int, int, int, int]]
    size: tuple[int, int]
    count: int
    recipe: Recipe
    seed: int


class OrderStream(IterableDataset[Orders]):
    """Endless orders; films with rare classes come more often."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.shares = film_shares(plan.films)

    def __iter__(self) -> Iterator[Orders]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.plan.seed, worker.id if worker else 0])
        while True:
            yield self._draw(rng)

    def _draw(self, rng: np.random.Generator) -> Orders:
        inputs = [self._input(rng) for _ in range(self.plan.count)]
        return Orders(*(torch.from_numpy(np.stack(values)) for values in zip(*inputs, strict=True)))

    def _input(self, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
        plan, recipe = self.plan, self.plan.recipe
        films = rng.choice(len(plan.films), size=4, p=self.shares)
        source = plan.films[0].height, plan.films[0].width
        whole = (0.0, 0.0, float(plan.size[1]), float(plan.size[0]))
        if rng.random() < recipe.mosaic:
            maps, windows = draw_quarters(rng, recipe, source=source, size=plan.size)
        else:
            maps, windows = (
                [draw_matrix(rng, recipe, source=source, size=plan.size, bounds=plan.bounds[films[0]])],
                [whole],
            )
        boxes, classes = np.full((MOST_BOXES, 4), -1, np.float32), np.full(MOST_BOXES, -1, np.int64)
        count = 0
        for film, matrix, window in zip(films, maps, windows, strict=False):
            moved, kept = move_boxes(plan.films[film].boxes, matrix, window, recipe.least_visible)
            taken = min(len(kept), MOST_BOXES - count)
            boxes[count : count + taken], classes[count : count + taken] = (
                moved[:taken],
                plan.films[film].classes[kept[:taken]],
            )
            count += taken
        unused = 4 - len(maps)
        back = np.stack([inverted(matrix) for matrix in maps + maps[:1] * unused]).astype(np.float32)
        shown = np.array(windows + [(0.0, 0.0, 0.0, 0.0)] * unused, np.float32)
        fills = np.full(4, rng.choice(4, p=FILLS)) if len(maps) == 1 else rng.choice(4, 4, p=FILLS)
        return films, fills, back, shown, draw_tones(rng), boxes, classes


def film_shares(films: Sequence[Film]) -> np.ndarray:
    """Weigh films by the square root of how rare the rarest of their classes is, against one class in three films."""
    held = np.stack([np.bincount(film.classes, minlength=len(CLASSES)) > 0 for film in films])
    factors = np.sqrt(np.maximum(1.0, 0.35 / np.maximum(held.mean(axis=0), 1e-3)))
    weights = np.maximum(1.0, (held * factors).max(axis=1))
    return weights / weights.sum()


def draw_tones(rng: np.random.Generator) -> np.ndarray:
    """Draw gamma, contrast, brightness, inversion, blur, coarseness, noise and the grey of a grey fill."""
    return np.array(
        [
            np.exp(rng.uniform(-0.4, 0.4)),
            rng.uniform(0.7, 1.3),
            rng.uniform(-0.12, 0.12),
            rng.random() < 0.02,
            rng.random() < 0.15,
            rng.random() < 0.1,
            rng.uniform(0, 0.03) * (rng.random() < 0.5),
            rng.uniform(0, 0.5),
        ],
        np.float32,
    )


def _unmasked(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mask = find_mask(image)
    return mask, fill_mask(image, mask)


class Bank:
    """All films on the device: as they are, continued into the mask, and the mask."""

    def __init__(self, images: np.ndarray, device: torch.device, *, workers: int = 0) -> None:
        if workers:
            with ProcessPoolExecutor(workers) as pool:
                prepared = list(pool.map(_unmasked, images, chunksize=16))
        else:
            prepared = [_unmasked(image) for image in images]
        masks, continued = (np.stack(values) for values in zip(*prepared, strict=True))
        self.bounds = [bounds(mask) for mask in masks]
        self.images, self.continued, self.masks = (
            torch.from_numpy(a.astype(np.uint8)).to(device) for a in (images, continued, masks)
        )

    def render(self, orders: Orders, size: tuple[int, int]) -> tuple[Tensor, Targets]:
        """Render inputs (batch, 1, rows, columns), 0 to 1, and their targets."""
        rows, columns = size
        device = self.images.device
        films, fills, maps, windows, tones, boxes, classes = (value.to(device, non_blocking=True) for value in orders)
        y, x = torch.meshgrid(
            torch.arange(rows, device=device) + 0.5, torch.arange(columns, device=device) + 0.5, indexing="ij"
        )
        out = torch.zeros(len(films), 1, rows, columns, device=device)
        for part in range(4):
            window = windows[:, part, :, None, None]
            used = torch.nonzero(windows[:, part, 2] > 0)[:, 0]
            if len(used):
                pixels = self._sampled(films[used, part], fills[used, part], maps[used, part], tones[used, 7], (y, x))
                inside = (x >= window[used, 0]) & (x < window[used, 2]) & (y >= window[used, 1]) & (y < window[used, 3])
                out[used] = torch.where(inside[:, None], pixels, out[used])
        return toned(out, tones), Targets(boxes, classes)

    def _sampled(self, films: Tensor, fills: Tensor, maps: Tensor, greys: Tensor, at: tuple[Tensor, Tensor]) -> Tensor:
        image, mask = self.images[films].float() / 255, self.masks[films] > 0
        plain = torch.where(fills == GREY, greys, torch.zeros_like(greys))[:, None, None]
        image = torch.where(mask & ((fills == BLACK) | (fills == GREY))[:, None, None], plain, image)
        image = torch.where((fills == CONTINUED)[:, None, None], self.continued[films].float() / 255, image)
        rows, columns = image.shape[1:]
        y, x = at
        places = maps[:, :, 0, None, None] * x + maps[:, :, 1, None, None] * y + maps[:, :, 2, None, None]
        grid = torch.stack([places[:, 0] * (2 / columns) - 1, places[:, 1] * (2 / rows) - 1], dim=-1)
        return functional.grid_sample(image[:, None], grid, mode="bilinear", padding_mode="border", align_corners=False)


def toned(images: Tensor, tones: Tensor) -> Tensor:
    """Change greys as other devices, films and programs would."""
    gamma, contrast, brightness, inverted_, blur, coarse, noise, _ = tones.T[:, :, None, None, None]
    images = torch.where(
        coarse > 0, functional.interpolate(functional.avg_pool2d(images, 2), scale_factor=2.0, mode="bilinear"), images
    )
    images = torch.where(blur > 0, functional.avg_pool2d(images, 3, 1, 1), images)
    images = images.clamp(0, 1).pow(gamma)
    images = (images - 0.5) * contrast + 0.5 + brightness + torch.randn_like(images) * noise
    return torch.where(inverted_ > 0, 1 - images, images).clamp(0, 1)
