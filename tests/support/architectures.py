"""Models for the test of receptive fields: branches, detached paths, own activations, and whatever else hides what a unit sees."""

import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional


class By(nn.Module):
    """A model whose forward is a function of its layers: ``By(lambda m, x: m.a(x), a=nn.Conv2d(…))``; ``end`` is its last row."""

    def __init__(self, forward, **layers):
        super().__init__()
        self.does = forward
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.end = nn.Identity()

    def forward(self, input):
        return self.end(self.does(self, input))


def conv(kernel_size, channels=2, out=None, **options):
    return nn.Conv2d(channels, out or channels, kernel_size, **options)


def same(kernel_size, channels=2, **options):
    return conv(kernel_size, channels, padding="same", **options)


def stack(*layers):
    return By(lambda m, x: m.layers(x), layers=nn.Sequential(*layers))


class Own(nn.Module):
    """An activation of one's own, or what calls itself one."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, input):
        return self.function(input)


class Identity(nn.Module):
    def forward(self, input):
        return functional.max_pool2d(input, 3, 1, 1)


class ReLU(nn.Module):
    def forward(self, input):
        return functional.relu(input) - input.mean((2, 3), keepdim=True)


class Conv2d(nn.Conv2d):
    def forward(self, input):
        return super().forward(super().forward(input))


class Double(torch.autograd.Function):
    @staticmethod
    def forward(context, input):
        return functional.avg_pool2d(input, 3, 1, 1)

    @staticmethod
    def backward(context, gradient):
        return gradient


class Remembering(nn.Module):
    """Adds what it made last time."""

    def __init__(self):
        super().__init__()
        self.layer, self.last = same(3), 0.0

    def forward(self, input):
        made = self.layer(input) + self.last
        self.last = torch.from_numpy(input.detach().mean((2, 3), keepdim=True).numpy().copy())
        return made


def without_gradient(model, input):
    with torch.no_grad():
        wide = model.b(input)
    return model.a(input) + wide


def by_numpy(model, input):
    return model.a(input) + torch.from_numpy(np.array(model.b(input).detach().numpy()))


def by_data(model, input):
    wide = model.a(input)
    wide.data += model.b(input).data
    return wide


def written(model, input):
    made = torch.zeros_like(input)
    made[:, :1] = model.a(input)[:, :1]
    made[:, 1:] = model.b(input)[:, 1:]
    return made


def decided(model, input):
    return model.a(input) if input[0, 0, 0, 0] > 0 else model.b(input)


def squeezed_and_excited(model, input):
    return model.a(input) * torch.sigmoid(model.b(input.mean((2, 3), keepdim=True)))


def channels_last(model, input):
    made = model.a(input).permute(0, 2, 3, 1)
    return model.c(functional.gelu(model.b(model.norm(made)))).permute(0, 3, 1, 2)


def attended(model, input):
    tokens = model.a(input).flatten(2).transpose(1, 2)
    return model.b(tokens, tokens, tokens)[0].transpose(1, 2).view_as(input)


def scripted(module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch would rather have it compiled
        return torch.jit.script(module)


def lazy():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return stack(nn.LazyConv2d(2, 3), nn.LazyBatchNorm2d(), nn.LazyConv2d(2, 3))


def outside(model, input):
    return functional.pad(model.a(input), (0, 4, 0, 4)) + functional.pad(input, (4, 0, 4, 0))[:, :, 4:, 4:]


def two():
    return {"a": same(3), "b": same(9)}


# Name → (model, what a unit of its last row sees, or None where that cannot be said). Inputs are of two channels, 14 × 13.
SIZE = (1, 2, 14, 13)
ARCHITECTURES = {
    "sum": (By(lambda m, x: m.a(x) + m.b(x), **two()), (9, 9)),
    "detached": (By(lambda m, x: m.a(x) + m.b(x).detach(), **two()), (9, 9)),
    "both detached": (By(lambda m, x: m.a(x.detach()) + m.b(x.detach()), **two()), (9, 9)),
    "data": (By(by_data, **two()), (9, 9)),
    "no_grad": (By(without_gradient, **two()), (9, 9)),
    "numpy": (By(by_numpy, **two()), None),
    "difference": (By(lambda m, x: m.a(x) - m.b(x), **two()), (9, 9)),
    "gate": (By(lambda m, x: m.a(x) * torch.sigmoid(m.b(x)), **two()), (9, 9)),
    "quotient": (By(lambda m, x: m.a(x) / (1 + m.b(x).abs()), **two()), (9, 9)),
    "maximum": (By(lambda m, x: torch.maximum(m.a(x), m.b(x)), **two()), (9, 9)),
    "in between": (By(lambda m, x: torch.lerp(m.a(x), x, torch.sigmoid(m.b(x))), **two()), (9, 9)),
    "where": (By(lambda m, x: torch.where(m.a(x) > m.a(x).mean(), m.a(x), x), a=same(3)), None),
    "concatenated": (By(lambda m, x: torch.cat([m.a(x), m.b(x)], 1), **two()), (9, 9)),
    "concatenated, then mixed": (By(lambda m, x: m.c(torch.cat([m.a(x), m.b(x)], 1)), **two(), c=conv(1, 4, 2)), (9, 9)),
    "concatenated, one part taken": (By(lambda m, x: torch.cat([m.a(x), m.b(x)], 1)[:, :2], **two()), None),
    "concatenated, split again": (By(lambda m, x: torch.cat([m.a(x), m.b(x)], 1).chunk(2, 1)[0], **two()), None),
    "concatenated along the width": (By(lambda m, x: torch.cat([m.a(x), m.b(x)], 3), **two()), None),
    "stacked": (By(lambda m, x: torch.stack([m.a(x), m.b(x)]).sum(0), **two()), (9, 9)),
    "dense": (By(lambda m, x: m.b(torch.cat([x, m.a(x)], 1)), a=same(3), b=conv(3, 4, 2, padding=1)), (5, 5)),
    "residual": (By(lambda m, x: functional.relu(x + m.b(functional.relu(m.a(x)))), a=same(3), b=same(3)), (5, 5)),
    "empty shortcut": (By(lambda m, x: m.a(x) + m.b(x), a=same(3), b=nn.Sequential()), (3, 3)),
    "empty in between": (stack(conv(3), nn.Sequential(), conv(3)), (5, 5)),
    "shortcut of another step": (By(lambda m, x: m.a(x) + x[:, :, ::2, ::2], a=conv(3, stride=2, padding=1)), (3, 3)),
    "cropped shortcut": (By(lambda m, x: m.a(x) + x[:, :, 2:-2, 2:-2], a=conv(5)), (5, 5)),
    "shortcut beside": (By(lambda m, x: m.a(x) + x[:, :, :-4, :-4], a=conv(5)), (5, 5)),
    "shortcut outside": (By(outside, a=conv(5)), (5, 5)),
    "own activation": (stack(conv(3), Own(lambda x: x * torch.sigmoid(1.7 * x)), conv(3)), (5, 5)),
    "an activation that pools": (stack(conv(3), Own(lambda x: functional.relu(x) + functional.avg_pool2d(x, 3, 1, 1))), (5, 5)),
    "an Identity that pools": (stack(conv(3), Identity()), (5, 5)),
    "a ReLU that takes the mean": (stack(conv(3), ReLU()), None),
    "a Conv2d that runs twice": (stack(Conv2d(2, 2, 3)), (5, 5)),
    "a gradient of one's own": (stack(conv(3), Own(Double.apply)), (5, 5)),
    "functional": (By(lambda m, x: functional.conv2d(input=x, weight=m.a.weight, stride=2), a=conv(3)), (3, 3)),
    "in place first": (stack(nn.ReLU(inplace=True), conv(3)), (3, 3)),
    "in place": (stack(conv(3), nn.ReLU(inplace=True), nn.Hardtanh(inplace=True), conv(3)), (5, 5)),
    "added in place": (By(lambda m, x: m.a(x).add_(m.b(x)), **two()), (9, 9)),
    "written in pieces": (By(written, **two()), None),
    "normed": (stack(conv(3), nn.BatchNorm2d(2), nn.PReLU(), nn.Dropout(0.3), nn.Dropout2d(0.3)), (3, 3)),
    "normed by the map": (stack(conv(3), nn.BatchNorm2d(2, track_running_stats=False)), None),
    "instance": (stack(conv(3), nn.InstanceNorm2d(2)), None),
    "group": (stack(conv(3), nn.GroupNorm(1, 2)), None),
    "layer": (stack(conv(3), nn.LayerNorm((12, 11))), None),
    "dropout that stays": (stack(conv(3), Own(lambda x: functional.dropout(x, 0.2, training=True))), (3, 3)),
    "strided": (stack(conv(3, stride=2, padding=1), conv(3, stride=2)), (7, 7)),
    "even": (stack(conv(4), conv(2)), (5, 5)),
    "dilated": (stack(conv((3, 2), dilation=(2, 3)), nn.Tanh()), (5, 4)),
    "depthwise": (stack(conv(3, groups=2), conv(1)), (3, 3)),
    "rectangles": (stack(conv((1, 5)), conv((5, 1))), (5, 5)),
    "pooled": (stack(conv(3), nn.MaxPool2d(2), conv(3), nn.AvgPool2d(2, 1)), (10, 10)),
    "pooled by a pair of one": (stack(nn.MaxPool2d((2,))), (2, 2)),
    "pooled up": (stack(nn.MaxPool2d(3, 2, ceil_mode=True)), (3, 3)),
    "power pooled": (stack(conv(3), nn.LPPool2d(2, 2)), (4, 4)),
    "pooled to halves": (stack(conv(3), nn.AdaptiveAvgPool2d((6, 11))), (4, 3)),
    "pooled unevenly": (stack(conv(3), nn.AdaptiveAvgPool2d(5)), None),
    "pooled to one": (stack(conv(3), nn.AdaptiveAvgPool2d(1)), None),
    "padded apart": (stack(nn.ZeroPad2d((2, 0, 1, 1)), conv(3), nn.ConstantPad2d(1, 3.0)), (3, 3)),
    "reflected": (stack(conv(3, padding=1, padding_mode="reflect"), nn.ReLU()), (3, 3)),
    "replicated": (stack(conv(5, padding=2, padding_mode="replicate"), nn.ReLU()), (5, 5)),
    "circular": (stack(conv(3, padding=1, padding_mode="circular"), nn.ReLU()), (3, 3)),
    "upsampled": (stack(conv(3), nn.Upsample(scale_factor=2), conv(3)), None),
    "interpolated": (stack(Own(lambda x: functional.interpolate(x, scale_factor=2, mode="bilinear")), conv(3)), None),
    "transposed": (stack(nn.ConvTranspose2d(2, 2, 3, stride=2), conv(3)), None),
    "shuffled pixels": (stack(nn.PixelUnshuffle(1), nn.ChannelShuffle(2), conv(3)), None),
    "channel shuffle by hand": (
        By(lambda m, x: m.a(x).view(1, 2, 1, 12, 11).transpose(1, 2).reshape(1, 2, 12, 11), a=conv(3)), (3, 3),
    ),
    "flipped": (By(lambda m, x: m.a(x) + m.a(x).flip(3), a=same(3)), None),
    "rolled": (By(lambda m, x: m.a(x) + m.a(x).roll(3, 2), a=same(3)), None),
    "turned": (By(lambda m, x: m.a(x.mT).mT, a=conv((3, 5))), (5, 3)),
    "turned and added": (By(lambda m, x: m.a(x[..., :13, :]) + m.a(x[..., :13, :]).mT, a=same(3)), None),
    "softmax over space": (By(lambda m, x: m.a(x).flatten(2).softmax(2).view_as(x) * x, a=same(3)), None),
    "softmax over channels": (stack(conv(3), nn.Softmax2d(), conv(3)), (5, 5)),
    "softmax over columns": (stack(conv(3), nn.Softmax(3)), None),
    "cumulative": (stack(conv(3), Own(lambda x: x.cumsum(3))), None),
    "sorted": (stack(conv(3), Own(lambda x: x.sort(2).values)), None),
    "whitened by all": (stack(conv(3), Own(lambda x: x / (1 + x.norm()))), None),
    "mean of channels": (By(lambda m, x: m.a(x) * m.a(x).mean(1, keepdim=True), a=conv(3)), (3, 3)),
    "maximum of channels": (By(lambda m, x: m.b(torch.cat([x.amax(1, True), x.mean(1, True)], 1)), b=same(7)), (7, 7)),
    "squeeze and excite": (By(squeezed_and_excited, a=same(3), b=conv(1)), None),
    "channels last": (
        By(channels_last, a=same(7), norm=nn.LayerNorm(2), b=nn.Linear(2, 8), c=nn.Linear(8, 2)), (7, 7),
    ),
    "einsum": (By(lambda m, x: torch.einsum("nchw,oc->nohw", m.a(x), m.b.weight[:, :, 0, 0]), a=conv(3), b=conv(1)), (3, 3)),
    "a matrix along the width": (By(lambda m, x: m.a(x) @ m.w.weight, a=same(3), w=nn.Linear(13, 13)), None),
    "attention": (By(attended, a=same(3), b=nn.MultiheadAttention(2, 1, batch_first=True)), None),
    "flattened": (stack(conv(3), nn.Flatten(), nn.Linear(264, 4)), None),
    "unfolded": (By(lambda m, x: functional.fold(functional.unfold(m.a(x), 3, padding=1), (14, 13), 3, padding=1), a=same(3)), None),
    "Fourier": (By(lambda m, x: torch.fft.irfft2(torch.fft.rfft2(m.a(x)), s=(14, 13)), a=same(3)), None),
    "a kernel from the input": (By(lambda m, x: functional.conv2d(x, m.a(x)[:, :, :3, :3].reshape(2, 1, 3, 3), groups=2), a=same(3)), None),
    "decided by a value": (By(decided, **two()), None),
    "remembering": (By(lambda m, x: m.a(x), a=Remembering()), None),
    "half channels": (By(lambda m, x: torch.cat([x[:, :1], m.a(x)[:, 1:]], 1), a=same(3)), (3, 3)),
    "space to depth": (
        By(lambda m, x: m.a(torch.cat([x[..., :12:2, :12:2], x[..., 1:12:2, 1:12:2]], 1)), a=conv(1, 4, 2)), (2, 2),
    ),
    "scripted": (stack(conv(3), scripted(nn.ReLU()), conv(3)), (5, 5)),
    "weight norm": (stack(nn.utils.parametrizations.weight_norm(conv(3)), conv(3)), (5, 5)),
    "lazy": (lazy(), (5, 5)),
}  # fmt: skip
