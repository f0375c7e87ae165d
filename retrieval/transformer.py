"""A converted embedding model, run by OpenVINO; beside conversion.py the only importer of openvino and tokenizers.

The folder holds the model (``model.xml``, ``model.bin``), its tokenizer and ``model.json``: what else has to be known,
and SHA-256 of each of the others, compared before anything reads them.

Texts are encoded in batches of one length, to which each is padded by itself: the next multiple of eight word pieces.
So a text has the same vector, to the bit, alone and in any company, which the order of answers may rest on.
"""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from tokenizers import Tokenizer

from retrieval.caches import Missing, Unusable, sha256
from retrieval.encoder import Vectors, unit

DESCRIPTION, MODEL, WEIGHTS, TOKENIZER = "model.json", "model.xml", "model.bin", "tokenizer.json"

_LENGTH_STEP = 8
# Word pieces of a batch: more gained nothing (docs/performance.md), and a question would wait longer behind it.
_BATCH = 2048

Ids = Sequence[int]
Batch = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Description:
    """What has to be known of a model besides its graph and its tokenizer.

    Attributes:
        name: What sentence-transformers loads it by.
        fingerprint: See ``Encoder``, as for ``dimension`` and ``window``.
        longest: Word pieces that the model reads, special ones counted.
        padding: Id of the piece that shorter texts are filled up with.
        before_question: Put before each question.
        before_passage: Put before each passage.
        files: SHA-256 of each file, by its name.
    """

    name: str
    fingerprint: str
    dimension: int
    window: int
    longest: int
    padding: int
    before_question: str
    before_passage: str
    files: dict[str, str]

    def written(self) -> bytes:
        """As ``read`` reads it."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def read(cls, folder: Path) -> "Description":
        """Of the model in a folder, whose files are then what they were when it was put there.

        Raises:
            Unusable: They are not, or there is none.
        """
        if not (folder / DESCRIPTION).exists():
            raise Missing("it is missing")
        try:
            found = cls(**json.loads((folder / DESCRIPTION).read_bytes()))
            intact = found.files == {name: sha256((folder / name).read_bytes()) for name in sorted(found.files)}
        except (OSError, ValueError, TypeError) as error:
            raise Unusable(f"it cannot be read ({error})") from error
        if not intact:
            raise Unusable("its checksum is wrong")
        return found


class ConvertedTransformer:
    """An embedding model that needs nothing but its folder; any thread may use it.

    Matrices are multiplied in bfloat16 where the processor does that in hardware, else in fp32. Each core works on a
    batch of its own.
    """

    def __init__(self, folder: Path, *, precision: str | None = None) -> None:
        """Load a model.

        Args:
            folder: What ``conversion.convert`` wrote.
            precision: "bf16" or "fp32"; None for what is fastest here.

        Raises:
            Unusable: There is none, or it is damaged.
        """
        self._described = described = Description.read(folder)
        self.name, self.fingerprint = described.name, described.fingerprint
        self.dimension, self.window = described.dimension, described.window
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        core = openvino.Core()
        self.precision = precision or fastest(core)
        cores = len(os.sched_getaffinity(0))
        self._model = core.compile_model(
            core.read_model(folder / MODEL, folder / WEIGHTS),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": {"bf16": "bf16", "fp32": "f32"}[self.precision],
                "NUM_STREAMS": cores,
                "INFERENCE_NUM_THREADS": cores,
            },
        )
        self._passages = openvino.AsyncInferQueue(self._model, cores)
        self._encoding_passages = threading.Lock()
        self._question = self._model.create_infer_request()
        self._encoding_questions = threading.Lock()

    def count(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, special ones not counted."""
        return [len(one.ids) for one in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``; one caller after the other."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        read = self._read(self._described.before_passage, texts)
        with self._encoding_passages:
            self._passages.set_callback(lambda request, rows: _take(request, vectors, rows))
            for rows, *inputs in self._batches(read):
                self._passages.start_async(inputs, rows)
            self._passages.wait_all()
        return unit(vectors)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, float32, of shape ``(len(texts), dimension)``; one caller after the other, beside passages."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        read = self._read(self._described.before_question, texts)
        with self._encoding_questions:
            for rows, *inputs in self._batches(read):
                self._question.infer(inputs)
                _take(self._question, vectors, rows)
        return unit(vectors)

    def _read(self, prompt: str, texts: Sequence[str]) -> list[Ids]:
        """Word pieces of texts with a prompt before them, special ones included, as many as the model reads."""
        encodings = self._tokenizer.encode_batch_fast([prompt + text for text in texts], add_special_tokens=False)
        room = self._described.longest - self._tokenizer.num_special_tokens_to_add(is_pair=False)
        for one in encodings:
            one.truncate(room)
        return [self._tokenizer.post_process(one).ids for one in encodings]

    def _batches(self, read: Sequence[Ids]) -> Iterator[Batch]:
        """Batches of texts that are padded to one length: their numbers, their word pieces, and which are no padding.

        The longest come first, so that no core is left with much to do at the end.
        """
        lengths = -(-np.array([len(ids) for ids in read], np.int64) // _LENGTH_STEP) * _LENGTH_STEP
        for length in np.unique(lengths)[::-1].tolist():
            same = np.flatnonzero(lengths == length)
            size = max(1, _BATCH // length)
            for start in range(0, len(same), size):
                rows = same[start : start + size]
                ids = np.full((len(rows), length), self._described.padding, np.int64)
                mask = np.zeros_like(ids)
                for line, row in enumerate(rows):
                    ids[line, : len(read[row])] = read[row]
                    mask[line, : len(read[row])] = 1
                yield rows, ids, mask


def _take(request: Any, vectors: Vectors, rows: NDArray[np.int64]) -> None:
    vectors[rows] = request.get_output_tensor(0).data


def fastest(core: Any = None) -> str:
    """OpenVINO names bfloat16 only where the processor multiplies it in hardware (AVX-512 BF16, AMX)."""
    core = core or openvino.Core()
    return "bf16" if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "fp32"
