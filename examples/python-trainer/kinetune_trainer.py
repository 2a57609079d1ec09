"""Kinetune's trainer protocol, version 1, for a training script: copy this file beside yours. Python 3.8 or newer, nothing else.

A script calls serve(name, train). train(trial) is called for each trial and uses, in this order:
  trial.resume()       the state that it last gave to trial.measured, None to begin with
  trial.started(...)   how many epochs there will be, and the epoch that it goes on from
  trial.epochs(done)   the numbers of the epochs to train; ends early when the trial is to stop
  trial.measured(...)  an epoch's metrics, and all that is needed to go on after it (anything JSON can hold)
"""
import json
import math
import os
import queue
import sys
import threading


class Trial:
    """One training: configuration (by name), seed, fold, checkpoint_folder, and data where the study has some."""

    def __init__(self, start, say, commands):
        self.configuration, self.seed, self.fold = start["configuration"], start["seed"], start["fold"]
        self.data, self.checkpoint_folder = start.get("data"), start["checkpointFolder"]
        self._start, self._say, self._commands = start, say, commands
        self._file = os.path.join(self.checkpoint_folder, "state.json")
        self._kept = {"state": None, "measurements": []}
        self.stopped = False

    def resume(self):
        if "resumeFromStep" in self._start and os.path.exists(self._file):
            with open(self._file, encoding="utf-8") as file:
                self._kept = json.load(file)
        return self._kept["state"]

    def started(self, total_epochs, resumed_from=0):
        self.total_epochs = int(total_epochs)
        self._say(type="started", totalSteps=self.total_epochs, totalEpochs=self.total_epochs, resumedFromStep=resumed_from)
        for measurement in self._kept["measurements"]:  # those that may not have arrived before the last end
            if measurement["step"] > self._start.get("resumeFromStep", 0):
                self._say(**measurement)

    def epochs(self, done):
        for epoch in range(done + 1, self.total_epochs + 1):
            self.stopped = self.stopped or self._commands.stop.is_set()
            if self.stopped:
                return
            yield epoch

    def measured(self, epoch, values, state):
        """Writes the state to disk before it says what was measured: what was heard is never trained again."""
        finite = {name: value if math.isfinite(value) else None for name, value in values.items()}
        measurement = {"type": "measurement", "step": epoch, "epoch": epoch, "values": finite}
        self._kept = {"state": state, "measurements": self._kept["measurements"] + [measurement]}
        with open(self._file + ".part", "w", encoding="utf-8") as file:
            json.dump(self._kept, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self._file + ".part", self._file)
        self._say(**measurement)

    def outcome(self):
        """Of the measured epochs, the best by the objective; none of them finite: it diverged."""
        measurements = self._kept["measurements"]
        if self.stopped:
            return {"type": "stopped", "step": measurements[-1]["step"] if measurements else 0}
        metric, sign = self._start["objective"]["metric"], 1 if self._start["objective"]["direction"] == "maximise" else -1
        scored = [(m["values"][metric], m["step"]) for m in measurements if m["values"].get(metric) is not None]
        if not scored:
            return {"type": "infeasible", "code": "diverged", "reason": f"{metric} was never finite"}
        value, step = max(scored, key=lambda one: (sign * one[0], -one[1]))
        return {"type": "completed", "bestStep": step, "bestValue": value}


class Commands(threading.Thread):
    """Listens while a trial trains: starts go into a queue, stop is an event, the end of the input ends everything."""

    def __init__(self):
        super().__init__(daemon=True)
        self.starts, self.stop, self.busy = queue.Queue(), threading.Event(), False

    def run(self):
        with os.fdopen(3, encoding="utf-8") as lines:
            for line in lines:
                try:
                    message = json.loads(line)
                    kind = message["type"]
                except (ValueError, KeyError, TypeError):
                    print("not understood:", line.strip()[:120], file=sys.stderr)
                    continue
                if kind == "shutdown":
                    break
                if kind == "stop" and self.busy:
                    self.stop.set()
                elif kind == "start" and not self.busy:
                    self.busy = True
                    self.stop.clear()
                    self.starts.put(message)
                else:
                    print("not expected now:", kind, file=sys.stderr)
        self.stop.set()
        self.starts.put(None)


def serve(name, train, device="CPU"):
    """Trains one trial after the other as the agent asks for them; returns when it has gone or says shutdown."""
    out, commands = os.fdopen(4, "w", encoding="utf-8"), Commands()

    def say(**message):
        try:
            out.write(json.dumps(message, allow_nan=False) + "\n")
            out.flush()
        except BrokenPipeError:  # the agent is gone; what was measured is on disk
            os._exit(0)

    say(type="ready", protocol=1, name=name, device=device)
    commands.start()
    for start in iter(commands.starts.get, None):
        try:
            if start.get("protocol") != 1:
                raise ValueError(f"expected protocol 1, got {start.get('protocol')}")
            trial = Trial(start, say, commands)
            train(trial)
            outcome = trial.outcome()
        except OverflowError as error:
            outcome = {"type": "infeasible", "code": "diverged", "reason": str(error)}
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            outcome = {"type": "failed", "reason": f"{type(error).__name__}: {error}"}
        commands.busy = False
        say(**outcome)
