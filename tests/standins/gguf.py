"""A model of one sentence, for a real llama.cpp: it needs no weights from anywhere.

It is a Llama whose attention and feed-forward layers are zero, so that each token alone decides
which one comes next: after any byte the first piece of the sentence, after each piece the next one,
and after the last piece the end. The file's format is GGUF
(https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
"""

from __future__ import annotations

import io
import struct
import textwrap
from collections.abc import Sequence

__all__ = ["model_of"]

WIDTH = 32
ALIGNMENT = 32
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6
"""The kinds of a token."""

Value = int | float | str | Sequence[str] | Sequence[int] | Sequence[float]


def model_of(text: str) -> bytes:
    """Returns the file of a model that answers everything with one text.

    The text has at most 500 characters, and its pieces of some 20 all differ.
    """
    pieces = textwrap.wrap(text, 20, break_long_words=False, break_on_hyphens=False)
    assert len(set(pieces)) == len(pieces) < WIDTH - 1
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [UNKNOWN, CONTROL, CONTROL, *[BYTE] * 256]
    # In this vocabulary ▁ is a space.
    tokens += [f" {piece}"[not place :].replace(" ", "▁") for place, piece in enumerate(pieces)]
    kinds += [NORMAL] * len(pieces)
    first = 259
    vectors = [_one_hot(0)] * first + [_one_hot(place + 1) for place in range(len(pieces))]
    following = [_one_hot(None)] * len(tokens)
    for place in range(len(pieces)):
        following[first + place] = _one_hot(place)
    following[2] = _one_hot(len(pieces))
    square = [[0.0] * WIDTH] * WIDTH
    tensors = {
        "token_embd.weight": vectors,
        "output_norm.weight": [[1.0] * WIDTH],
        "output.weight": following,
        "blk.0.attn_norm.weight": [[1.0] * WIDTH],
        "blk.0.ffn_norm.weight": [[1.0] * WIDTH],
        **{f"blk.0.attn_{name}.weight": square for name in ("q", "k", "v", "output")},
        **{f"blk.0.ffn_{name}.weight": square for name in ("gate", "up", "down")},
    }
    facts: dict[str, Value] = {
        "general.architecture": "llama",
        "llama.context_length": 8192,
        "llama.embedding_length": WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": WIDTH,
        "llama.attention.head_count": 1,
        "llama.attention.head_count_kv": 1,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": WIDTH,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [0.0] * first + [-1e6] * len(pieces),  # Never in a prompt.
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
    }
    return _file(facts, tensors)


def _one_hot(place: int | None) -> list[float]:
    return [float(number == place) for number in range(WIDTH)]


def _file(facts: dict[str, Value], tensors: dict[str, list[list[float]]]) -> bytes:
    file, data = io.BytesIO(), io.BytesIO()
    file.write(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(facts)))
    for name, value in facts.items():
        file.write(_string(name) + _typed(value))
    for name, rows in tensors.items():
        shape = [WIDTH] if len(rows) == 1 else [WIDTH, len(rows)]
        file.write(_string(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape))
        file.write(struct.pack("<IQ", 0, data.tell()))  # 0 is the type of 32-bit floats.
        data.write(b"".join(struct.pack(f"<{WIDTH}f", *row) for row in rows))
        data.write(bytes(-data.tell() % ALIGNMENT))
    file.write(bytes(-file.tell() % ALIGNMENT))
    return file.getvalue() + data.getvalue()


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _typed(value: Value, *, is_item: bool = False) -> bytes:
    """Returns a value after the number of its type; a list has signed numbers."""
    match value:
        case str():
            return struct.pack("<I", 8) + _string(value)
        case int():
            return struct.pack("<Ii", 5 if is_item else 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case _:
            items = [_typed(item, is_item=True) for item in value]
            return (
                struct.pack("<I", 9)
                + items[0][:4]
                + struct.pack("<Q", len(items))
                + b"".join(item[4:] for item in items)
            )
