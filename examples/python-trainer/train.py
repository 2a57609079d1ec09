"""Logistic regression on two noisy rings of points that it makes itself: a trainer that Kinetune tunes, prunes and resumes."""
import math
import random
from kinetune_trainer import serve


def points(count, rng):
    """Features 1, x, y, x^2 + y^2 and the label: whether the point belongs to the inner ring."""
    for _ in range(count):
        inner = rng.random() < 0.5
        radius, angle = rng.gauss(1.0 if inner else 1.6, 0.35), rng.uniform(0, 2 * math.pi)
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        yield [1.0, x, y, x * x + y * y], 1.0 if inner else 0.0


def train(trial):
    rate, decay = trial.configuration.get("learningRate", 0.1), trial.configuration.get("weightDecay", 0.0)
    training, validation = list(points(8000, random.Random(1))), list(points(1000, random.Random(2)))
    state = trial.resume() or {"epoch": 0, "weights": [0.0] * 4}
    trial.started(total_epochs=trial.configuration.get("epochs", 12), resumed_from=state["epoch"])
    probability = lambda x: 1 / (1 + math.exp(-max(-30, min(30, sum(w * v for w, v in zip(state["weights"], x))))))
    loss = lambda data: sum(-math.log(max(1e-9, probability(x) if y else 1 - probability(x))) for x, y in data) / len(data)
    for epoch in trial.epochs(state["epoch"]):
        random.Random(f"{trial.seed} {epoch}").shuffle(order := list(training))
        for x, y in order:
            error = probability(x) - y
            state["weights"] = [w - rate * (error * v + decay * w) for w, v in zip(state["weights"], x)]
        state["epoch"] = epoch
        accuracy = sum((probability(x) > 0.5) == (y == 1) for x, y in validation) / len(validation)
        values = {"trainLoss": loss(training), "validationLoss": loss(validation), "validationAccuracy": accuracy}
        trial.measured(epoch, values, state)


serve("python-rings", train)
