"""A training loop that asks Kinetune what to train. Standard library only: python3 ask.py [URL], with `kinetune serve` running."""
import json, math, os, pathlib, sys, urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:4000/graphql"
TOKEN = os.environ.get("KINETUNE_TOKEN")


def call(field, selection, **values):
    """Runs one mutation; what is refused comes back as a value with a code and a message."""
    name = field[0].upper() + field[1:] + "Input"
    query = f"mutation ($input: {name}!) {{ {field}(input: $input) {{ __typename {selection} ... on Refusal {{ code message }} }} }}"
    body = json.dumps({"query": query, "variables": {"input": values}}, allow_nan=False).encode()
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {TOKEN}"} if TOKEN else {})}
    with urllib.request.urlopen(urllib.request.Request(URL, body, headers)) as response:
        answer = json.load(response)
    if "errors" in answer:
        sys.exit(answer["errors"][0]["message"])
    return answer["data"][field]


def train(configuration, epochs):
    """Gradient descent with momentum on x^2 / 2 + 5 y^2; yields the loss after each epoch."""
    point, speed = [3.0, 2.0], [0.0, 0.0]
    for epoch in range(1, epochs + 1):
        for _ in range(10):
            slope = [point[0], 10 * point[1]]
            speed = [configuration["momentum"] * v - configuration["learningRate"] * g for v, g in zip(speed, slope)]
            point = [p + v for p, v in zip(point, speed)]
        yield epoch, point[0] ** 2 / 2 + 5 * point[1] ** 2 if max(map(abs, point)) < 1e100 else math.nan


study = pathlib.Path(__file__).with_name("study.yaml").read_text()
created = call("createStudy", "... on CreateStudyPayload { studies { name } }", yaml=study, existing="CONTINUE")
name = created["studies"][0]["name"] if "studies" in created else sys.exit(created["message"])
while True:
    asked = call("askConfiguration", "... on LeasedTrial { lease configuration epochs trial { number } } ... on NothingToTrain { message }",
                 study=name, leaseSeconds=60, worker=f"python {os.getpid()}")  # fmt: skip
    if asked["__typename"] != "LeasedTrial":
        sys.exit(print(asked["message"]))
    for epoch, loss in train(asked["configuration"], int(asked["epochs"])):
        value = loss if math.isfinite(loss) else None  # JSON has no NaN
        told = call("tellMeasurements", "... on ToldMeasurements { shouldStop reason }", lease=asked["lease"],
                    measurements=[{"step": 10 * epoch, "epoch": epoch, "values": {"loss": value}}])  # fmt: skip
        if told["__typename"] == "Refusal" or told["shouldStop"] or value is None:
            break
    ended = call("finishTrial", "... on Trial { state bestValue }", lease=asked["lease"], state="COMPLETED")
    print("trial", asked["trial"]["number"], ended.get("state") or ended["message"], ended.get("bestValue"))
