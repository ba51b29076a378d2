"""Multi-task SAC as one would write it down: a task after another, with torch.distributions.

It steps the networks of a MultiTaskSAC that is given to it, and shares no other arithmetic with it.
"""

import torch
from torch.distributions import Normal


class SlowSAC:
    """Garage-like losses of each task, summed over the tasks, on a MultiTaskSAC's networks.

    Args:
        sac: Whose networks and temperatures are stepped; none of its methods is called.
        lr: Learning rate of all.
        penalty: Task -> what is added to its policy's loss, or None.
    """

    def __init__(self, sac, *, lr=3e-3, discount=0.9, tau=0.05, target_entropy=-2.0, penalty=None):
        self.sac = sac
        self.n_tasks = sac.policy.n_tasks
        self.discount, self.tau, self.target_entropy = discount, tau, target_entropy
        self.penalty = penalty
        self.optimizers = [
            torch.optim.Adam(parameters, lr=lr)
            for parameters in (sac.critics.parameters(), sac.policy.parameters(), [sac.log_alpha])
        ]

    def alpha(self, task):
        log_alpha = self.sac.log_alpha
        return log_alpha[task if len(log_alpha) > 1 else 0]

    def q(self, critics, task, observations, actions):
        """Q1 and Q2 of one task at [B, ...]; asked with zeros for the others."""
        everyone = [torch.zeros(self.n_tasks, *each.shape) for each in (observations, actions)]
        everyone = [
            torch.cat((zeros[:task], each[None], zeros[task + 1 :]))
            for zeros, each in zip(everyone, (observations, actions), strict=True)
        ]
        return critics(*everyone)[:, task]

    def distribution(self, task, observations):
        everyone = observations.expand(self.n_tasks, *observations.shape)
        mean, log_std = self.sac.policy(everyone)
        return Normal(mean[task], log_std[task].clamp(-20, 2).exp())

    def act(self, task, observations, noise):
        distribution = self.distribution(task, observations)
        before_tanh = distribution.mean + distribution.stddev * noise
        actions = torch.tanh(before_tanh)
        log_prob = distribution.log_prob(before_tanh) - torch.log(1 - actions**2 + 1e-6)
        return actions, log_prob.sum(dim=1)

    def critic_loss(self, task, batch, noise, reward_scale=2.0):
        with torch.no_grad():
            actions, log_prob = self.act(task, batch.next_observations[task], noise[task])
            values = self.q(self.sac.target_critics, task, batch.next_observations[task], actions)
            value = torch.min(values[0], values[1]) - self.alpha(task).exp() * log_prob
            goal = batch.rewards[task] * reward_scale
            goal = goal + self.discount * (1 - batch.terminated[task]) * value
        values = self.q(self.sac.critics, task, batch.observations[task], batch.actions[task])
        return sum(torch.nn.functional.mse_loss(value, goal) for value in values)

    def policy_loss(self, task, observations, noise):
        """``observations`` and ``noise`` [T, B, ...]; also returns the log-probabilities."""
        actions, log_prob = self.act(task, observations[task], noise[task])
        values = self.q(self.sac.critics, task, observations[task], actions)
        value = torch.min(values[0], values[1])
        loss = (self.alpha(task).detach().exp() * log_prob - value).mean()
        if self.penalty is not None:
            loss = loss + self.penalty(self, task, observations)
        return loss, log_prob.detach()

    def step(self, optimizer, loss):
        for each in self.optimizers:
            each.zero_grad()
        loss.backward()
        optimizer.step()

    def update(self, batch, noise, actor_steps=1):
        """One update; actor step s takes transitions s, s + actor_steps and so on."""
        critics, policy, alphas = self.optimizers
        tasks = range(self.n_tasks)
        self.step(critics, sum(self.critic_loss(task, batch, noise[0]) for task in tasks))
        size = batch.rewards.shape[1] // actor_steps
        log_probs = [[] for _ in tasks]
        for step in range(actor_steps):
            observations = torch.stack(
                [batch.observations[:, step + actor_steps * i] for i in range(size)], dim=1
            )
            share_noise = noise[1][:, step * size : (step + 1) * size]
            losses = []
            for task in tasks:
                loss, log_prob = self.policy_loss(task, observations, share_noise)
                losses.append(loss)
                log_probs[task].append(log_prob)
            self.step(policy, sum(losses))
        alpha_losses = [
            -self.alpha(task) * (torch.cat(log_probs[task]) + self.target_entropy).mean()
            for task in tasks
        ]
        self.step(alphas, sum(alpha_losses))
        with torch.no_grad():
            for target, online in zip(
                self.sac.target_critics.parameters(), self.sac.critics.parameters(), strict=True
            ):
                target.copy_((1 - self.tau) * target + self.tau * online)
        return losses


def noise_of(sac, batch):
    """The noise that the next update of ``sac`` will draw for this batch."""
    twin = torch.Generator()
    twin.set_state(sac.noise.get_state())
    return torch.randn((2, *batch.actions.shape), generator=twin)


def assert_same_networks(ours, theirs):
    for name in ("critics", "target_critics", "policy"):
        networks = [getattr(sac, name).state_dict() for sac in (ours, theirs)]
        for key, tensor in networks[0].items():
            torch.testing.assert_close(
                tensor,
                networks[1][key],
                rtol=1e-4,
                atol=1e-5,
                msg=lambda m, n=name, k=key: f"{n} {k}: {m}",
            )
    torch.testing.assert_close(ours.log_alpha, theirs.log_alpha, rtol=1e-5, atol=1e-6)
