"""The data of a study for its training script: windows of recordings, dealt to people. Python 3.8 or newer, nothing else.

read_windows(trial.data) gives {"train": [...], "validation": [...], "test": [...]}: a (window, label) for each window of the
part, the window a list of T rows of C samples in the units of the channels. The test people are for the end: do not tune on them.
With numpy: numpy.frombuffer(file, "<f4", count, offset).reshape(-1, T, C) instead of the lists.
"""
import array
import json
import struct
import sys


def read_windows(data):
    with open(data["splitFile"], encoding="utf-8") as file:
        split = json.load(file)
    with open(data["windowsFile"], "rb") as file:
        content = file.read()
    magic, version, header_bytes = struct.unpack_from("<8sII", content)
    if (magic, version) != (b"KTWINDOW", 1):
        raise ValueError(f"expected a windows file of version 1, got {magic!r} of version {version}")
    header = json.loads(content[64 : 64 + header_bytes])
    info, arrays = header["info"], header["arrays"]

    def read(name, kind):
        values, place = array.array(kind), arrays[name]
        values.frombytes(content[place["offset"] : place["offset"] + 4 * place["length"]])
        if sys.byteorder == "big":
            values.byteswap()
        return values

    samples, labels, subjects = read("samples", "f"), read("label", "i"), read("subject", "i")
    length, channels = info["length"], len(info["channels"])

    def window(index):
        first = index * length * channels
        return [samples[at : at + channels] for at in range(first, first + length * channels, channels)]

    def belongs(index, part):
        if split["windows"] is not None:  # random windows: people do not decide
            return index in split["windows"][part]
        return info["subjects"][subjects[index]] in split[part]

    return {
        part: [(window(index), info["labels"][labels[index]]) for index in range(len(labels)) if belongs(index, part)]
        for part in ("train", "validation", "test")
    }
