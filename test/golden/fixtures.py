"""Small files written by Python, to be read by TypeScript: safetensors, .npy and .npz."""

import json
import os
import struct

import numpy
import torch
from torch import nn

from golden import HERE, encode, put, rand, seed

FOLDER = os.path.join(HERE, "fixtures")
CODES = {"float32": "F32", "float64": "F64", "int32": "I32", "uint8": "U8", "bool": "BOOL"}


def write_safetensors(path, arrays, metadata):
    """The format in a few lines: header length, header, data."""
    header, at = {"__metadata__": metadata}, 0
    for name, array in arrays.items():
        header[name] = {"dtype": CODES[str(array.dtype)], "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in arrays.values()))


def read_safetensors(path):
    """The same, back: the metadata and the arrays."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    kinds = {code: kind for kind, code in CODES.items()}
    metadata = header.pop("__metadata__", {})
    arrays = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        arrays[name] = numpy.frombuffer(data[begin:end], kinds[entry["dtype"]]).reshape(entry["shape"])
    return metadata, arrays


def make():
    os.makedirs(FOLDER, exist_ok=True)
    seed(30)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    state = {name: value.to(torch.float32).numpy() for name, value in model.state_dict().items()}
    write_safetensors(os.path.join(FOLDER, "mlp.safetensors"), state, {"format": "pt"})
    x = rand(2, 3)
    put("fixtures", {"name": "mlp", "input": encode(x), "output": encode(model.float()(x.float()))})

    nan = numpy.array([0x7FC00001, 0xFFC12345, 0x80000000, 0x7F800000], dtype="uint32").view("float32")
    arrays = {
        "bytes": numpy.array([0, 1, 127, 255], dtype="uint8"),
        "double": numpy.array([[0.1, -0.0, 1e308], [5e-324, numpy.inf, -1 / 3]]),
        "nan bits": nan,
        "whole": numpy.array([[-(2**31)], [2**31 - 1]], dtype="int32"),
        "truth": numpy.array([True, False, True]),
        "scalar": numpy.array(2.5, dtype="float32"),
        "empty": numpy.zeros((2, 0, 3)),
        "größe": numpy.arange(3, dtype="float32"),
    }
    write_safetensors(os.path.join(FOLDER, "kinds.safetensors"), arrays, {"note": "every dtype"})
    numpy.savez(os.path.join(FOLDER, "kinds.npz"), **arrays)
    numpy.savez_compressed(os.path.join(FOLDER, "deflated.npz"), **arrays, long=numpy.zeros((100, 100)))
    table = numpy.arange(24, dtype="float64").reshape(2, 3, 4)
    numpy.save(os.path.join(FOLDER, "fortran.npy"), numpy.asfortranarray(table))
    numpy.save(os.path.join(FOLDER, "bigEndian.npy"), table.astype(">f4"))
    numpy.save(os.path.join(FOLDER, "int64.npy"), table.astype("int64"))
    with open(os.path.join(FOLDER, "version2.npy"), "wb") as file:
        numpy.lib.format.write_array(file, table, version=(2, 0))


def check(folder):
    """Read what TypeScript wrote, and print what came out: `python3 test/golden/make.py check FOLDER`."""
    metadata, arrays = read_safetensors(os.path.join(folder, "written.safetensors"))
    print("safetensors", metadata)
    archive = numpy.load(os.path.join(folder, "written.npz"))
    assert set(archive.files) == set(arrays), (archive.files, list(arrays))
    for name, array in sorted(arrays.items()):
        other = archive[name]
        assert array.shape == other.shape, name
        assert array.tobytes() == other.astype(array.dtype).tobytes(), name
        print(f"{name}: {array.dtype} {array.shape} {array.ravel()[:4]}")
    print("npy", numpy.load(os.path.join(folder, "written.npy")))
