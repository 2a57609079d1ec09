"""The rival: the same models and training step in PyTorch, written for speed as its experts would on a CPU.

Speaks lines of JSON: `{"run": variant, "steps": n}` on stdin, `{"msPerStep": x, "loss": y}` on stdout; the driver decides
whose turn it is. Variants: eager (attention written out), sdpa (scaled_dot_product_attention), compile (torch.compile of
model and loss over the sdpa model). What an expert would do is done: fused Adam, gradients set to None, data resident
as one tensor in the layout the model reads, no host round trip inside a block (the loss is read once), denormals flushed.

Needs: pip install torch
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, size, heads, head_size, dropout, sdpa):
        super().__init__()
        self.heads, self.head_size, self.p, self.sdpa = heads, head_size, dropout, sdpa
        inner = heads * head_size
        self.norm = nn.LayerNorm(size)
        self.qkv = nn.Linear(size, 3 * inner, bias=False)
        self.project = nn.Identity() if heads == 1 and head_size == size else nn.Linear(inner, size)
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        b, s, _ = x.shape
        q, k, v = self.qkv(self.norm(x)).view(b, s, 3, self.heads, self.head_size).permute(2, 0, 3, 1, 4)
        p = self.p if self.training else 0.0
        if self.sdpa:
            y = F.scaled_dot_product_attention(q, k, v, dropout_p=p)
        else:
            weights = torch.softmax(q @ k.transpose(-1, -2) * self.head_size**-0.5, dim=-1)
            y = F.dropout(weights, p, self.training) @ v
        return self.drop(self.project(y.transpose(1, 2).reshape(b, s, -1)))


class FeedForward(nn.Sequential):
    def __init__(self, size, hidden, dropout):
        super().__init__(
            nn.LayerNorm(size),
            nn.Linear(size, hidden),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, size),
            nn.Dropout(dropout),
        )


class Encoder(nn.Module):
    """Class token, positions, pre-norm blocks, head on the class token."""

    def __init__(self, v, tokens, classes, sdpa):
        super().__init__()
        size = v["embeddingSize"]
        self.token = nn.Parameter(torch.randn(1, 1, size))
        self.positions = nn.Parameter(torch.randn(1, tokens + 1, size))
        self.drop = nn.Dropout(v["embeddingDropout"])
        self.blocks = nn.ModuleList(
            nn.ModuleList(
                [
                    Attention(size, v["headCount"], v["headSize"], v["dropout"], sdpa),
                    FeedForward(size, v["mlpSize"], v["dropout"]),
                ]
            )
            for _ in range(v["blockCount"])
        )
        self.head = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, classes))

    def forward(self, x):
        x = self.drop(torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.positions)
        for attention, feed_forward in self.blocks:
            x = x + attention(x)
            x = x + feed_forward(x)
        return self.head(x[:, 0])


class VisionTransformer(nn.Module):
    def __init__(self, v, length, channels, classes, sdpa):
        super().__init__()
        self.patch = v["patchSize"]
        inputs = self.patch * channels
        size = v["embeddingSize"]
        self.embed = nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, size), nn.LayerNorm(size))
        self.encoder = Encoder(v, length // self.patch, classes, sdpa)

    def forward(self, x):  # [B, T, C]: a patch is then a view
        return self.encoder(self.embed(x.reshape(x.shape[0], x.shape[1] // self.patch, -1)))


class ConvTransformer(nn.Module):
    def __init__(self, v, length, channels, classes, sdpa):
        super().__init__()
        hidden = v["convolutionChannels"]
        layers = []
        for i in range(4):
            layers += [nn.Conv1d(channels if i == 0 else hidden, hidden, 1), nn.GELU()]
        self.convolutions = nn.Sequential(*layers)
        self.embed = nn.Linear(length, v["embeddingSize"], bias=False)
        self.encoder = Encoder(v, hidden, classes, sdpa)

    def forward(self, x):  # [B, C, T]
        return self.encoder(self.embed(self.convolutions(x)))


class Convolutional(nn.Module):
    def __init__(self, v, length, channels, classes, sdpa):
        super().__init__()
        layers = []
        for layer in v["layers"].split(","):
            width, kernel = map(int, layer.split("x"))
            layers += [nn.Conv1d(channels, width, kernel), nn.ReLU()]
            channels = width
        self.layers = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(v["dropout"]), nn.Linear(channels, classes))

    def forward(self, x):  # [B, C, T]
        return self.head(self.layers(x).amax(dim=-1))


FAMILIES = {"vit1d": VisionTransformer, "conv-transformer": ConvTransformer, "cnn1d": Convolutional}
READS_TIME_FIRST = {"vit1d"}


def main():
    spec = json.loads(sys.argv[1])
    torch.set_num_threads(spec["threads"])
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)
    size = spec["size"]
    length, channels, classes, batch = size["windowLength"], size["channelCount"], 6, spec["batchSize"]
    generator = torch.Generator().manual_seed(spec["seed"])
    data = torch.randn(2048, length, channels, generator=generator)
    if size["family"] not in READS_TIME_FIRST:
        data = data.transpose(1, 2).contiguous()
    labels = torch.randint(0, classes, (2048,), generator=generator)

    def make(variant):
        torch.manual_seed(spec["seed"])
        model = FAMILIES[size["family"]](size["values"], length, channels, classes, variant != "eager")
        model.train()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

        def loss_of(x, y):
            return F.cross_entropy(model(x), y)

        compute = torch.compile(loss_of) if variant == "compile" else loss_of

        def step(indices):
            loss = compute(data[indices], labels[indices])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            return loss.detach()

        return step, sum(p.numel() for p in model.parameters())

    steps = {}
    orders = torch.Generator().manual_seed(spec["seed"])
    for line in sys.stdin:
        request = json.loads(line)
        variant = request["run"]
        if variant not in steps:
            steps[variant] = make(variant)
        step, weights = steps[variant]
        batches = [torch.randint(0, 2048, (batch,), generator=orders) for _ in range(request["steps"])]
        total = torch.zeros(())
        start = time.perf_counter()
        for indices in batches:
            total += step(indices)
        loss = total.item() / len(batches)
        elapsed = time.perf_counter() - start
        print(
            json.dumps({"msPerStep": 1000 * elapsed / len(batches), "loss": loss, "weights": weights, "version": torch.__version__}),
            flush=True,
        )


if __name__ == "__main__":
    main()
