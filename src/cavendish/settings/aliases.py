"""Names that clients send by default for models that are not here, or nowhere any more, and what serves them."""

from __future__ import annotations

# Sources: OpenAI's and Google's pages of models and deprecations, November 2026; the defaults of Open WebUI, n8n,
# LibreChat, LobeHub and Dify.
_FLASH = (
    "dall-e-2",
    "dall-e-3",
    "gpt-image-1",
    "gpt-image-1-mini",
    "gpt-image-1.5",
    "gpt-image-2",
    "gpt-image-2.5-flare",
    "gpt-image-2.5-sunburst",
    "gpt-image-2.6-flare",
    "gpt-image-2.6-sunburst",
    "chatgpt-image-latest",
    "gemini-2.0-flash-preview-image-generation",
    "gemini-2.5-flash-image",
    "gemini-2.5-flash-image-preview",
    "gemini-3.1-flash-image",
    "gemini-3.1-flash-image-preview",
    "imagen-3.0-generate-002",
    "imagen-4.0-fast-generate-001",
    "imagen-4.0-generate-001",
    "imagen-4.0-ultra-generate-001",
)
_PRO = ("gemini-3-pro-image", "gemini-3-pro-image-preview")

DEFAULT = {**dict.fromkeys(_FLASH, "nano-banana-2"), **dict.fromkeys(_PRO, "nano-banana-pro")}
