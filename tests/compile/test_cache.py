"""Kernels are found again on disk, and only those that fit."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from glutarium.compile import CompiledKernel, compile_spec, pipeline
from glutarium.compile.emit import Source
from glutarium.errors import CompileError
from glutarium.kept import cache_folder
from glutarium.model.expr import Symbol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glutarium.compile.differentiate import Differentiated
    from glutarium.model.spec import ModelSpec


@pytest.fixture
def decay(one_pool: Callable[..., ModelSpec]) -> ModelSpec:
    return one_pool(-1.0 * Symbol("k") * Symbol("x"), {"k": 2.0})


def rate(kernel: CompiledKernel) -> float:
    out = np.empty(1)
    kernel.rhs(0.0, np.array([3.0]), np.array([2.0]), out)
    return float(out[0])


def test_second_compilation_is_a_hit(decay: ModelSpec, tmp_path: Path) -> None:
    first = compile_spec(decay, cache=tmp_path)
    second = compile_spec(decay, cache=tmp_path)
    assert (first.record.cached, second.record.cached) == (False, True)
    assert {"analyse", "lower", "differentiate", "emit", "assemble"} <= set(first.record.seconds)
    assert "assemble" not in second.record.seconds
    assert first.record.file == second.record.file
    assert rate(first) == rate(second) == -6.0
    np.testing.assert_array_equal(first.sparsity.indices, second.sparsity.indices)


def test_values_do_not_count_but_structure_does(decay: ModelSpec, tmp_path: Path) -> None:
    compile_spec(decay, cache=tmp_path)
    other_value = replace(decay, parameters=(replace(decay.parameters[0], value=9.0),))
    assert compile_spec(other_value, cache=tmp_path).record.cached
    state = replace(decay.states[0], direct=Symbol("k") * Symbol("x"))
    changed = compile_spec(replace(decay, states=(state,)), cache=tmp_path)
    assert not changed.record.cached
    assert rate(changed) == 6.0


@pytest.mark.parametrize("damage", [b"", b"not a kernel", None])
def test_a_damaged_file_is_compiled_again(
    decay: ModelSpec, tmp_path: Path, damage: bytes | None
) -> None:
    file = compile_spec(decay, cache=tmp_path).record.file
    assert file is not None
    data = file.read_bytes()
    flipped = data[:200] + bytes([data[200] ^ 255]) + data[201:]
    file.write_bytes(flipped if damage is None else damage)
    again = compile_spec(decay, cache=tmp_path)
    assert not again.record.cached
    assert rate(again) == -6.0
    assert compile_spec(decay, cache=tmp_path).record.cached


def test_a_folder_that_cannot_be_made_does_not_stop_a_run(decay: ModelSpec, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    kernel = compile_spec(decay, cache=blocked / "kernels")
    assert kernel.record.file is None
    assert rate(kernel) == -6.0


def test_the_environment_chooses_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLUTARIUM_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("GLUTARIUM_CACHE", "off")
    assert cache_folder() is None
    monkeypatch.delenv("GLUTARIUM_CACHE")
    folder = cache_folder()
    assert folder is not None
    assert folder.parts[-2:] == ("glutarium", "kernels")


def test_without_a_cache_nothing_is_stored(
    decay: ModelSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLUTARIUM_CACHE", "off")
    assert [compile_spec(decay).record.cached for _ in range(2)] == [False, False]


def test_code_that_fails_is_kept_and_named(
    decay: ModelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Differentiated) -> Source:
        return Source("define nonsense", 0, 1)

    monkeypatch.setattr(pipeline, "emit", broken)
    with pytest.raises(CompileError, match="'one pool' could not be compiled") as caught:
        compile_spec(decay, cache=tmp_path)
    (kept,) = tmp_path.glob("failed-*.ll")
    assert str(kept) in str(caught.value)
    assert kept.read_text() == "define nonsense"
    monkeypatch.undo()
    assert not compile_spec(decay, cache=tmp_path).record.cached


def test_unknown_functions_are_refused(decay: ModelSpec, tmp_path: Path) -> None:
    kernel = compile_spec(decay, cache=tmp_path)
    assert kernel.address("rhs") > 0
    with pytest.raises(CompileError, match="no function 'lu'"):
        kernel.address("lu")


def test_a_pickled_kernel_is_rebuilt(decay: ModelSpec, tmp_path: Path) -> None:
    kernel = pickle.loads(pickle.dumps(compile_spec(decay, cache=tmp_path)))
    assert kernel.record.cached
    assert rate(kernel) == -6.0


RECEIVER = """
import pickle, sys
import numpy as np
kernel, out = pickle.load(sys.stdin.buffer), np.empty(1)
kernel.rhs(0.0, np.array([3.0]), np.array([2.0]), out)
print(kernel.record.cached, out[0])
"""


def test_processes_share_a_folder(decay: ModelSpec, tmp_path: Path) -> None:
    data = pickle.dumps(compile_spec(decay, cache=tmp_path))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", RECEIVER]
    run = subprocess.run(command, input=data, env=environment, capture_output=True, check=True)
    assert run.stdout.split() == [b"True", b"-6.0"]


def test_writers_at_the_same_time_do_no_harm(decay: ModelSpec, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        kernels = list(pool.map(lambda _: compile_spec(decay, cache=tmp_path), range(16)))
    assert {rate(kernel) for kernel in kernels} == {-6.0}
    assert len(list(tmp_path.iterdir())) == 1
