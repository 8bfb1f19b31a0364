"""One picture of the sketch engine in a process of its own, on one processor: `python -m benchmarks.drawing`.

Prints JSON: seconds of the import, of the first picture and of the median of those after it, seconds that writing the
finished pixels as PNG takes alone, and the peak of resident memory.
"""

from __future__ import annotations

import io
import json
import os
import resource
import statistics
import sys
import time

ROUNDS = 3


def main() -> None:
    prompt, ratio, quality = sys.argv[1:4]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    start = time.perf_counter()
    from cavendish_sketch import paint

    imported = time.perf_counter() - start
    blobs = [_photograph()] if len(sys.argv) > 4 else []
    arguments = {"prompt": prompt, "seed": 7, "ratio": ratio, "quality": quality}
    times, data = [], b""
    for _ in range(1 + ROUNDS):
        start = time.perf_counter()
        _, (data,) = paint.OPERATIONS["alter" if blobs else "draw"](arguments, blobs, lambda percent: None)
        times.append(time.perf_counter() - start)
    found = {
        "import": imported,
        "first": times[0],
        "seconds": statistics.median(times[1:]),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2),
        "bytes": len(data),
        "floor": _encoding(data),
    }
    print(json.dumps(found))


def _encoding(data: bytes) -> float:
    """Seconds to write the same pixels again and do nothing else."""
    import numpy as np
    from PIL import Image

    from cavendish_sketch.canvas import png

    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    strips = [np.ascontiguousarray(pixels[row : row + 256]) for row in range(0, len(pixels), 256)]
    start = time.perf_counter()
    png.write(pixels.shape[1], pixels.shape[0], strips, texts={}, xmp="")
    return time.perf_counter() - start


def _photograph() -> bytes:
    """12 megapixels of clouds and edges as JPEG, about as busy as a photograph."""
    import numpy as np
    from PIL import Image

    generator = np.random.default_rng(5)
    small = generator.integers(0, 256, (48, 64, 3), dtype=np.uint8)
    image = Image.fromarray(small).resize((4000, 3000), Image.Resampling.BICUBIC)
    noise = Image.fromarray(generator.integers(0, 256, (750, 1000, 3), dtype=np.uint8)).resize((4000, 3000))
    file = io.BytesIO()
    Image.blend(image, noise, 0.12).save(file, "JPEG", quality=92)
    return file.getvalue()


if __name__ == "__main__":
    main()
