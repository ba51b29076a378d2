"""PCGrad's algorithm 1 (Yu et al., NeurIPS 2020) as the paper writes it, in plain loops."""

import torch


def projected_sum(gradients, orders):
    """Sum of the gradients, a vector a task, of which each gave up what opposes the others.

    orders[task] are the other tasks in the order in which task's gradient meets theirs.
    """
    total = torch.zeros_like(gradients[0])
    for task, gradient in enumerate(gradients):
        projected = gradient.clone()
        for other in orders[task]:
            product = torch.dot(projected, gradients[other])
            if product < 0:
                projected -= product / gradients[other].norm() ** 2 * gradients[other]
        total += projected
    return total
