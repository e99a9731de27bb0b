"""polylsp: private inline code completion for every LSP editor."""

import os

__version__ = "0.1.0"

# Nothing leaves the machine, and that includes what dependencies do by default: onnxruntime's wheels
# and huggingface_hub report usage unless told not to before they are first imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
