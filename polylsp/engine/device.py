"""Which backend suits this machine."""

from __future__ import annotations

import ctypes
import sys
from importlib.util import find_spec


def best_backend() -> str:
    """ "torch" where torch is installed and sees a GPU of its kind, else "onnx"."""
    return "torch" if _has_driver() and find_spec("torch") and _sees_gpu() else "onnx"


def _has_driver() -> bool:
    """Whether CUDA's driver is there: asked first, since importing torch takes seconds."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def _sees_gpu() -> bool:
    try:
        import torch

        return bool(torch.cuda.is_available())
    except (ImportError, OSError, RuntimeError):  # An installation that does not load.
        return False
