"""What task sets know of their tasks."""

import numpy as np
import pytest

import environments


@pytest.mark.parametrize("env", environments.task_set_ids())
def test_names_are_the_tasks_and_embeddings_have_a_row_each(env):
    task_set = environments.make_task_set(env)
    knowledge = task_set.knowledge()
    assert knowledge.names == task_set.task_names
    if env.startswith("MetaWorldMT") or env == "MetaWorldCustom-v2":
        assert len(knowledge.descriptions) == task_set.n_tasks
        assert knowledge.embeddings.shape == (task_set.n_tasks, 384)
    else:
        assert knowledge.descriptions is None
        assert knowledge.embeddings is None


def test_meta_worlds_embeddings_lie_apart_as_its_distances_say():
    task_set = environments.make_task_set("MetaWorldMT50-v2")
    knowledge = task_set.knowledge()
    embeddings = knowledge.embeddings.astype(np.float64)
    differences = embeddings[:, None] - embeddings[None]
    distances = np.linalg.norm(differences, axis=2)
    np.testing.assert_allclose(distances, task_set.task_distances(), atol=6e-5)
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1.0, atol=1e-5)
    picked = environments.make_task_set("MetaWorldCustom-v2", tasks="push,door-open").knowledge()
    row = task_set.task_names.index("door-open")
    assert picked.descriptions[1] == "Open a door with a revolving joint."
    np.testing.assert_array_equal(picked.embeddings[1], knowledge.embeddings[row])
