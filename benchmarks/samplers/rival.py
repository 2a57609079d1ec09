"""The rival: Optuna's samplers as an ask/tell server that speaks lines of JSON, so that the functions live in one place.

    {"start": {"sampler": "tpe", "seed": 1, "space": [...], "past": [...]}}   -> {"optuna": "5.0.0"}
    {"ask": 8}   -> {"asked": [{"number": 0, "values": {...}}, ...], "ms": [...]}
    {"tell": [{"number": 0, "value": 1.5}, ...]}   -> {}, where a null value says that the trial failed (NaN)

`past` are results that the study begins with: {"values": {...}, "value": 1.5}. A space lists name, domain and, for a hyperparameter of a branch, the conditions on its parents; parents come first, and only
the active ones are suggested, by their full names, as define-by-run users write it. `ms` is the time of ask and suggest,
the time that a user waits for a configuration.

Needs: pip install "optuna>=5,<6" scipy torch
"""

import json
import sys
import time
import warnings

import numpy as np
import optuna
from optuna.samplers import GPSampler, QMCSampler, RandomSampler, TPESampler
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator
from optuna.samplers._tpe.probability_distributions import (
    _BatchedDiscreteTruncLogNormDistributions,
    _BatchedDiscreteTruncNormDistributions,
    _BatchedTruncLogNormDistributions,
    _BatchedTruncNormDistributions,
)
from optuna.trial import TrialState


class PublishedParzenEstimator(_ParzenEstimator):
    """Bandwidths of the recommended setting of Watanabe, arXiv 2304.11127: the gap to the farther neighbour, the prior's
    centre and both ends of the domain counted as neighbours, clipped below at max(0.03, (number of kernels + 1)^-2) of the
    range. Optuna's own leaves the prior and the outer ends out and clips at 1 / min(100, number of kernels + 1)."""

    def _calculate_categorical_distributions(self, observations, param_name, search_space, parameters):
        # The share that goes to all choices does not follow the prior's weight, which counts losses here.
        return super()._calculate_categorical_distributions(
            observations, param_name, search_space, parameters._replace(prior_weight=1.0)
        )

    def _calculate_numerical_distributions(self, observations, search_space, parameters):
        step, low, high = search_space.step, search_space.low, search_space.high
        if step is not None:
            low, high = low - step / 2, high + step / 2
        if search_space.log:
            observations, low, high = np.log(observations), np.log(low), np.log(high)
        mus = np.append(observations, 0.5 * (low + high))
        order = np.argsort(mus)
        neighbours = np.concatenate([[low], mus[order], [high]])
        gaps = np.maximum(np.diff(neighbours)[:-1], np.diff(neighbours)[1:])
        sigmas = np.empty_like(gaps)
        sigmas[order] = gaps
        sigmas = np.clip(sigmas, (high - low) * max(0.03, (len(mus) + 1.0) ** -2), high - low)
        sigmas[-1] = high - low
        if step is None:
            kernel = _BatchedTruncLogNormDistributions if search_space.log else _BatchedTruncNormDistributions
            return kernel(mus, sigmas, search_space.low, search_space.high)
        kernel = _BatchedDiscreteTruncLogNormDistributions if search_space.log else _BatchedDiscreteTruncNormDistributions
        return kernel(mus, sigmas, search_space.low, search_space.high, step)


class PublishedTPESampler(TPESampler):
    """The recommended setting of Watanabe, arXiv 2304.11127, as package/samplers/tpe_tutorial of optuna/optunahub-registry
    has it, over Optuna's TPE: the best 15 % (at most 25) are good ones and weigh by how much they improve on the best of
    the others, the prior by the mean of those weights; the others weigh 1 whatever their age."""

    def __init__(self, seed):
        super().__init__(
            seed=seed,
            multivariate=True,
            n_startup_trials=10,
            n_ei_candidates=24,
            gamma=lambda n: min(int(np.ceil(0.15 * n)), 25),
            weights=np.ones,
        )
        self._parzen_estimator_cls = PublishedParzenEstimator

    def _build_parzen_estimator(self, study, search_space, trials, handle_below):
        if not handle_below:
            return super()._build_parzen_estimator(study, search_space, trials, handle_below)
        below = {trial.number for trial in trials}
        # Optuna models the trials that have every hyperparameter of the (sub)space.
        trials = [trial for trial in trials if search_space.keys() <= trial.params.keys()]
        others = [
            trial.value
            for trial in study._get_trials(deepcopy=False, states=(TrialState.COMPLETE,), use_cache=True)
            if trial.number not in below
        ]
        parameters, weights = self._parzen_estimator_parameters, np.ones(len(trials))
        if others and trials:
            weights = np.maximum(1e-12, min(others) - np.asarray([trial.value for trial in trials]))
            parameters = parameters._replace(prior_weight=np.mean(weights))
        observations = self._get_internal_repr(trials, search_space, study)
        return PublishedParzenEstimator(observations, search_space, parameters, weights)


SAMPLERS = {
    "sobol": lambda seed: QMCSampler(qmc_type="sobol", scramble=True, seed=seed, warn_independent_sampling=False),
    "random": lambda seed: RandomSampler(seed=seed),
    "tpe": lambda seed: TPESampler(seed=seed),
    "published-tpe": PublishedTPESampler,
    "gp": lambda seed: GPSampler(seed=seed, warn_independent_sampling=False),
}


def suggest(trial, space):
    values = {}
    for hyperparameter in space:
        name, domain = hyperparameter["name"], hyperparameter["domain"]
        # A parent's value is written as JavaScript writes it: true, 0.5, adam.
        if any(written(values.get(c["parent"])) != c["equals"] for c in hyperparameter["conditions"]):
            continue
        if domain["type"] == "categorical":
            values[name] = trial.suggest_categorical(name, domain["choices"])
            continue
        low, high, is_log = domain["minimum"], domain["maximum"], domain["scale"] == "log"
        if domain["type"] == "float":
            values[name] = trial.suggest_float(name, low, high, step=domain.get("step"), log=is_log)
        else:
            values[name] = trial.suggest_int(name, low, high, step=domain.get("step", 1), log=is_log)
    return values


def written(value):
    return json.dumps(value) if isinstance(value, (bool, float, int)) else value


def main():
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        import torch

        torch.set_num_threads(1)
    except ImportError:
        pass
    study, space, running = None, [], {}

    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            start = request["start"]
            study = optuna.create_study(sampler=SAMPLERS[start["sampler"]](start["seed"]))
            space, running = start["space"], {}
            for past in start["past"]:
                study.enqueue_trial(past["values"])
                trial = study.ask()
                suggest(trial, space)
                study.tell(trial, past["value"])
            answer = {"optuna": optuna.__version__}
        elif "ask" in request:
            answer = {"asked": [], "ms": []}
            for _ in range(request["ask"]):
                begin = time.perf_counter()
                trial = study.ask()
                values = suggest(trial, space)
                answer["ms"].append(1000 * (time.perf_counter() - begin))
                running[trial.number] = trial
                answer["asked"].append({"number": trial.number, "values": values})
        else:
            for told in request["tell"]:
                trial = running.pop(told["number"])
                if told["value"] is None:
                    study.tell(trial, state=TrialState.FAIL)
                else:
                    study.tell(trial, told["value"])
            answer = {}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
