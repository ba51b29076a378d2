"""The projection onto atoms against a loop over samples and places, and by hand."""

import numpy as np
import pytest
import torch

from learning.q_functions.projection import project


def slow_project(places, probabilities, atoms):
    """Of one sample: a place after another, an atom after another."""
    step = (atoms[-1] - atoms[0]) / (len(atoms) - 1)
    result = np.zeros(len(atoms))
    for place, probability in zip(places, probabilities, strict=True):
        inside = min(max(place, atoms[0]), atoms[-1])
        for index, atom in enumerate(atoms):
            result[index] += probability * max(0.0, 1.0 - abs(inside - atom) / step)
    return result


@pytest.mark.parametrize("n_atoms", [2, 7, 101])
def test_it_equals_a_loop_over_places_and_atoms(n_atoms):
    rng = np.random.default_rng(0)
    atoms = torch.linspace(-10.0, 10.0, n_atoms)
    probabilities = torch.tensor(rng.dirichlet(np.ones(n_atoms), size=(3, 5)), dtype=torch.float32)
    # Some of them beyond the atoms, and some of them in a heap.
    places = torch.tensor(rng.normal(scale=8.0, size=(3, 5, n_atoms)), dtype=torch.float32)
    places[0] *= 0.01
    projected = project(places, probabilities, atoms)
    assert projected.shape == (3, 5, n_atoms)
    for task in range(3):
        for sample in range(5):
            numbers = (
                each.double().numpy()
                for each in (places[task, sample], probabilities[task, sample])
            )
            expected = slow_project(*numbers, atoms.double().numpy())
            np.testing.assert_allclose(projected[task, sample], expected, atol=2e-5)
    torch.testing.assert_close(projected.sum(dim=-1), torch.ones(3, 5))
    inside = places.clamp(-10.0, 10.0)
    means = (projected * atoms).sum(dim=-1)
    torch.testing.assert_close(means, (probabilities * inside).sum(-1), atol=1e-4, rtol=1e-4)


def test_by_hand():
    atoms = torch.tensor([-1.0, 0.0, 1.0])
    places = torch.tensor([[-5.0, 0.25, 1.0], [0.0, 0.0, 7.0], [-0.5, -1.0, 0.5]])
    probabilities = torch.tensor([[0.2, 0.4, 0.4], [0.1, 0.2, 0.7], [0.5, 0.25, 0.25]])
    expected = torch.tensor([[0.2, 0.3, 0.5], [0.0, 0.3, 0.7], [0.5, 0.375, 0.125]])
    torch.testing.assert_close(project(places, probabilities, atoms), expected)


def test_atoms_where_they_are_stay_as_they_are():
    atoms = torch.linspace(-10.0, 10.0, 101)
    probabilities = torch.rand(4, 101, generator=torch.Generator().manual_seed(0)).softmax(dim=-1)
    projected = project(atoms.expand(4, -1), probabilities, atoms)
    torch.testing.assert_close(projected, probabilities, atol=1e-5, rtol=1e-5)
